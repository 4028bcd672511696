import { ReplyError, text } from '../http/reply.ts';
import type { FakeRequest } from '../http/request.ts';
import { findRepository } from '../model/repositories.ts';
import type { Repository } from '../model/types.ts';
import { feature, type World } from '../model/world.ts';
import { registryError } from './errors.ts';
import { type RegistryToken, readToken } from './tokens.ts';

/** One call of the registry protocol. */
export interface RegistryCall {
  readonly world: World;
  readonly request: FakeRequest;
  readonly params: Readonly<Record<string, string>>;
  readonly token: RegistryToken | undefined;
}

export function challenge(world: World, scope?: string): string {
  const { host } = new URL(world.origin);
  const base = `Bearer realm="${world.origin}/v2/auth",service="${host}"`;
  return scope === undefined ? base : `${base},scope="${scope}"`;
}

/** The registry token of a request. Anything else in `Authorization` is refused, Basic included. */
export function tokenOf(world: World, request: FakeRequest): RegistryToken | undefined {
  const header = request.headers['authorization'];
  if (header === undefined) return undefined;
  const value = /^Bearer\s+(\S+)$/i.exec(header)?.[1];
  const token = value === undefined ? undefined : readToken(world, value);
  if (token !== undefined) return token;
  throw new ReplyError(
    text(401, '{"error": "Invalid bearer token format"}', {
      'WWW-Authenticate': challenge(world),
      'Docker-Distribution-API-Version': 'registry/2.0',
    }),
  );
}

export function repositoryPath(call: RegistryCall): string {
  return repositoryName(call.world, call.params['repository'] ?? '');
}

/** Without the registry's own host in front; a name alone is in `library`. */
export function repositoryName(world: World, text: string): string {
  const { host } = new URL(world.origin);
  const bare = text.startsWith(`${host}/`) ? text.slice(host.length + 1) : text;
  return bare.includes('/') || !feature(world, 'LIBRARY_SUPPORT') ? bare : `library/${bare}`;
}

export function readableRepository(call: RegistryCall): Repository {
  const path = repositoryPath(call);
  const repository = findRepository(call.world, path);
  if (!allows(call, path, 'pull') && repository?.public !== true) throw unauthorized(call, 'pull');
  if (repository === undefined) throw registryError('NAME_UNKNOWN');
  return repository;
}

export function writableRepository(call: RegistryCall): Repository {
  const path = repositoryPath(call);
  if (!allows(call, path, 'push')) throw unauthorized(call, 'pull,push');
  const repository = findRepository(call.world, path);
  if (repository === undefined) throw registryError('NAME_UNKNOWN');
  return repository;
}

/** Whether the token of this call was given `action` on the repository. */
export function allows(call: RegistryCall, path: string, action: string): boolean {
  return (
    call.token?.access.some(
      (entry) =>
        repositoryName(call.world, entry.name) === path &&
        (entry.actions.includes(action) || entry.actions.includes('*')),
    ) === true
  );
}

function unauthorized(call: RegistryCall, actions: string): ReplyError {
  const scope = `repository:${repositoryPath(call)}:${actions}`;
  return registryError('UNAUTHORIZED', {
    headers: {
      'WWW-Authenticate': challenge(call.world, scope),
      'Docker-Distribution-API-Version': 'registry/2.0',
    },
  });
}
