import type { Socket } from 'node:net';
import { TranshipError } from '../oci/errors.ts';
import type { ByteStream, Chunk } from '../oci/ports.ts';
import type { Connections } from './connections.ts';
import { ExchangeFailure, timedOut } from './errors.ts';
import type { Exchange } from './exchange.ts';
import type { ResponseHead } from './head.ts';
import type { HttpAnswer, HttpUpload } from './types.ts';
import { type Hop, WholeAnswer } from './whole.ts';

export interface UploadOptions extends Pick<HttpUpload, 'contentLength' | 'open' | 'onProgress' | 'endEarly'> {
  /** Resolves when so many bytes may go out: the host's bandwidth limit. */
  pace(bytes: number): Promise<void>;
}

/**
 * Sends a body of known length from a stream of pooled chunks. Each chunk is written and given back once the socket took it,
 * which is the back-pressure. The source is opened when the connection stands, and the head goes out with the first bytes:
 * a slow source never leaves a half-begun request behind. An early answer stops the sending.
 */
export async function sendUpload(connections: Connections, hop: Hop, options: UploadOptions): Promise<HttpAnswer> {
  const connection = await connections.take(hop);
  const answer = new WholeAnswer(hop);
  const exchange = connection.begin(hop, answer.sink, () => connections.keep(connection));
  const body = new Body(hop, exchange, options);
  try {
    return await answer.of(await body.send());
  } finally {
    // After an early answer the connection is in the middle of a body: of no use any more.
    if (!body.complete) exchange.destroy();
  }
}

class Body {
  readonly #hop: Hop;
  readonly #exchange: Exchange;
  readonly #options: UploadOptions;
  #sent = 0;
  #ended = false;
  #writing = false;
  #stopped = false;
  #cutShort = false;
  #wake: (() => void) | undefined;

  constructor(hop: Hop, exchange: Exchange, options: UploadOptions) {
    this.#hop = hop;
    this.#exchange = exchange;
    this.#options = options;
  }

  get complete(): boolean {
    return this.#ended;
  }

  async send(): Promise<ResponseHead> {
    const stop = () => this.#stop();
    const { endEarly } = this.#options;
    this.#exchange.answered.then(stop, stop);
    endEarly?.addEventListener('abort', this.#cut);
    const unwatch = watchWrites(this.#exchange.socket, this.#hop.idle, () => this.#writing, this.#stall);
    try {
      endEarly?.throwIfAborted();
      await this.#pump(await this.#options.open());
      return await this.#exchange.answered;
    } catch (error) {
      this.#exchange.destroy();
      throw error;
    } finally {
      unwatch();
      endEarly?.removeEventListener('abort', this.#cut);
    }
  }

  readonly #stall = () => {
    this.#exchange.destroy(timedOut(this.#hop.url.host, 'took not one byte', this.#hop.idle));
  };

  readonly #cut = () => {
    this.#cutShort = true;
    this.#stop();
  };

  #stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  async #pump(source: ByteStream): Promise<void> {
    const iterator = source[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.#next(iterator);
        if (next === undefined && !this.#cutShort) return;
        if (next === undefined || next.done === true) break;
        await this.#write(next.value);
      }
    } finally {
      // Not waited for: a source that stands still answers only when its own watchdog has looked.
      if (!this.#ended) iterator.return?.()?.catch(() => {});
    }
    this.#end();
  }

  async #next(iterator: AsyncIterator<Chunk>): Promise<IteratorResult<Chunk> | undefined> {
    try {
      return await this.#unlessStopped(iterator.next(), (late) => late.value?.release());
    } catch (error) {
      if (!this.#options.endEarly) throw error;
      this.#cut();
      return undefined;
    }
  }

  async #write(chunk: Chunk): Promise<void> {
    const { length } = chunk.bytes;
    try {
      if (this.#sent + length > this.#options.contentLength) throw this.#wrongLength('more');
      await this.#unlessStopped(this.#options.pace(length));
    } catch (error) {
      chunk.release();
      throw error;
    }
    if (this.#stopped) return chunk.release();
    this.#writing = true;
    await this.#unlessStopped(this.#written(chunk));
    this.#writing = false;
    this.#sent += length;
    this.#options.onProgress?.(this.#sent);
  }

  /** The chunk goes back when the socket is done with it, also a destroyed one, and never before. */
  #written(chunk: Chunk): Promise<void> {
    return new Promise((resolve) => {
      this.#exchange.write(chunk.bytes, () => {
        chunk.release();
        resolve();
      });
    });
  }

  #end(): void {
    if (!this.#cutShort && this.#sent !== this.#options.contentLength) throw this.#wrongLength(`only ${this.#sent}`);
    this.#ended = true;
    this.#exchange.end();
  }

  /** Waits for `promise`, but no longer than until the answer came or the connection broke: then `undefined`. */
  #unlessStopped<T>(promise: Promise<T>, onLate?: (value: T) => void): Promise<T | undefined> {
    if (this.#stopped) {
      promise.then(onLate, () => {});
      return Promise.resolve(undefined);
    }
    return new Promise((resolve, reject) => {
      let over = false;
      this.#wake = () => {
        over = true;
        resolve(undefined);
      };
      promise.then((value) => {
        if (over) onLate?.(value);
        resolve(value);
      }, reject);
    });
  }

  #wrongLength(given: string): ExchangeFailure {
    const { host } = this.#hop.url;
    const message = `the source gave ${given} bytes for an upload of ${this.#options.contentLength}`;
    return new ExchangeFailure(new TranshipError('E_SIZE_MISMATCH', 'failed', message, { subject: host }), 'sent');
  }
}

const looks = 10;

/**
 * Calls `onStall` once a write made no progress for `idle` milliseconds. Node's socket time-out looks at what the kernel
 * took, even in the middle of one write, so slow but moving is left alone; while nothing is being written, the source is
 * the slow one and this leg is not to blame.
 */
function watchWrites(socket: Socket, idle: number, isWriting: () => boolean, onStall: () => void): () => void {
  const tick = Math.max(10, idle / looks);
  let quietSince = performance.now();
  let lookedAt = quietSince;
  const look = () => {
    const now = performance.now();
    const moved = now - lookedAt > tick * 1.5;
    if (moved || !isWriting()) quietSince = isWriting() ? now - tick : now;
    lookedAt = now;
    if (now - quietSince >= idle) return onStall();
    socket.setTimeout(tick);
  };
  socket.on('timeout', look).setTimeout(tick);
  return () => {
    socket.off('timeout', look).setTimeout(0);
  };
}
