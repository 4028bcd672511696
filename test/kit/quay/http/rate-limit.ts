import type { World } from '../model/world.ts';
import { proxyPage, type Reply } from './reply.ts';
import type { FakeRequest } from './request.ts';

interface Limit {
  readonly requestsPerSecond: number;
  readonly burst: number;
}

/** As measured: of requests that come at once about so many pass. The API is not limited. */
const shipped: Readonly<Record<string, Limit | undefined>> = {
  auth: { requestsPerSecond: 1, burst: 2 },
  tags: { requestsPerSecond: 1, burst: 3 },
  catalog: { requestsPerSecond: 1, burst: 2 },
  manifests: { requestsPerSecond: 10, burst: 12 },
};

/** The proxy before Quay: 429 in HTML, without `Retry-After`, for a login that asks a kind of calls too often. */
export function rateLimiter(world: World): (request: FakeRequest) => Reply | undefined {
  const { rateLimit } = world.settings;
  if (rateLimit === undefined) return () => undefined;
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (request) => {
    const kind = kindOf(request.path);
    const limit = rateLimit === 'shipped' ? shipped[kind] : rateLimit;
    if (limit === undefined) return undefined;
    const now = world.clock.now();
    const key = `${kind} ${request.headers['authorization'] ?? ''}`;
    const bucket = buckets.get(key) ?? { tokens: limit.burst, at: now };
    const earned = ((now - bucket.at) / 1000) * limit.requestsPerSecond;
    const tokens = Math.min(limit.burst, bucket.tokens + earned);
    buckets.set(key, { tokens: tokens < 1 ? tokens : tokens - 1, at: now });
    return tokens < 1 ? proxyPage(429, 'Too Many Requests') : undefined;
  };
}

function kindOf(path: string): string {
  if (path === '/v2/auth') return 'auth';
  if (path === '/v2/_catalog') return 'catalog';
  if (path.endsWith('/tags/list')) return 'tags';
  if (/^\/v2\/.+\/manifests\//.test(path)) return 'manifests';
  return path.startsWith('/v2/') ? 'registry' : 'api';
}
