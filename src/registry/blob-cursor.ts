import type { BlobSource, ByteStream, CallOptions, Chunk } from '../oci/ports.ts';
import { splitChunk } from './bytes.ts';

/**
 * A source read in portions. As long as each portion begins where the last one ended, the source is opened once; after a
 * failure it is opened again at the offset that the registry has.
 */
export class BlobCursor implements AsyncDisposable {
  readonly #source: BlobSource;
  #options: CallOptions;
  #reading: AsyncIterator<Chunk> | undefined;
  #rest: Chunk | undefined;
  #position = 0;
  #begun = false;
  /** What the source itself failed with: then the destination is not to blame, and trying there again helps nothing. */
  failure: Error | undefined;

  constructor(source: BlobSource, options: CallOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** From the next opening on. */
  readUnder(options: CallOptions): void {
    this.#options = options;
  }

  /** The next `length` bytes from `offset`. A source that ends early just ends: the sender counts. */
  async open(offset: number, length: number): Promise<ByteStream> {
    if (offset !== this.#position || this.#reading === undefined) await this.#reopen(offset);
    return this.#portion(length);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#rest?.release();
    this.#rest = undefined;
    const reading = this.#reading;
    this.#reading = undefined;
    if (reading !== undefined && !this.#begun) await begin(reading);
    await reading?.return?.();
  }

  async *#portion(length: number): AsyncGenerator<Chunk> {
    let left = length;
    try {
      while (left > 0) {
        const chunk = await this.#next();
        if (chunk === undefined) return;
        const [now, later] = chunk.bytes.length > left ? splitChunk(chunk, left) : [chunk, undefined];
        this.#rest = later;
        left -= now.bytes.length;
        this.#position += now.bytes.length;
        yield now;
      }
    } finally {
      if (left > 0) await this[Symbol.asyncDispose]();
    }
  }

  async #next(): Promise<Chunk | undefined> {
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest !== undefined) return rest;
    try {
      this.#begun = true;
      const read = await this.#reading?.next();
      return read === undefined || read.done ? undefined : read.value;
    } catch (error) {
      this.failure = asError(error);
      throw this.failure;
    }
  }

  async #reopen(offset: number): Promise<void> {
    await this[Symbol.asyncDispose]();
    try {
      this.#reading = (await this.#source.open(offset, this.#options))[Symbol.asyncIterator]();
      this.#position = offset;
      this.#begun = false;
    } catch (error) {
      this.failure = asError(error);
      throw this.failure;
    }
  }
}

/**
 * Takes the first chunk and gives it back. A source may be an async generator, and one that never ran has not yet taken
 * hold of what is beneath it: ending it would leave a download open for ever.
 */
async function begin(reading: AsyncIterator<Chunk>): Promise<void> {
  try {
    const first = await reading.next();
    if (!first.done) first.value.release();
  } catch {
    // It fails while nobody wants it any more: then it holds nothing either.
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('The source failed.', { cause: thrown });
}
