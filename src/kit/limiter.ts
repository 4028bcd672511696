import { onAbort } from './on-abort.ts';

/** Gives the slot back. Further calls do nothing. */
export type Release = () => void;

/**
 * So many at a time, first come first served, and adaptive: it halves when told that there were too many, goes down to one
 * while a server throttles, and climbs by one for each full round of successes (additive increase, multiplicative decrease).
 */
export class AdaptiveLimiter {
  readonly #ceiling: number;
  readonly #waiting = new Set<() => void>();
  #limit: number;
  #active = 0;
  #successes = 0;
  #afterThrottle: number | undefined;

  constructor(ceiling: number) {
    this.#ceiling = Math.max(1, Math.floor(ceiling));
    this.#limit = this.#ceiling;
  }

  get limit(): number {
    return this.#limit;
  }

  get active(): number {
    return this.#active;
  }

  async acquire({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<Release> {
    signal?.throwIfAborted();
    const release = this.acquireNow();
    if (release !== undefined) return release;
    await this.#turn(signal);
    return this.#releaseOnce();
  }

  /** A slot that is free, if there is one and nobody waits. */
  acquireNow(): Release | undefined {
    if (this.#active >= this.#limit || this.#waiting.size > 0) return undefined;
    this.#active += 1;
    return this.#releaseOnce();
  }

  /** There were too many: half of them, from now on. */
  slowDown(): void {
    this.#successes = 0;
    this.#limit = Math.max(1, Math.floor(this.#limit / 2));
  }

  /** The server throttles: one at a time until something succeeds, and then half of what was. */
  throttle(): void {
    this.#successes = 0;
    this.#afterThrottle ??= Math.max(1, Math.floor(this.#limit / 2));
    this.#limit = 1;
  }

  succeeded(): void {
    if (this.#afterThrottle !== undefined) return this.#recover(this.#afterThrottle);
    if (this.#limit >= this.#ceiling) return;
    this.#successes += 1;
    if (this.#successes < this.#limit) return;
    this.#successes = 0;
    this.#limit += 1;
    this.#admit();
  }

  #recover(limit: number): void {
    this.#afterThrottle = undefined;
    this.#limit = limit;
    this.#admit();
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const abandon = () => {
        this.#waiting.delete(admitted);
        reject(signal?.reason);
      };
      const ignore = onAbort(signal, abandon);
      const admitted = () => {
        ignore();
        resolve();
      };
      this.#waiting.add(admitted);
    });
  }

  #releaseOnce(): Release {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#active -= 1;
      this.#admit();
    };
  }

  #admit(): void {
    for (const admitted of this.#waiting) {
      if (this.#active >= this.#limit) return;
      this.#waiting.delete(admitted);
      this.#active += 1;
      admitted();
    }
  }
}
