import type { FakeRequest } from '../http/request.ts';
import { findUser } from '../model/accounts.ts';
import type { World } from '../model/world.ts';
import { anonymous, type Caller } from './access.ts';
import { liveToken } from './oauth.ts';
import { sessionOf } from './sessions.ts';

/**
 * Who calls the API. Only an OAuth token and a signed-in session count; Basic, robot and registry tokens are as good as
 * nothing, without an error.
 */
export function identify(world: World, request: FakeRequest): Caller {
  const bearer = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return fromToken(world, bearer);
  const current = sessionOf(world, request);
  const user = current?.session.user;
  if (user === undefined || findUser(world, user) === undefined) return anonymous;
  return { user, scopes: 'direct', via: 'session' };
}

function fromToken(world: World, value: string): Caller {
  const token = liveToken(world, value);
  if (token === undefined) return anonymous;
  token.lastAccessed = world.clock.now();
  return { user: token.user, scopes: new Set(token.scope.split(' ')), via: 'oauth', token: value };
}
