import { json, noContent, ok, type Reply } from '../http/reply.ts';
import { logAction } from '../model/logs.ts';
import { repositoriesOf } from '../model/repositories.ts';
import { applyImmutability } from '../model/tags.ts';
import type { Account, AutoPrunePolicy, ImmutabilityPolicy, Repository } from '../model/types.ts';
import { knows, randomUUID } from '../model/world.ts';
import {
  type Call,
  type Handlers,
  invalidRequest,
  notFound,
  organizationOf,
  param,
  repositoryOf,
  requireOrganizationAdmin,
  textOf,
} from './call.ts';
import { adminUser } from './users.ts';

/** Auto-prune and immutability policies: the same verbs for organisations, repositories and users. */
export const policyHandlers: Handlers = {
  listOrganizationAutoPrunePolicies: (call) => listPrune(owner(call)),
  createOrganizationAutoPrunePolicy: (call) => createPrune(call, owner(call), 'namespace'),
  getOrganizationAutoPrunePolicy: (call) => ok(find(call, owner(call).autoPrune)),
  updateOrganizationAutoPrunePolicy: (call) => updatePrune(call, owner(call), 'namespace'),
  deleteOrganizationAutoPrunePolicy: (call) => remove(call, owner(call).autoPrune),

  listRepositoryAutoPrunePolicies: (call) => listPrune(repositoryOf(call)),
  createRepositoryAutoPrunePolicy: (call) => createPrune(call, repositoryOf(call), 'repository'),
  getRepositoryAutoPrunePolicy: (call) => ok(find(call, repositoryOf(call).autoPrune)),
  updateRepositoryAutoPrunePolicy: (call) => updatePrune(call, repositoryOf(call), 'repository'),
  deleteRepositoryAutoPrunePolicy: (call) => remove(call, repositoryOf(call).autoPrune),

  listUserAutoPrunePolicies: (call) => listPrune(adminUser(call)),
  createUserAutoPrunePolicy: (call) => createPrune(call, adminUser(call), 'namespace'),
  getUserAutoPrunePolicy: (call) => ok(find(call, adminUser(call).autoPrune)),
  updateUserAutoPrunePolicy: (call) => updatePrune(call, adminUser(call), 'namespace'),
  deleteUserAutoPrunePolicy: (call) => remove(call, adminUser(call).autoPrune),

  listOrgImmutabilityPolicies: (call) => ok({ policies: owner(call).immutability }),
  createOrgImmutabilityPolicy(call) {
    const organization = owner(call);
    if (organization.proxyCache !== undefined) {
      throw invalidRequest(call, 'Cannot create immutability policy on a proxy organization');
    }
    return createImmutability(call, organization, repositoriesOf(call.world, organization.username));
  },
  getOrgImmutabilityPolicy: (call) => ok(find(call, owner(call).immutability)),
  updateOrgImmutabilityPolicy: (call) => updateImmutability(call, owner(call)),
  deleteOrgImmutabilityPolicy: (call) => remove(call, owner(call).immutability),

  listRepositoryImmutabilityPolicies: (call) => ok({ policies: repositoryOf(call).immutability }),
  createRepositoryImmutabilityPolicy(call) {
    const repository = repositoryOf(call);
    return createImmutability(call, repository, [repository]);
  },
  getRepositoryImmutabilityPolicy: (call) => ok(find(call, repositoryOf(call).immutability)),
  updateRepositoryImmutabilityPolicy: (call) => updateImmutability(call, repositoryOf(call)),
  deleteRepositoryImmutabilityPolicy: (call) => remove(call, repositoryOf(call).immutability),
};

type Holder = Account | Repository;

function owner(call: Call): Account {
  requireOrganizationAdmin(call, param(call, 'orgname'));
  return organizationOf(call);
}

function find<P extends { readonly uuid: string }>(call: Call, policies: readonly P[]): P {
  const policy = policies.find((one) => one.uuid === param(call, 'policy_uuid'));
  if (policy === undefined) throw notFound(call);
  return policy;
}

function remove<P extends { readonly uuid: string }>(call: Call, policies: P[]): Reply {
  const policy = find(call, policies);
  policies.splice(policies.indexOf(policy), 1);
  log(call, 'delete', 'method' in policy ? 'autoprune' : 'immutability', { policy_uuid: policy.uuid });
  return ok({ uuid: policy.uuid });
}

function listPrune(holder: Holder): Reply {
  return ok({ policies: holder.autoPrune });
}

function createPrune(call: Call, holder: Holder, noun: string): Reply {
  const policy = { uuid: randomUUID(), ...pruneOf(call) };
  if (holder.autoPrune.some((one) => samePrune(one, policy))) throw duplicate(call, noun);
  holder.autoPrune.push(policy);
  log(call, 'create', 'autoprune', policy);
  return json(201, { uuid: policy.uuid });
}

