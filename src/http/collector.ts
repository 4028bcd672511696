import type { BodySink } from './body.ts';
import { limits } from './limits.ts';

const first = 16 * 1024;
const nothing = Buffer.alloc(0);
/** What comes behind a body that is whole goes here and is never looked at. */
const scraps = Buffer.alloc(first);

/** Where there is no body. */
export const noBody: BodySink = { room: () => scraps, advance() {}, full: false, end() {}, fail() {} };

export interface CollectorOptions {
  /** The body's length where it is known. */
  readonly length: number | undefined;
  /** The most bytes that are kept. */
  readonly limit: number;
  /** There are more: nobody wants the rest. `whole` is what was kept, unless this fails it. */
  onMore(): void;
}

/** A body in memory. */
export class Collector implements BodySink {
  readonly full = false;
  readonly within = limits.bodyTimeout;
  readonly whole: Promise<Buffer>;
  readonly #options: CollectorOptions;
  #buffer: Buffer;
  #size = 0;
  #isWhole = false;
  #resolve!: (body: Buffer) => void;
  #reject!: (error: unknown) => void;

  constructor(options: CollectorOptions) {
    this.#options = options;
    // One byte more than is wanted, so that a read can tell that there are more.
    const { length = first, limit } = options;
    this.#buffer = length === 0 ? nothing : Buffer.allocUnsafe(Math.min(length, limit) + 1);
    this.whole = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever asks for it hears of a failure; a body that nobody asks for must not end the process.
    this.whole.catch(() => {});
  }

  room(): Buffer {
    if (this.#isWhole) return scraps;
    if (this.#size === this.#buffer.length) this.#grow();
    return this.#buffer.subarray(this.#size);
  }

  advance(count: number): void {
    if (this.#isWhole) return;
    this.#size += count;
    if (this.#size <= this.#options.limit) return;
    this.#size = this.#options.limit;
    this.#options.onMore();
    this.end();
  }

  end(): void {
    this.#isWhole = true;
    this.#resolve(this.#buffer.subarray(0, this.#size));
  }

  fail(error: unknown): void {
    this.#reject(error);
  }

  #grow(): void {
    const grown = Buffer.allocUnsafe(Math.min(2 * Math.max(first, this.#size), this.#options.limit + 1));
    this.#buffer.copy(grown, 0, 0, this.#size);
    this.#buffer = grown;
  }
}
