/**
 * What a token lacks for a plan, found out before anything is written and by reading alone: Quay has no call that tells a
 * token's scopes, but each scope opens some reading call. What cannot be asked counts as there.
 */
import { isTranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { QuayClient } from '../client.ts';
import { endpoints, type Scope } from '../endpoints.ts';
import { isForbidden } from '../forbidden.ts';
import { absentRepository } from '../liveness.ts';
import type { QuayChange } from './change.ts';

export interface MissingScope {
  readonly scope: Scope;
  /** The first change that would need it. */
  readonly object: string;
}

/** `existing`: the organisations of the plan that are on the server, in which rights can be asked for. */
export async function missingScopes(
  quay: QuayClient,
  changes: readonly QuayChange[],
  existing: ReadonlySet<string>,
  options: CallOptions = {},
): Promise<readonly MissingScope[]> {
  const missing: MissingScope[] = [];
  const made = new Set(changes.filter(({ action }) => action === 'create').map(({ object }) => object));
  const forAll = quay.features?.isOn('NONSUPERUSER_TEAM_SYNCING_SETUP') === true;
  for (const [scope, needing] of neededScopes(changes, forAll)) {
    const asked = probe(quay, scope, needing, { existing, made }, options);
    const [first] = needing;
    if (asked !== undefined && first !== undefined && (await isRefused(asked)))
      missing.push({ scope, object: first.object });
  }
  return missing;
}

/** Teams are filled from a directory by superusers, unless the server lets every owner set that up. */
function neededScopes(changes: readonly QuayChange[], syncingForAll: boolean): Map<Scope, QuayChange[]> {
  const needed = new Map<Scope, QuayChange[]>();
  for (const change of changes) {
    const syncs = change.calls.some(({ name }) => name === 'syncTeam' || name === 'unsyncTeam');
    const scopes = change.calls.map((call): Scope => endpoints[call.name].scope);
    if (syncs && !syncingForAll) scopes.push('super:user');
    for (const scope of new Set(scopes)) {
      needed.set(scope, [...(needed.get(scope) ?? []), change]);
    }
  }
  return needed;
}

interface Known {
  readonly existing: ReadonlySet<string>;
  /** What the plan itself makes. */
  readonly made: ReadonlySet<string>;
}

/** The reading call that the scope opens, where there is one. */
function probe(
  quay: QuayClient,
  scope: Scope,
  needing: readonly QuayChange[],
  { existing, made }: Known,
  options: CallOptions,
): Promise<unknown> | undefined {
  if (scope === 'super:user') return quay.call('listAllUsers', { ...options, query: { limit: 1 } });
  if (scope === 'user:admin') return quay.call('listUserRobots', { ...options, query: { limit: 1, token: false } });
  const organization = needing.map(organizationOf).find((name) => name !== undefined && existing.has(name));
  if (organization === undefined) return undefined;
  const parameters = { organization };
  if (scope === 'org:admin') return quay.call('listApplications', { ...options, parameters });
  if (scope === 'repo:create')
    return quay.call('listRobots', { ...options, parameters, query: { limit: 1, token: false } });
  if (scope !== 'repo:admin') return undefined;
  const repository = repositoryOf(needing, existing, made);
  if (repository !== undefined) return quay.find('listUserPermissions', { ...options, parameters: { repository } });
  return askAboutNewOnes(quay, organization, options);
}

/**
 * Whether repositories that are still to be made may be administered. Who is no administrator of the organisation is refused a
 * repository that does not exist, and yet becomes administrator of those that he makes: then it cannot be asked.
 */
async function askAboutNewOnes(quay: QuayClient, organization: string, options: CallOptions): Promise<unknown> {
  const view = await quay.find('getOrganization', { ...options, parameters: { organization } });
  if (view?.is_admin !== true) return undefined;
  const repository = `${organization}/${absentRepository}`;
  return quay.find('listUserPermissions', { ...options, parameters: { repository } });
}

async function isRefused(asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked;
    return false;
  } catch (error) {
    if (isForbidden(error)) return true;
    if (isTranshipError(error) && error.code === 'E_QUAY_UNSUPPORTED') return false;
    throw error;
  }
}

function organizationOf(change: QuayChange): string | undefined {
  for (const { parameters = {}, body } of change.calls) {
    const named = parameters['organization'] ?? parameters['repository']?.split('/', 1)[0];
    if (named !== undefined) return named;
    const namespace: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'namespace') : undefined;
    if (typeof namespace === 'string') return namespace;
  }
  return undefined;
}

/** A repository that is there: someone may be its admin without being the organisation's. */
function repositoryOf(
  changes: readonly QuayChange[],
  existing: ReadonlySet<string>,
  made: ReadonlySet<string>,
): string | undefined {
  return changes
    .flatMap((change) => change.calls.map((call) => call.parameters?.['repository']))
    .find((name) => name !== undefined && existing.has(name.split('/', 1)[0] ?? '') && !made.has(`repository ${name}`));
}
