import type { ResponseHeaders } from '../http/types.ts';
import type { PullQuota } from './types.ts';

/**
 * What `ratelimit-limit: 100;w=21600` and `ratelimit-remaining: 76;w=21600` say; `undefined` where they are not there, which means
 * that nothing is counted. `w` is in seconds.
 */
export function quotaIn(headers: ResponseHeaders): PullQuota | undefined {
  const limit = numberIn(headers.get('ratelimit-limit'));
  const remaining = numberIn(headers.get('ratelimit-remaining'));
  if (limit === undefined || remaining === undefined) return undefined;
  const seconds = /;\s*w\s*=\s*(\d{1,9})/.exec(headers.get('ratelimit-limit') ?? '')?.[1];
  return { limit, remaining, ...(seconds !== undefined && { windowMs: Number(seconds) * 1000 }) };
}

function numberIn(value: string | undefined): number | undefined {
  const digits = /^\s*(\d{1,9})\s*(?:;|$)/.exec(value ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}
