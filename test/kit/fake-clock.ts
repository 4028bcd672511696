import type { Clock } from '../../src/kit/clock.ts';

/** A clock on which sleeping costs no time: it moves itself to the end of every sleep, and remembers how long each was. */
export class FakeClock implements Clock {
  readonly slept: number[] = [];
  #now = 0;
  readonly #epoch: number;

  constructor(epoch: Date = new Date('2026-03-01T12:00:00Z')) {
    this.#epoch = epoch.getTime();
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#epoch + this.#now;
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }

  async sleep(milliseconds: number, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    signal?.throwIfAborted();
    this.slept.push(milliseconds);
    this.#now += milliseconds;
  }
}
