import { findUser } from '../model/accounts.ts';
import type { Account, Application, OAuthToken } from '../model/types.ts';
import { nextId, randomText, randomUUID, type World } from '../model/world.ts';

const allScopes = [
  'repo:read',
  'repo:write',
  'repo:admin',
  'repo:create',
  'user:read',
  'user:admin',
  'org:admin',
  'super:user',
] as const;

/** Ten years: the life of a token unless it is told otherwise, and the most it can have. */
export const longestTokenSeconds = 315_576_000;

/** The token that `value` is now: not expired, its user alive. */
export function liveToken(world: World, value: string): OAuthToken | undefined {
  const token = world.oauthTokens.get(value);
  if (token === undefined || token.expires <= world.clock.now()) return undefined;
  return findUser(world, token.user)?.enabled === true ? token : undefined;
}

/** The scopes in `text` (blank or comma between them) in order, or `undefined` if one is not a scope. */
export function parseScopes(text: string): readonly string[] | undefined {
  const scopes = text
    .replaceAll(',', ' ')
    .split(' ')
    .filter((scope) => scope !== '');
  if (scopes.length === 0 || !scopes.every(isScope)) return undefined;
  return scopes;
}

export function addToken(
  world: World,
  {
    user,
    application,
    organization,
    scopes,
    seconds = longestTokenSeconds,
    name = null,
  }: {
    readonly user: Account;
    readonly application: Pick<Application, 'clientId' | 'name'>;
    readonly organization: string;
    readonly scopes: readonly string[];
    readonly seconds?: number;
    readonly name?: string | null;
  },
): OAuthToken {
  const token: OAuthToken = {
    id: nextId(world, 'oauthtoken'),
    uuid: randomUUID(),
    token: randomText(40),
    user: user.username,
    clientId: application.clientId,
    applicationName: application.name,
    organization,
    name,
    scope: scopes.join(' '),
    created: world.clock.now(),
    expires: world.clock.now() + Math.min(seconds, longestTokenSeconds) * 1000,
  };
  world.oauthTokens.set(token.token, token);
  return token;
}

function isScope(scope: string): boolean {
  return (allScopes as readonly string[]).includes(scope);
}