function updatePrune(call: Call, holder: Holder, noun: string): Reply {
  const changes = pruneOf(call);
  const policy = find(call, holder.autoPrune);
  if (holder.autoPrune.some((one) => one !== policy && samePrune(one, { ...changes, uuid: '' }))) {
    throw duplicate(call, noun);
  }
  Object.assign(policy, changes);
  log(call, 'update', 'autoprune', policy);
  return noContent();
}

function duplicate(call: Call, noun: string) {
  return invalidRequest(
    call,
    `Existing policy with same values for this ${noun}, duplicate policies are not permitted`,
  );
}

function samePrune(a: AutoPrunePolicy, b: AutoPrunePolicy): boolean {
  return (
    a.method === b.method &&
    a.value === b.value &&
    a.tagPattern === b.tagPattern &&
    a.tagPatternMatches === b.tagPatternMatches
  );
}

function pruneOf(call: Call): Omit<AutoPrunePolicy, 'uuid'> {
  const method = textOf(call, 'method') ?? '';
  const value = call.body['value'] as number | string;
  if (method !== 'number_of_tags' && method !== 'creation_date') throw invalidRequest(call, 'Invalid method provided');
  if (!isPruneValue(method, value)) throw invalidRequest(call, 'Invalid value given for method type');
  const matches = call.body['tagPatternMatches'];
  return {
    method,
    value,
    // Before 3.13 a pattern was no part of a policy, and what is unknown in a body is passed over.
    tagPattern: knows(call.world, '3.13') ? (textOf(call, 'tagPattern') ?? null) : null,
    tagPatternMatches: typeof matches === 'boolean' ? matches : true,
  };
}

function isPruneValue(method: string, value: number | string): boolean {
  if (method === 'number_of_tags') return typeof value === 'number' && value > 0;
  return typeof value === 'string' && /^\d+[smhdw]$/.test(value);
}

function createImmutability(call: Call, holder: Holder, repositories: readonly Repository[]): Reply {
  const policy = { uuid: randomUUID(), ...immutabilityOf(call, holder) };
  holder.immutability.push(policy);
  for (const repository of repositories) applyImmutability(call.world, repository);
  log(call, 'create', 'immutability', policy);
  return json(201, { uuid: policy.uuid });
}

function updateImmutability(call: Call, holder: Holder): Reply {
  const policy = find(call, holder.immutability);
  Object.assign(policy, immutabilityOf(call, holder, policy));
  log(call, 'update', 'immutability', policy);
  return noContent();
}

function immutabilityOf(call: Call, holder: Holder, self?: ImmutabilityPolicy): Omit<ImmutabilityPolicy, 'uuid'> {
  const tagPattern = textOf(call, 'tagPattern') ?? '';
  if (tagPattern === '') throw invalidRequest(call, 'tag_pattern is required and must be a non-empty string');
  const problem = regexProblem(tagPattern);
  if (problem !== undefined) throw invalidRequest(call, `Invalid regex pattern: ${problem}`);
  const matches = call.body['tagPatternMatches'];
  const tagPatternMatches = typeof matches === 'boolean' ? matches : true;
  if (holder.immutability.some((one) => one !== self && one.tagPattern === tagPattern)) {
    throw invalidRequest(call, 'A policy with the same tag_pattern already exists');
  }
  return { tagPattern, tagPatternMatches };
}

/** What Python would say about a pattern; of its many messages, the one for a group that is not closed. */
function regexProblem(pattern: string): string | undefined {
  try {
    new RegExp(pattern);
    return undefined;
  } catch {
    return `missing ) at position ${pattern.length}`;
  }
}

function log(call: Call, verb: string, kind: 'autoprune' | 'immutability', policy: object): void {
  const path = call.params['repository'];
  const namespace =
    path === undefined ? (call.params['orgname'] ?? call.caller.user ?? '') : (path.split('/')[0] ?? '');
  const name = path?.slice(namespace.length + 1);
  const subject = name === undefined ? 'namespace' : 'repository';
  const logKind = kind === 'immutability' ? `${verb}_immutability_policy` : `${verb}_${subject}_autoprune_policy`;
  logAction(
    call,
    logKind,
    namespace,
    { namespace, ...(name === undefined ? {} : { repo: name }), ...details(policy) },
    name,
  );
}

function details(policy: object): object {
  if ('policy_uuid' in policy) return policy;
  if (!('method' in policy)) {
    const { tagPattern, tagPatternMatches } = policy as ImmutabilityPolicy;
    return { tag_pattern: tagPattern, tag_pattern_matches: tagPatternMatches };
  }
  const { method, value, tagPattern, tagPatternMatches } = policy as AutoPrunePolicy;
  return { method, value, tag_pattern: tagPattern, tag_pattern_matches: tagPatternMatches };
}
