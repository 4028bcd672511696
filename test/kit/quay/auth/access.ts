import { findNamespace, isOrganizationAdmin, teamsOf } from '../model/accounts.ts';
import { roleRank } from '../model/repositories.ts';
import type { Repository, Role } from '../model/types.ts';
import { feature, type World } from '../model/world.ts';

/** Who asks. Rights are the smaller of what the user has and what the token's scopes allow. */
export interface Caller {
  /** `undefined` is anonymous: no credential, or one that Quay does not accept here. */
  readonly user: string | undefined;
  /** `direct` for a signed-in session or a login with a password, which may do all that the user may. */
  readonly scopes: ReadonlySet<string> | 'direct';
  readonly via: 'anonymous' | 'oauth' | 'session' | 'basic';
  /** The OAuth token's value. */
  readonly token?: string;
}

export const anonymous: Caller = { user: undefined, scopes: new Set(), via: 'anonymous' };

const scopeRoles: readonly (readonly [string, number])[] = [
  ['repo:admin', 3],
  ['repo:write', 2],
  ['repo:read', 1],
];

/** 0 nothing, 1 read, 2 write, 3 admin: what `caller` may do in the repository `namespace/name`, which need not exist. */
export function repositoryRank(world: World, caller: Caller, namespace: string, name: string): number {
  if (caller.user === undefined) return 0;
  const ceiling = largest(caller, scopeRoles, 3);
  if (ceiling === 0) return 0;
  const repository = world.repositories.get(`${namespace}/${name}`);
  return Math.min(
    ceiling,
    Math.max(namespaceWideRank(world, caller.user, namespace), grantedRank(world, caller.user, repository)),
  );
}

/**
 * Whether listings show a repository to `user`: by a right of its own, of a team, or as the organisation's admin. What others
 * made in the user's own namespace is not listed.
 */
export function isGranted(world: World, user: string, repository: Repository): boolean {
  return grantedRank(world, user, repository) > 0 || isOrganizationAdmin(world, repository.namespace, user);
}

function namespaceWideRank(world: World, user: string, namespace: string): number {
  return user === namespace || isOrganizationAdmin(world, namespace, user) ? 3 : 0;
}

function grantedRank(world: World, user: string, repository: Repository | undefined): number {
  if (repository === undefined) return 0;
  let rank = roleRank(repository.userRoles.get(user));
  for (const team of teamsOf(world, repository.namespace)) {
    if (team.members.has(user)) rank = Math.max(rank, roleRank(repository.teamRoles.get(team.name)));
  }
  return rank;
}

export function mayRepository(world: World, caller: Caller, repository: Repository, role: Role): boolean {
  return repositoryRank(world, caller, repository.namespace, repository.name) >= roleRank(role);
}

const organizationScopes: readonly (readonly [string, number])[] = [
  ['org:admin', 3],
  ['repo:create', 2],
];

/** 0 nothing, 1 member, 2 may create repositories, 3 admin of the organisation or own namespace. */
export function organizationRank(world: World, caller: Caller, organization: string): number {
  const { user } = caller;
  if (user === undefined) return 0;
  const ceiling = largest(caller, organizationScopes, 3);
  if (user === organization) return ceiling;
  const ranks = { member: 1, creator: 2, admin: 3 };
  const teams = teamsOf(world, organization).filter((team) => team.members.has(user));
  return Math.min(ceiling, Math.max(0, ...teams.map((team) => ranks[team.role])));
}

export function mayCreateRepository(world: World, caller: Caller, namespace: string): boolean {
  return findNamespace(world, namespace) !== undefined && organizationRank(world, caller, namespace) >= 2;
}

export function hasScope(caller: Caller, scope: string): boolean {
  return caller.user !== undefined && (caller.scopes === 'direct' || caller.scopes.has(scope));
}

export function mayReadUser(caller: Caller): boolean {
  return hasScope(caller, 'user:read') || hasScope(caller, 'user:admin');
}

export function isSuperUser(world: World, caller: Caller): boolean {
  const { user } = caller;
  return user !== undefined && world.settings.superUsers.has(user) && hasScope(caller, 'super:user');
}

/** A superuser who may also touch what belongs to others. */
export function hasFullAccess(world: World, caller: Caller): boolean {
  return feature(world, 'SUPERUSERS_FULL_ACCESS') && isSuperUser(world, caller);
}

function largest(caller: Caller, table: readonly (readonly [string, number])[], direct: number): number {
  if (caller.scopes === 'direct') return direct;
  for (const [scope, rank] of table) if (caller.scopes.has(scope)) return rank;
  return 0;
}
