import type { Backoff } from '../kit/backoff.ts';
import { ExchangeFailure } from './errors.ts';
import { limits } from './limits.ts';
import type { HttpRequest, RetryPolicy } from './types.ts';

/** Between two sendings of one request, where the server named no time. */
export const retryBackoff: Backoff = { first: 250, longest: 15_000 };

/** Tries on kept connections that turned out to be closed; they cost nothing and are not counted. */
const staleTries = 8;

export interface Attempts {
  /** Sendings so far that count. */
  counted: number;
  stale: number;
  /** Those that were throttled while the host let others through; not counted either, within reason. */
  throttled: number;
  /** What had succeeded at the host when this request was throttled last. */
  seen: number;
}

/** What is done after a sending: nothing more, again at once, again after a wait, or again when the host's gate opens. */
export type Next = 'stop' | 'at-once' | 'after-backoff' | 'at-the-gate';

export function policyOf({ method, retry, body }: Pick<HttpRequest, 'method' | 'retry' | 'body'>): RetryPolicy {
  if (retry !== undefined) return retry;
  if (method === 'PATCH') return 'never';
  if (method === 'POST') return 'unsent';
  return method === 'PUT' && body === undefined ? 'unsent' : 'idempotent';
}

/** A pause for which the host lets others through is no try in vain: its turn will come. `successes`: at this host so far. */
export function discountThrottled(attempts: Attempts, successes: number): void {
  if (successes > attempts.seen && attempts.throttled < limits.throttledTries) {
    attempts.counted -= 1;
    attempts.throttled += 1;
  }
  attempts.seen = successes;
}

/** What of an answer decides whether the request is sent again. */
export interface Seen {
  readonly status: number;
  readonly isThrottled: boolean;
  /** It came from where the server had sent us, by a link that may have expired. */
  readonly isRedirected: boolean;
}

export function afterAnswer(policy: RetryPolicy, attempts: Attempts, seen: Seen): Next {
  const { status, isThrottled, isRedirected } = seen;
  if (policy === 'never' || attempts.counted >= limits.attempts) return 'stop';
  if (isThrottled) return 'at-the-gate';
  if (status === 503) return 'after-backoff';
  if (policy !== 'idempotent') return 'stop';
  if (status === 502 || status === 504) return 'after-backoff';
  const isDoubtful = status === 500 || (isRedirected && (status === 401 || status === 403 || status === 404));
  return isDoubtful && attempts.counted < limits.doubtfulAttempts ? 'after-backoff' : 'stop';
}

/** `isKnown`: a connection to the host stood before. */
export function afterFailure(policy: RetryPolicy, attempts: Attempts, failure: unknown, isKnown: boolean): Next {
  if (!(failure instanceof ExchangeFailure) || policy === 'never') return 'stop';
  const { error, reach } = failure;
  if (error.failure !== 'temporary' || error.code === 'E_DNS') return 'stop';
  if (reach === 'stale') return attempts.stale < staleTries ? 'at-once' : 'stop';
  if (reach !== 'unsent' && policy !== 'idempotent') return 'stop';
  // A server that stays silent costs a minute each time.
  const isDoubtful = (isRefused(error.cause) && !isKnown) || error.code === 'E_TIMEOUT';
  const most = isDoubtful ? limits.doubtfulAttempts : limits.attempts;
  return attempts.counted < most ? 'after-backoff' : 'stop';
}

/** Nothing listens: a restart takes a moment, a wrong port, at which nothing ever listened, is for ever. */
function isRefused(cause: unknown): boolean {
  return cause instanceof Error && String(Reflect.get(cause, 'code')) === 'ECONNREFUSED';
}
