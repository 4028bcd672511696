/**
 * Exponential waiting with full jitter: anything between nothing and the ceiling of the attempt, so that many waiters that
 * failed together do not come back together.
 */
export interface Backoff {
  /** Ceiling of the first wait, in milliseconds. */
  readonly first: number;
  /** No wait is longer than this. */
  readonly longest: number;
}

/** Milliseconds to wait after the `attempt`-th failure in a row, counted from 1. `random` gives a number in [0, 1). */
export function backoffDelay({ first, longest }: Backoff, attempt: number, random: () => number): number {
  const ceiling = Math.min(longest, first * 2 ** Math.min(attempt - 1, 52));
  return Math.round(random() * ceiling);
}
