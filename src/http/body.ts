import { ChunkedDecoder } from './chunked.ts';
import type { ResponseHead } from './head.ts';

/** Where the body of an answer goes. */
export interface BodySink {
  /** Room for what comes next; never empty. */
  room(): Buffer;
  /** So many bytes were put into the room. */
  advance(count: number): void;
  /** It takes no more for now: its consumer is the slow one. */
  readonly full: boolean;
  /** The body is to be complete in so many milliseconds; where this is not said, it may take as long as it moves. */
  readonly within?: number;
  end(): void;
  fail(error: unknown): void;
}

/** What reading on means after some bytes: `excess` is an end with bytes behind it that nobody asked for. */
export type Progress = 'more' | 'end' | 'excess' | { readonly malformed: string };

/** A body between the wire, where it is framed, and its sink. */
export interface Body {
  readonly sink: BodySink;
  /** Bytes so far. */
  readonly received: number;
  /** Room to read into without a detour: only where the bytes on the wire are the body's own. */
  room(): Buffer | undefined;
  /** So many bytes were read into the room. */
  advance(count: number): Progress;
  /** Bytes that were read elsewhere. They are only lent. */
  take(bytes: Buffer): Progress;
  /** The server closed the connection. Whether that is the end in order; if not, how far it came. */
  closed(): true | { readonly received: number; readonly length: number } | undefined;
}

/** The framings of RFC 9112 §6. */
export function bodyOf(head: ResponseHead, sink: BodySink): Body {
  if (head.body.kind === 'length') return new LengthBody(head.body.length, sink);
  return head.body.kind === 'chunked' ? new ChunkedBody(sink) : new ClosingBody(sink);
}

class LengthBody implements Body {
  readonly sink: BodySink;
  received = 0;
  readonly #length: number;

  constructor(length: number, sink: BodySink) {
    this.#length = length;
    this.sink = sink;
  }

  room(): Buffer {
    return this.sink.room();
  }

  advance(count: number): Progress {
    const taken = Math.min(count, this.#length - this.received);
    this.sink.advance(taken);
    return this.#progress(taken, count);
  }

  take(bytes: Buffer): Progress {
    const taken = Math.min(bytes.length, this.#length - this.received);
    pour(bytes.subarray(0, taken), this.sink);
    return this.#progress(taken, bytes.length);
  }

  closed() {
    return { received: this.received, length: this.#length };
  }

  #progress(taken: number, count: number): Progress {
    this.received += taken;
    if (this.received < this.#length) return 'more';
    this.sink.end();
    return count > taken ? 'excess' : 'end';
  }
}

class ChunkedBody implements Body {
  readonly sink: BodySink;
  received = 0;
  readonly #decoder = new ChunkedDecoder();

  constructor(sink: BodySink) {
    this.sink = sink;
  }

  room(): undefined {}

  advance(): never {
    throw new Error('a chunked body gives no room');
  }

  take(bytes: Buffer): Progress {
    const progress = this.#decoder.push(bytes, (data) => {
      this.received += data.length;
      pour(data, this.sink);
    });
    if (progress === 'end' || progress === 'excess') this.sink.end();
    return progress;
  }

  closed(): undefined {}
}

/** It ends with the connection. */
class ClosingBody implements Body {
  readonly sink: BodySink;
  received = 0;

  constructor(sink: BodySink) {
    this.sink = sink;
  }

  room(): Buffer {
    return this.sink.room();
  }

  advance(count: number): Progress {
    this.received += count;
    this.sink.advance(count);
    return 'more';
  }

  take(bytes: Buffer): Progress {
    this.received += bytes.length;
    pour(bytes, this.sink);
    return 'more';
  }

  closed(): true {
    this.sink.end();
    return true;
  }
}

function pour(bytes: Buffer, sink: BodySink): void {
  for (let at = 0; at < bytes.length; ) {
    const room = sink.room();
    const count = Math.min(room.length, bytes.length - at);
    room.set(bytes.subarray(at, at + count));
    sink.advance(count);
    at += count;
  }
}
