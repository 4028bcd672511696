import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { fault } from './fault.ts';

/** Pieces of a body are written together, because a write costs the same for 64 KiB and for this much. */
const batchBytes = 1024 * 1024;

export interface BodyTarget {
  /** Where in the file the body begins. */
  readonly at: number;
  /** The most bytes taken; more is 413. */
  readonly limit: number;
  readonly signal: AbortSignal;
  /** Every piece with its position in the file, in order, before it is written. */
  onBytes(bytes: Uint8Array, at: number): void;
  /** The position behind the last byte that the file holds. */
  onWritten(end: number): void;
}

/** Writes a request's body to a file while the next part of it arrives. A body that is cut short is written up to the cut. */
export async function writeBody(body: Readable, handle: FileHandle, target: BodyTarget): Promise<void> {
  const breakOff = () => body.destroy(new Error('another request took the upload over'));
  target.signal.addEventListener('abort', breakOff, { once: true });
  const writer = new BatchWriter(handle, target);
  let position = target.at;
  try {
    target.signal.throwIfAborted();
    for await (const piece of body as AsyncIterable<Buffer>) {
      if (position + piece.length - target.at > target.limit) throw fault(413, 'SIZE_INVALID', 'the body is too large');
      target.onBytes(piece, position);
      position += piece.length;
      await writer.add(piece);
    }
  } finally {
    target.signal.removeEventListener('abort', breakOff);
    await writer.finish();
  }
}

class BatchWriter {
  readonly #handle: FileHandle;
  readonly #target: BodyTarget;
  #batch: Buffer[] = [];
  #batchSize = 0;
  #position: number;
  #writing: Promise<void> = Promise.resolve();

  constructor(handle: FileHandle, target: BodyTarget) {
    this.#handle = handle;
    this.#target = target;
    this.#position = target.at;
  }

  async add(piece: Buffer): Promise<void> {
    this.#batch.push(piece);
    this.#batchSize += piece.length;
    if (this.#batchSize >= batchBytes) await this.#begin();
  }

  async finish(): Promise<void> {
    if (this.#batchSize > 0) await this.#begin();
    await this.#writing;
  }

  /** Waits for the batch before, so that at most two are in memory. */
  async #begin(): Promise<void> {
    await this.#writing;
    const [pieces, size, at] = [this.#batch, this.#batchSize, this.#position];
    this.#batch = [];
    this.#batchSize = 0;
    this.#position += size;
    this.#writing = this.#write(pieces, size, at);
    this.#writing.catch(() => undefined);
  }

  async #write(pieces: Buffer[], size: number, at: number): Promise<void> {
    const { bytesWritten } = await this.#handle.writev(pieces, at);
    if (bytesWritten < size) await this.#writeRest(Buffer.concat(pieces).subarray(bytesWritten), at + bytesWritten);
    this.#target.onWritten(at + size);
  }

  async #writeRest(rest: Buffer, at: number): Promise<void> {
    for (let done = 0; done < rest.length; ) {
      const { bytesWritten } = await this.#handle.write(rest, done, rest.length - done, at + done);
      done += bytesWritten;
    }
  }
}
