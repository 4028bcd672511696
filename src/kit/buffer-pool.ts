/**
 * Buffers of one size that are used again. A transfer that reads into the same few buffers costs half of one that
 * allocates, and its memory stays flat.
 */
export class BufferPool {
  readonly size: number;
  readonly #free: Buffer[] = [];
  readonly #keep: number;

  /** `keep`: how many free buffers are held for later; more are left to the garbage collector. */
  constructor(size: number, keep: number) {
    this.size = size;
    this.#keep = keep;
  }

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.size);
  }

  give(buffer: Buffer): void {
    if (buffer.length !== this.size) throw new Error('a buffer came back to a pool that it is not of');
    if (this.#free.length < this.#keep) this.#free.push(buffer);
  }

  get free(): number {
    return this.#free.length;
  }
}
