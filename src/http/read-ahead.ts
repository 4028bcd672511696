import type { BufferPool } from '../kit/buffer-pool.ts';
import type { Chunk } from '../oci/ports.ts';
import type { BodySink } from './body.ts';
import { limits } from './limits.ts';

/** What a body's sink asks of the exchange beneath it. */
export interface Faucet {
  /** There is room again after the sink was full. */
  open(): void;
  /** Nobody wants the rest. */
  abandon(): void;
}

interface Waiter {
  resolve(result: IteratorResult<Chunk, undefined>): void;
  reject(error: unknown): void;
}

/** A buffer on its way: filled piece by piece, handed out piece by piece, back in the pool when the last piece is released. */
class Filling {
  readonly buffer: Buffer;
  /** Where the piece begins that was not handed out yet. */
  start = 0;
  filled = 0;
  /** Pieces that are out. */
  out = 0;
  /** Nothing more is read into it. */
  sealed = false;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }
}

/**
 * The body of a download between the socket that fills it and the consumer that empties it: a few pooled buffers, one being
 * filled, the others waiting or in use. While all are in use the socket stops reading; that is the back-pressure. Small
 * reads (TLS records) are gathered while the consumer is busy, so that it gets large pieces.
 *
 * The socket holds on to the room that it was last given until its next read has come. So a buffer is changed only inside
 * {@link ReadAhead.advance}; what is handed out in between leaves the rest of the buffer to the socket.
 */
export class ReadAhead implements AsyncIterableIterator<Chunk, undefined>, BodySink {
  readonly #pool: BufferPool;
  readonly #faucet: Faucet;
  readonly #ready: Chunk[] = [];
  #filling: Filling;
  #received = 0;
  /** Sealed buffers with pieces still out. */
  #outstanding = 0;
  #stopped = false;
  #flushing = false;
  #state: 'open' | 'complete' | 'failed' = 'open';
  #error: unknown;
  #waiter: Waiter | undefined;

  constructor(pool: BufferPool, faucet: Faucet) {
    this.#pool = pool;
    this.#faucet = faucet;
    this.#filling = new Filling(pool.take());
  }

  get received(): number {
    return this.#received;
  }

  /** Why it broke off. */
  get failure(): unknown {
    return this.#error;
  }

  /** The consumer holds every buffer: the socket is not to blame that nothing moves. */
  get full(): boolean {
    return this.#stopped;
  }

  /** Where the next read goes. */
  room(): Buffer {
    const { buffer, filled } = this.#filling;
    return buffer.subarray(filled);
  }

  /** `count` bytes were read into {@link ReadAhead.room}. */
  advance(count: number): void {
    this.#filling.filled += count;
    this.#received += count;
    if (this.#filling.filled > this.#pool.size - leastRoom) this.#change();
    else if (this.#waiter !== undefined) this.#flushSoon();
    this.#stopped = this.#outstanding >= limits.readBuffers - 1;
  }

  /** The body is complete. */
  end(): void {
    if (this.#state !== 'open') return;
    this.#seal();
    this.#state = 'complete';
    this.#serve();
  }

  /** The connection broke. What was read before is still delivered. */
  fail(error: unknown): void {
    if (this.#state !== 'open') return;
    this.#seal();
    this.#state = 'failed';
    this.#error = error;
    this.#serve();
  }

  next(): Promise<IteratorResult<Chunk, undefined>> {
    if (this.#ready.length === 0 && this.#state === 'open') this.#handOut();
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      this.#serve();
    });
  }

  return(): Promise<IteratorResult<Chunk, undefined>> {
    for (const chunk of this.#ready.splice(0)) chunk.release();
    if (this.#state === 'open') {
      this.#state = 'complete';
      this.#faucet.abandon();
      this.#filling.start = this.#filling.filled;
      this.#seal();
    }
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** After the reads of this turn of the event loop: they come one TLS record at a time. */
  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      if (this.#waiter === undefined || this.#state !== 'open') return;
      this.#handOut();
      this.#serve();
    });
  }

  #change(): void {
    this.#seal();
    this.#filling = new Filling(this.#pool.take());
    this.#serve();
  }

  #seal(): void {
    const filling = this.#filling;
    this.#handOut();
    filling.sealed = true;
    if (filling.out === 0) this.#pool.give(filling.buffer);
    else this.#outstanding += 1;
  }

  #handOut(): void {
    const filling = this.#filling;
    if (filling.start === filling.filled) return;
    const bytes = filling.buffer.subarray(filling.start, filling.filled);
    filling.start = filling.filled;
    filling.out += 1;
    this.#ready.push({ bytes, release: this.#releaser(filling) });
  }

  #releaser(filling: Filling): () => void {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      filling.out -= 1;
      if (filling.out > 0 || !filling.sealed) return;
      this.#pool.give(filling.buffer);
      this.#outstanding -= 1;
      if (!this.#stopped || this.#state !== 'open') return;
      this.#stopped = false;
      this.#faucet.open();
    };
  }

  #serve(): void {
    const waiter = this.#waiter;
    if (waiter === undefined) return;
    const chunk = this.#ready.shift();
    if (chunk === undefined && this.#state === 'open') return;
    this.#waiter = undefined;
    if (chunk !== undefined) waiter.resolve({ done: false, value: chunk });
    else if (this.#state === 'failed') waiter.reject(this.#error);
    else waiter.resolve({ done: true, value: undefined });
  }
}

/** With less room left, a buffer counts as full: reads into a few bytes would cost more than they bring. */
const leastRoom = 16 * 1024;
