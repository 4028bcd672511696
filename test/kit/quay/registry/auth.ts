import { anonymous, type Caller, hasFullAccess, mayCreateRepository, repositoryRank } from '../auth/access.ts';
import { type LoginContext, logIn } from '../auth/login.ts';
import { json, type Reply, text } from '../http/reply.ts';
import type { FakeRequest } from '../http/request.ts';
import { findNamespace } from '../model/accounts.ts';
import { isRepositoryName } from '../model/names.ts';
import { addRepository, findRepository, splitPath } from '../model/repositories.ts';
import type { Repository } from '../model/types.ts';
import { feature, type World } from '../model/world.ts';
import { challenge, repositoryName } from './context.ts';
import { registryError } from './errors.ts';
import { type Access, issueToken } from './tokens.ts';

const scopePattern =
  /^repository:((?:[.a-zA-Z0-9_-]+(?::\d+)?\/)?(?:[.a-zA-Z0-9_-]+\/)*[.a-zA-Z0-9_-]+):((?:push|pull|\*)(?:,(?:push|pull|\*))*)$/;

/**
 * `GET /v2/auth`: a token for the scopes asked for, as far as the caller has them. It refuses a bad login but never a lack of
 * rights: it leaves the actions out. Asking for push on a repository that does not exist makes it.
 */
export function answerAuth(world: World, request: FakeRequest): Reply {
  const login = loginOf(world, request);
  if ('reply' in login) return login.reply;
  const scopes = request.query.getAll('scope').filter((scope) => scope !== '');
  if (scopes.length === 0 && login.context === undefined) return unauthorized(world);
  const grants = scopes.map((scope) => grant(world, login.caller, scope));
  const token = issueToken(
    world,
    login.context,
    grants.map(({ access }) => access),
    request.query.get('service'),
    grants.map(({ path }) => path),
  );
  return json(200, { token }, { 'Cache-Control': 'no-cache, no-store, must-revalidate' });
}

interface LoggedIn {
  readonly caller: Caller;
  readonly context: LoginContext | undefined;
}

function loginOf(world: World, request: FakeRequest): LoggedIn | { readonly reply: Reply } {
  const header = request.headers['authorization'];
  if (header === undefined) return { caller: anonymous, context: undefined };
  const basic = /^Basic\s+(\S+)$/i.exec(header)?.[1];
  if (basic === undefined) return { reply: unauthorized(world) };
  const [name = '', ...password] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  const login = logIn(world, name, password.join(':'));
  if (!('error' in login)) return login;
  if (login.throttled === true) return { reply: text(429, login.error, { 'Retry-After': '0' }) };
  return { reply: unauthorized(world, login.error) };
}

function unauthorized(world: World, message?: string): Reply {
  const headers = { 'WWW-Authenticate': challenge(world), 'Docker-Distribution-API-Version': 'registry/2.0' };
  return registryError('UNAUTHORIZED', message === undefined ? { headers } : { message, headers }).reply;
}

interface Grant {
  readonly access: Access;
  readonly path: string;
}

function grant(world: World, caller: Caller, scope: string): Grant {
  const match = scopePattern.exec(scope);
  if (match === null) {
    throw registryError('INVALID_REQUEST', { message: `Unable to decode repository and actions: ${scope}` });
  }
  const asked = match[1] ?? '';
  const path = repositoryName(world, asked);
  const actions = new Set((match[2] ?? '').split(','));
  const { namespace, name } = splitPath(path);
  if (!isRepositoryName(name, feature(world, 'EXTENDED_REPOSITORY_NAMES')) || namespace !== namespace.toLowerCase()) {
    throw registryError('NAME_INVALID', { message: `Invalid repository name: ${path}` });
  }
  return { path, access: { type: 'repository', name: asked, actions: actionsFor(world, caller, path, actions) } };
}

function actionsFor(world: World, caller: Caller, path: string, asked: ReadonlySet<string>): string[] {
  const { namespace, name } = splitPath(path);
  const granted: string[] = [];
  if (asked.has('push') && mayPush(world, caller, path)) granted.push('push');
  const repository = findRepository(world, path);
  const full = hasFullAccess(world, caller) && repository !== undefined;
  const rank = repositoryRank(world, caller, namespace, name);
  if (asked.has('pull') && (rank >= 1 || repository?.public === true || full)) granted.push('pull');
  if (asked.has('*') && (rank >= 3 || full)) granted.push('*');
  return granted;
}

function mayPush(world: World, caller: Caller, path: string): boolean {
  if (caller.user === undefined) return false;
  const repository = findRepository(world, path);
  return repository === undefined ? createOnPush(world, caller, path) : mayPushTo(world, caller, repository);
}

function mayPushTo(world: World, caller: Caller, repository: Repository): boolean {
  const { namespace, name, state } = repository;
  const mayWrite = repositoryRank(world, caller, namespace, name) >= 2 || hasFullAccess(world, caller);
  if (!mayWrite) return false;
  if (state === 'MIRROR') return repository.mirror?.robot === caller.user;
  if (state === 'ORG_MIRROR') return findNamespace(world, namespace)?.mirror?.robot === caller.user;
  return state === 'NORMAL';
}

function createOnPush(world: World, caller: Caller, path: string): boolean {
  const { namespace, name } = splitPath(path);
  const owner = findNamespace(world, namespace);
  if (owner === undefined || owner.mirror !== undefined) return false;
  if (!mayCreateRepository(world, caller, namespace) && !hasFullAccess(world, caller)) return false;
  // Unlike the API's, this creation is not logged.
  addRepository(world, { namespace, name, description: null, isPublic: false }, caller.user);
  return true;
}
