import { findRobot, findUser } from '../model/accounts.ts';
import type { Account } from '../model/types.ts';
import { feature, type World } from '../model/world.ts';
import type { Caller } from './access.ts';
import { liveToken } from './oauth.ts';

export type Login =
  | { readonly caller: Caller; readonly context: LoginContext }
  | { readonly error: string; readonly throttled?: true };

/** How registry tokens describe who logged in. */
export interface LoginContext {
  readonly entityKind: 'user' | 'robot' | 'oauthtoken' | 'appspecifictoken';
  readonly reference: string;
  readonly user: string;
}

/** A login by name and password as `docker login` sends it. */
export function logIn(world: World, name: string, password: string): Login {
  if (name === '$oauthtoken') return logInWithOAuth(world, password);
  if (name === '$app') return logInWithAppToken(world, password);
  if (name === '$token') return { error: 'Invalid access token' };
  if (name.includes('+')) return logInRobot(world, name, password);
  const result = checkPassword(world, name, password);
  if (!('user' in result)) return result;
  return direct(result.user.username, { entityKind: 'user', reference: result.user.uuid, user: result.user.username });
}

export type PasswordResult = { readonly user: Account } | { readonly error: string; readonly throttled?: true };

const throttledMessage = 'Too many login attempts. \nPlease reset your Quay password and try again.';

/** One failed password makes further tries wait, each failure twice as long; a right one ends that. */
export function checkPassword(world: World, name: string, password: string): PasswordResult {
  const user = findUser(world, name) ?? findByEmail(world, name);
  if (user === undefined) return { error: 'Invalid Username or Password' };
  if (user.throttledUntil > world.clock.now()) return { error: throttledMessage, throttled: true };
  if (user.password === undefined || (password !== user.password && password !== encryptedPassword(user.password))) {
    user.failedLogins += 1;
    user.throttledUntil = world.clock.now() + 5000 * (2 ** user.failedLogins - 1);
    return { error: 'Invalid Username or Password' };
  }
  if (!user.enabled) return { error: 'This user has been disabled. Please contact your administrator.' };
  user.failedLogins = 0;
  user.throttledUntil = 0;
  return { user };
}

/** What stands in for the encrypted form that Quay gives out beside a password. */
export function encryptedPassword(password: string): string {
  return `encrypted-${Buffer.from(password).toString('base64url')}`;
}

function findByEmail(world: World, email: string): Account | undefined {
  return [...world.accounts.values()].find((account) => account.kind === 'user' && account.email === email);
}

function logInWithOAuth(world: World, value: string): Login {
  const token = liveToken(world, value);
  if (token === undefined) return { error: 'OAuth access token could not be validated' };
  token.lastAccessed = world.clock.now();
  return {
    caller: { user: token.user, scopes: new Set(token.scope.split(' ')), via: 'oauth', token: value },
    context: { entityKind: 'oauthtoken', reference: token.uuid, user: token.user },
  };
}

function logInWithAppToken(world: World, code: string): Login {
  const token = world.appTokens.find((candidate) => candidate.code === code);
  if (token === undefined || !feature(world, 'APP_SPECIFIC_TOKENS')) return { error: 'Invalid token' };
  token.lastAccessed = world.clock.now();
  return direct(token.user, { entityKind: 'appspecifictoken', reference: token.uuid, user: token.user });
}

function logInRobot(world: World, name: string, password: string): Login {
  const robot = findRobot(world, name);
  if (robot?.robot === undefined) return { error: 'Could not find robot with specified username' };
  if (robot.robot.token !== password) {
    return { error: `Could not find robot with username: ${name} and supplied password.` };
  }
  robot.lastAccessed = world.clock.now();
  moveToEnd(world, robot);
  return direct(name, { entityKind: 'robot', reference: name, user: name });
}

/** The database puts a changed row behind the others, and that is the order in which robots are listed. */
function moveToEnd(world: World, account: Account): void {
  world.accounts.delete(account.username);
  world.accounts.set(account.username, account);
}

function direct(user: string, context: LoginContext): Login {
  return { caller: { user, scopes: 'direct', via: 'basic' }, context };
}
