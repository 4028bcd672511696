import { setTimeout as delay } from 'node:timers/promises';

/** Time as the program sees it; handed in, so that tests need not wait. */
export interface Clock {
  /** Milliseconds that only ever grow. For durations and expiry: a clock that is set wrong must not matter. */
  now(): number;
  /** Milliseconds since the epoch. For what people read, and for dates that a server sent. */
  wall(): number;
  /** Resolves after `milliseconds`, or rejects with the signal's reason. */
  sleep(milliseconds: number, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  async sleep(milliseconds, { signal } = {}) {
    signal?.throwIfAborted();
    try {
      await delay(milliseconds, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
};
