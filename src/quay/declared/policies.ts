/** Auto-prune and immutability policies, of organisations and of repositories: the same shapes under two paths. */

import type { EndpointName } from '../endpoints.ts';
import { type Comparison, call, changesOnly, create, remove, together, update } from './change.ts';
import { equalValues, matchLists } from './match.ts';
import type { ObservedOrganization } from './observed.ts';
import type { DeclaredImmutability, DeclaredPrune } from './types.ts';

/** Whose policies: the parameters of its paths and how people call it. */
export interface Owner {
  readonly kind: 'organization' | 'repository';
  readonly name: string;
}

type ObservedPrune = NonNullable<ObservedOrganization['autoPrune']>[number];
type ObservedImmutability = NonNullable<ObservedOrganization['immutability']>[number];

export function comparePrune(
  owner: Owner,
  declared: readonly DeclaredPrune[] | undefined,
  observed: readonly ObservedPrune[] = [],
): Comparison {
  const calls = {
    create: pick(owner, 'createOrganizationPrune', 'createRepositoryPrune'),
    change: pick(owner, 'changeOrganizationPrune', 'changeRepositoryPrune'),
    remove: pick(owner, 'deleteOrganizationPrune', 'deleteRepositoryPrune'),
  };
  return comparePolicies('auto-prune policy', owner, calls, declared?.map(pruneBody), observed, prunePart);
}

export function compareImmutability(
  owner: Owner,
  declared: readonly DeclaredImmutability[] | undefined,
  observed: readonly ObservedImmutability[] = [],
): Comparison {
  const calls = {
    create: pick(owner, 'createOrganizationImmutability', 'createRepositoryImmutability'),
    change: pick(owner, 'changeOrganizationImmutability', 'changeRepositoryImmutability'),
    remove: pick(owner, 'deleteOrganizationImmutability', 'deleteRepositoryImmutability'),
  };
  return comparePolicies(
    'immutability policy',
    owner,
    calls,
    declared?.map(immutabilityBody),
    observed,
    immutabilityPart,
  );
}

interface PolicyCalls {
  readonly create: EndpointName;
  readonly change: EndpointName;
  readonly remove: EndpointName;
}

type Body = Readonly<Record<string, unknown>>;

function comparePolicies<Observed extends { readonly uuid: string }>(
  what: string,
  owner: Owner,
  calls: PolicyCalls,
  declared: readonly Body[] | undefined,
  observed: readonly Observed[],
  partOf: (policy: Observed) => Body,
): Comparison {
  if (declared === undefined) return together();
  const parameters = { [owner.kind]: owner.name };
  const object = (body: Body) => `${what} of ${owner.name} (${words(body)})`;
  const match = matchLists(declared, observed, (body, policy) => equalValues(body, partOf(policy)));
  return changesOnly(
    ...match.missing.map((body) => create(object(body), [call(calls.create, parameters, body)])),
    ...match.replaced.map(({ declared: body, observed: policy }) =>
      update(object(body), `was: ${words(partOf(policy))}`, [
        call(calls.change, { ...parameters, uuid: policy.uuid }, body),
      ]),
    ),
    ...match.extra.map((policy) =>
      remove(
        object(partOf(policy)),
        [call(calls.remove, { ...parameters, uuid: policy.uuid })],
        'not among the declared ones',
      ),
    ),
  );
}

function pruneBody(policy: DeclaredPrune): Body {
  return {
    ...(policy.keepNewest === undefined
      ? { method: 'creation_date', value: policy.keepFor }
      : { method: 'number_of_tags', value: policy.keepNewest }),
    ...(policy.tags === undefined ? {} : { tagPattern: policy.tags, tagPatternMatches: policy.matches ?? true }),
  };
}

function prunePart(policy: ObservedPrune): Body {
  return {
    method: policy.method,
    value: policy.value,
    // Without a pattern the flag says nothing, whatever the server shows.
    ...(policy.tagPattern
      ? { tagPattern: policy.tagPattern, tagPatternMatches: policy.tagPatternMatches ?? true }
      : {}),
  };
}

function immutabilityBody(policy: DeclaredImmutability): Body {
  return { tagPattern: policy.tags, tagPatternMatches: policy.matches ?? true };
}

function immutabilityPart(policy: ObservedImmutability): Body {
  return { tagPattern: policy.tagPattern, tagPatternMatches: policy.tagPatternMatches ?? true };
}

function words(body: Body): string {
  return Object.values(body).map(String).join(' ');
}

function pick(owner: Owner, organization: EndpointName, repository: EndpointName): EndpointName {
  return owner.kind === 'organization' ? organization : repository;
}
