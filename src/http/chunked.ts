import type { Progress } from './body.ts';

/** A size line with its extensions, and all trailers together: nobody has a use for more. */
const longestLine = 4 * 1024;
const sizeLine = /^([\da-f]{1,13})[\t ]*(?:;[\t\u0020-\u007e\u0080-\u00ff]*)?$/iu;

const cr = 13;
const lf = 10;

/**
 * Takes the chunked coding apart (RFC 9112 §7.1), strictly: a size is hexadecimal digits, a line ends with CR LF. Extensions
 * and trailers are passed over.
 */
export class ChunkedDecoder {
  #state: 'size' | 'data' | 'behind-data' | 'trailer' = 'size';
  /** The line that is being read, and in `data` the bytes that the chunk still has. */
  #line = '';
  #left = 0;
  #trailers = 0;

  /** Hands every piece of the body in `bytes` on; they are only lent. */
  push(bytes: Buffer, take: (data: Buffer) => void): Progress {
    for (let at = 0; at < bytes.length; ) {
      if (this.#state === 'data') {
        const data = bytes.subarray(at, at + this.#left);
        take(data);
        at += data.length;
        this.#left -= data.length;
        if (this.#left === 0) this.#state = 'behind-data';
        continue;
      }
      const line = this.#readLine(bytes, at);
      if (typeof line === 'object') return line;
      at = line;
      if (at === -1) return 'more';
      const progress = this.#lineEnded();
      if (typeof progress === 'object') return progress;
      if (progress === 'end') return at < bytes.length ? 'excess' : 'end';
    }
    return 'more';
  }

  /** Where the line ends in `bytes`, or -1 while it has not. */
  #readLine(bytes: Buffer, from: number): number | { readonly malformed: string } {
    const end = bytes.indexOf(lf, from);
    this.#line += bytes.toString('latin1', from, end === -1 ? bytes.length : end + 1);
    if (this.#line.length > longestLine) return { malformed: 'an endless line between chunks' };
    if (end === -1) return -1;
    if (this.#line.charCodeAt(this.#line.length - 2) !== cr) return { malformed: 'a bare line feed between chunks' };
    return end + 1;
  }

  #lineEnded(): 'more' | 'end' | { readonly malformed: string } {
    const line = this.#line.slice(0, -2);
    this.#line = '';
    if (this.#state === 'size') return this.#begin(line);
    if (this.#state === 'trailer') return line === '' ? 'end' : this.#passOver(line);
    if (line !== '') return { malformed: 'a chunk longer than its size' };
    this.#state = 'size';
    return 'more';
  }

  #begin(line: string): 'more' | { readonly malformed: string } {
    const size = sizeLine.exec(line)?.[1];
    if (size === undefined) return { malformed: 'a chunk without a size' };
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailer' : 'data';
    return 'more';
  }

  #passOver(trailer: string): 'more' | { readonly malformed: string } {
    this.#trailers += trailer.length;
    return this.#trailers > longestLine ? { malformed: 'endless trailers' } : 'more';
  }
}
