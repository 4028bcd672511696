import type { BlobSource, ByteStream, CallOptions, Chunk } from '../oci/ports.ts';

/** Chunks handed to a reader ahead of its taking them. Each is a buffer of the one download, so few. */
const queueLength = 2;

/** One reader of a shared download: a short queue, and the way on when the download leaves it behind. */
export class Reader {
  readonly #source: BlobSource;
  readonly #dropped: (reader: Reader) => void;
  readonly #options: CallOptions;
  readonly #queue: Chunk[] = [];
  #state: 'shared' | 'detached' | 'finished' | 'closed' = 'shared';
  #failure: { readonly error: unknown } | undefined;
  #wakeReader: (() => void) | undefined;
  #wakePump: (() => void)[] = [];

  constructor(source: BlobSource, dropped: (reader: Reader) => void, options: CallOptions) {
    this.#source = source;
    this.#dropped = dropped;
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#queue.length >= queueLength;
  }

  put(chunk: Chunk): void {
    if (this.#state !== 'shared') return chunk.release();
    this.#queue.push(chunk);
    this.#wake();
  }

  /** Resolves when there is room again; `undefined` where there is now. */
  taken(): Promise<void> | undefined {
    if (!this.isFull) return undefined;
    return new Promise((resolve) => this.#wakePump.push(resolve));
  }

  finish(): void {
    if (this.#state === 'shared') this.#state = 'finished';
    this.#wake();
  }

  fail(error: unknown): void {
    this.#failure = { error };
    this.#wake();
  }

  /** Left behind: what was handed over and not taken is given back, and reading goes on in a download of its own. */
  detach(): void {
    this.#state = 'detached';
    this.#clear();
    this.#wake();
  }

  async *stream(): ByteStream {
    const abort = () => this.fail(this.#options.signal?.reason);
    this.#options.signal?.addEventListener('abort', abort, { once: true });
    let at = 0;
    try {
      for (let chunk = await this.#take(); chunk !== undefined; chunk = await this.#take()) {
        at += chunk.bytes.length;
        yield chunk;
      }
      if (this.#state === 'detached') yield* await this.#source.open(at, this.#options);
    } finally {
      this.#options.signal?.removeEventListener('abort', abort);
      this.close();
    }
  }

  /** Reads no more. */
  close(): void {
    const wasShared = this.#state === 'shared' || this.#state === 'finished';
    this.#state = 'closed';
    this.#clear();
    this.#wake();
    if (wasShared) this.#dropped(this);
  }

  async #take(): Promise<Chunk | undefined> {
    for (;;) {
      if (this.#failure) throw this.#failure.error;
      const chunk = this.#queue.shift();
      if (chunk) {
        this.#wakeUpPump();
        return chunk;
      }
      if (this.#state !== 'shared') return undefined;
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
  }

  #clear(): void {
    for (const chunk of this.#queue.splice(0)) chunk.release();
    this.#wakeUpPump();
  }

  #wake(): void {
    this.#wakeReader?.();
    this.#wakeReader = undefined;
  }

  #wakeUpPump(): void {
    for (const wake of this.#wakePump.splice(0)) wake();
  }
}
