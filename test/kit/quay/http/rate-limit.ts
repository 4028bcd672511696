import type { World } from '../model/world.ts';
import { frameworkPage, type Reply } from './reply.ts';
import type { FakeRequest } from './request.ts';

/** The proxy before Quay: 429 in HTML, without `Retry-After`, once a class of routes is asked too often. */
export function rateLimiter(world: World): (request: FakeRequest) => Reply | undefined {
  const { rateLimit } = world.settings;
  if (rateLimit === undefined) return () => undefined;
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (request) => {
    const now = world.clock.now();
    const key = classOf(request.path);
    const bucket = buckets.get(key) ?? { tokens: rateLimit.burst, at: now };
    const earned = ((now - bucket.at) / 1000) * rateLimit.requestsPerSecond;
    const tokens = Math.min(rateLimit.burst, bucket.tokens + earned);
    buckets.set(key, { tokens: tokens < 1 ? tokens : tokens - 1, at: now });
    return tokens < 1 ? tooMany() : undefined;
  };
}

function classOf(path: string): string {
  if (path.startsWith('/api/') || path === '/v2/_catalog') return 'api';
  if (path === '/v2/auth') return 'auth';
  if (path.endsWith('/tags/list')) return 'tags';
  return path.startsWith('/v2/') ? 'registry' : 'web';
}

function tooMany(): Reply {
  const page = frameworkPage(429, 'Too Many Requests', '');
  return { ...page, headers: { 'Content-Type': 'text/html' } };
}
