import { type Caller, hasFullAccess, isSuperUser, organizationRank, repositoryRank } from '../auth/access.ts';
import type { Reply, ReplyError } from '../http/reply.ts';
import type { FakeRequest } from '../http/request.ts';
import { findOrganization, findUser } from '../model/accounts.ts';
import { findRepository, splitPath } from '../model/repositories.ts';
import type { Account, Repository } from '../model/types.ts';
import type { World } from '../model/world.ts';
import { apiError } from './errors.ts';

/** One call of the API on its way through its handler. */
export interface Call {
  readonly world: World;
  readonly request: FakeRequest;
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The validated JSON body; `{}` where the route has none. */
  readonly body: Readonly<Record<string, unknown>>;
}

type Handler = (call: Call) => Reply | Promise<Reply>;
export type Handlers = Readonly<Record<string, Handler>>;

export function param(call: Call, name: string): string {
  return call.params[name] ?? '';
}

export function notFound(call: Call): ReplyError {
  return apiError(call.world.origin, 'not_found', 'Not Found');
}

export function invalidRequest(call: Call, message: string): ReplyError {
  return apiError(call.world.origin, 'invalid_request', message);
}

/** 401 to nobody, 403 to somebody: whether the thing exists is not told. */
export function refused(call: Call): ReplyError {
  return call.caller.user === undefined
    ? apiError(call.world.origin, 'invalid_token', 'Requires authentication')
    : apiError(call.world.origin, 'insufficient_scope', 'Unauthorized');
}

/** The signed-in user; refuses anonymous callers. */
export function currentUser(call: Call): Account {
  const user = call.caller.user === undefined ? undefined : findUser(call.world, call.caller.user);
  if (user === undefined) throw refused(call);
  return user;
}

export function requireOrganizationAdmin(call: Call, organization: string): void {
  if (organizationRank(call.world, call.caller, organization) < 3 && !hasFullAccess(call.world, call.caller)) {
    throw refused(call);
  }
}

export function requireOrganizationMember(call: Call, organization: string): void {
  if (organizationRank(call.world, call.caller, organization) < 1 && !hasFullAccess(call.world, call.caller)) {
    throw refused(call);
  }
}

export function requireSuperUser(call: Call): void {
  if (!isSuperUser(call.world, call.caller)) throw refused(call);
}

/** The organisation of the path; 404 where there is none. */
export function organizationOf(call: Call, name = param(call, 'orgname')): Account {
  const organization = findOrganization(call.world, name);
  if (organization === undefined) throw notFound(call);
  return organization;
}

/** The repository of the path; 404 where there is none. Whether the caller may see it has been asked before. */
export function repositoryOf(call: Call): Repository {
  const repository = maybeRepository(call);
  if (repository === undefined) throw notFound(call);
  return repository;
}

export function maybeRepository(call: Call): Repository | undefined {
  return findRepository(call.world, param(call, 'repository'));
}

const ranks: Readonly<Record<string, number>> = { 'repo:read': 1, 'repo:write': 2, 'repo:admin': 3 };

/** The guard of every route under `/repository/`. Reading a public repository needs nobody. */
export function requireRepositoryScope(call: Call, scope: string): void {
  const { namespace, name } = splitPath(param(call, 'repository'));
  const rank = ranks[scope] ?? 3;
  if (repositoryRank(call.world, call.caller, namespace, name) >= rank) return;
  if (rank === 1 && maybeRepository(call)?.public === true) return;
  if (hasFullAccess(call.world, call.caller)) return;
  throw refused(call);
}

export function flag(call: Call, name: string, fallback: boolean): boolean {
  const value = call.query.get(name);
  return value === null ? fallback : value !== 'false' && value !== '0' && value !== '';
}

/** A string member of the body, or `undefined`. */
export function textOf(call: Call, name: string): string | undefined {
  const value = call.body[name];
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(call: Call, name: string): number | undefined {
  const value = call.body[name];
  return typeof value === 'number' ? value : undefined;
}

export function objectOf(call: Call, name: string): Readonly<Record<string, unknown>> | undefined {
  const value = call.body[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
