import { randomBytes } from 'node:crypto';
import type { Reply } from '../http/reply.ts';
import type { FakeRequest } from '../http/request.ts';
import type { Session } from '../model/types.ts';
import type { World } from '../model/world.ts';

/** The cookie that carries a session. Its value is the session's key. */
const cookieName = '_csrf_token';

export interface CurrentSession {
  readonly key: string;
  readonly session: Session;
}

export function sessionOf(world: World, request: FakeRequest): CurrentSession | undefined {
  const cookie = request.headers.cookie ?? '';
  for (const part of cookie.split(';')) {
    const [name, ...value] = part.trim().split('=');
    if (name !== cookieName) continue;
    const key = value.join('=');
    const session = world.sessions.get(key);
    if (session !== undefined) return { key, session };
  }
  return undefined;
}

export function startSession(world: World, user?: string): CurrentSession {
  const key = `session-${randomBytes(24).toString('base64url')}`;
  const session: Session = {
    csrf: randomBytes(24).toString('base64url'),
    freshAt: world.clock.now(),
    ...(user === undefined ? {} : { user }),
  };
  world.sessions.set(key, session);
  return { key, session };
}

/** Adds the cookie, and after signing in also the next CSRF token. */
export function withSession(reply: Reply, { key, session }: CurrentSession, showCsrf = false): Reply {
  const cookie = `${cookieName}=${key}; HttpOnly; Path=/; SameSite=Lax`;
  const headers = { ...reply.headers, 'Set-Cookie': cookie, Vary: 'Cookie' };
  return { ...reply, headers: showCsrf ? { ...headers, 'X-Next-CSRF-Token': session.csrf } : headers };
}
