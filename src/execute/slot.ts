import type { AdaptiveLimiter, Release } from '../kit/limiter.ts';

/**
 * One blob's place among those in flight, taken when its bytes begin to move and shared by all who read its one download. Waiting
 * for another copy's upload, asking and mounting go without: they hold no buffers.
 */
export class Slot {
  readonly #slots: AdaptiveLimiter;
  readonly #signal: AbortSignal | undefined;
  #taken: Promise<Release> | undefined;
  #isReleased = false;

  constructor(slots: AdaptiveLimiter, signal: AbortSignal | undefined) {
    this.#slots = slots;
    this.#signal = signal;
  }

  /** Who comes after all others are done stands still mostly, and goes without: its host bounds it. */
  async take(): Promise<void> {
    if (this.#isReleased) return;
    this.#taken ??= this.#slots.acquire({ signal: this.#signal });
    await this.#taken;
  }

  /** Once nobody reads any more that moves. */
  async release(): Promise<void> {
    this.#isReleased = true;
    const release = await this.#taken?.catch(() => undefined);
    release?.();
  }
}
