import type { FileHandle } from 'node:fs/promises';

/** Pieces of a body are written together, because a write costs the same for 64 KiB and for this much. */
const batchBytes = 1024 * 1024;

/** Writes pieces to a file, one batch while the next one is gathered. At most two are in memory. */
export class BatchWriter {
  readonly #handle: FileHandle;
  #batch: Buffer[] = [];
  #batchSize = 0;
  #position: number;
  #written: number;
  #writing: Promise<void> | undefined;

  constructor(handle: FileHandle, position: number) {
    this.#handle = handle;
    this.#position = position;
    this.#written = position;
  }

  /** Behind the last byte that the file holds. */
  get written(): number {
    return this.#written;
  }

  /** Where both batches are in memory, what to wait for before the next piece. */
  add(piece: Buffer): Promise<void> | undefined {
    this.#batch.push(piece);
    this.#batchSize += piece.length;
    if (this.#batchSize < batchBytes) return undefined;
    if (this.#writing !== undefined) return this.#writing.then(() => this.#begin());
    this.#begin();
    return undefined;
  }

  /** Resolves once the file holds everything that was added before. */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#batchSize > 0) this.#begin();
    await this.#writing;
  }

  #begin(): void {
    const [pieces, size, at] = [this.#batch, this.#batchSize, this.#position];
    this.#batch = [];
    this.#batchSize = 0;
    this.#position += size;
    const before = this.#writing ?? Promise.resolve();
    const writing = before
      .then(() => this.#write(pieces, size, at))
      .then(() => {
        if (this.#writing === writing) this.#writing = undefined;
      });
    writing.catch(() => undefined);
    this.#writing = writing;
  }

  async #write(pieces: Buffer[], size: number, at: number): Promise<void> {
    const { bytesWritten } = await this.#handle.writev(pieces, at);
    if (bytesWritten < size) await this.#writeRest(Buffer.concat(pieces).subarray(bytesWritten), at + bytesWritten);
    this.#written = at + size;
  }

  async #writeRest(rest: Buffer, at: number): Promise<void> {
    for (let done = 0; done < rest.length; ) {
      const { bytesWritten } = await this.#handle.write(rest, done, rest.length - done, at + done);
      done += bytesWritten;
    }
  }
}
