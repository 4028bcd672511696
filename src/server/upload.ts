import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { syncFolder } from '../layout/durable.ts';
import { isAbsent } from '../layout/failures.ts';
import { fileStream } from '../layout/file-stream.ts';
import { Serial } from '../layout/serial.ts';
import { algorithmOf, type Digest, type DigestAlgorithm, digestFromHash } from '../oci/digest.ts';
import { BatchWriter } from './batch-writer.ts';
import { writeBody } from './write-body.ts';

/**
 * One upload session. Its whole state is a file: what was received. So a cut connection loses nothing that was written,
 * and a session survives the server. The hash is carried along where it can be, and made again from the file where not.
 */
export class Upload {
  readonly id: string;
  readonly path: string;
  readonly #lane = new Serial();
  #running: AbortController | undefined;
  #active: OpenUpload | undefined;
  #hash: { readonly algorithm: DigestAlgorithm; readonly state: Hash; upTo: number } | undefined;

  constructor(id: string, path: string, algorithm?: DigestAlgorithm) {
    this.id = id;
    this.path = path;
    if (algorithm !== undefined) this.#hash = { algorithm, state: createHash(algorithm), upTo: 0 };
  }

  /**
   * Alone with the session. A body that is still being received is broken off first: a client that comes again has given
   * up the connection before.
   */
  async exclusively<T>(job: (session: OpenUpload) => Promise<T>): Promise<T> {
    this.#running?.abort();
    const controller = new AbortController();
    return this.#lane.run(async () => {
      this.#running = controller;
      const handle = await open(this.path, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
      try {
        this.#active = new OpenUpload(this, handle, controller.signal, (await handle.stat()).size);
        return await job(this.#active);
      } finally {
        this.#active = undefined;
        await handle.close();
        if (this.#running === controller) this.#running = undefined;
      }
    });
  }

  /** Bytes received so far, also while more arrive; `undefined` where the session is over. */
  async size(): Promise<number | undefined> {
    if (this.#active !== undefined) return this.#active.flushed();
    return (await stat(this.path).catch(ignoreAbsent))?.size;
  }

  async remove(): Promise<void> {
    this.#running?.abort();
    await this.#lane.run(async () => {
      await unlink(this.path).catch(ignoreAbsent);
    });
  }

  /** Feeds the running hash with bytes that follow what it has seen; otherwise it is given up. */
  note(bytes: Uint8Array, at: number): void {
    if (this.#hash === undefined) return;
    if (this.#hash.upTo !== at) {
      this.#hash = undefined;
      return;
    }
    this.#hash.state.update(bytes);
    this.#hash.upTo += bytes.length;
  }

  /** What the first `size` bytes hash to. */
  async digest(algorithm: DigestAlgorithm, size: number): Promise<Digest> {
    const running = this.#hash;
    if (running?.algorithm === algorithm && running.upTo === size) {
      return digestFromHash(running.state.copy(), algorithm);
    }
    const hash = createHash(algorithm);
    for await (const chunk of fileStream({ handle: await open(this.path, 'r'), from: 0, to: size })) {
      hash.update(chunk.bytes);
      chunk.release();
    }
    return digestFromHash(hash, algorithm);
  }
}

/** A session while one request has it. */
export class OpenUpload {
  readonly #upload: Upload;
  readonly #handle: FileHandle;
  readonly #signal: AbortSignal;
  #size: number;
  #writer: BatchWriter | undefined;

  constructor(upload: Upload, handle: FileHandle, signal: AbortSignal, size: number) {
    this.#upload = upload;
    this.#handle = handle;
    this.#signal = signal;
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  /** The size, with what has arrived up to now. */
  async flushed(): Promise<number> {
    await this.#writer?.flush();
    return this.#writer?.written ?? this.#size;
  }

  /** Appends a request's body, at most `limit` bytes. What came before a cut stays. */
  async append(body: Readable, limit: number): Promise<void> {
    const writer = new BatchWriter(this.#handle, this.#size);
    this.#writer = writer;
    let at = this.#size;
    const onBytes = (bytes: Uint8Array) => {
      this.#upload.note(bytes, at);
      at += bytes.length;
    };
    try {
      await writeBody(body, writer, { limit, signal: this.#signal, onBytes });
    } catch (error) {
      await this.#handle.truncate(writer.written);
      throw error;
    } finally {
      this.#size = writer.written;
    }
  }

  digest(wanted: Digest): Promise<Digest> {
    return this.#upload.digest(algorithmOf(wanted), this.#size);
  }

  async makeDurable(): Promise<void> {
    await this.#handle.sync();
  }

  async moveTo(target: string): Promise<void> {
    await rename(this.#upload.path, target);
    await syncFolder(dirname(target));
  }

  async discard(): Promise<void> {
    await unlink(this.#upload.path).catch(ignoreAbsent);
  }

  get path(): string {
    return this.#upload.path;
  }
}

function ignoreAbsent(error: unknown): undefined {
  if (isAbsent(error)) return undefined;
  throw error;
}
