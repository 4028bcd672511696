import type { FileHandle } from 'node:fs/promises';
import type { CallOptions, Chunk } from '../oci/ports.ts';

/** Large reads cost the least (1 MiB is where little more is won). */
const bufferBytes = 1024 * 1024;

/** Buffers of one stream: one with the consumer, one being read into, one between them. */
const bufferCount = 3;

export interface FileSpan {
  readonly handle: FileHandle;
  /** First byte. */
  readonly from: number;
  /** Behind the last byte. */
  readonly to: number;
}

/** Reads a part of a file in large pooled buffers, one read ahead. Closes the handle when it ends, however it ends. */
export async function* fileStream(
  span: FileSpan,
  { signal }: CallOptions = {},
): AsyncGenerator<Chunk, void, undefined> {
  const pool = new BufferPool(Math.min(bufferBytes, Math.max(1, span.to - span.from)));
  let position = span.from;
  let next = position < span.to ? readAhead(span, position, pool) : undefined;
  try {
    while (next !== undefined) {
      const chunk = await next;
      signal?.throwIfAborted();
      position += chunk.bytes.length;
      next = position < span.to ? readAhead(span, position, pool) : undefined;
      yield chunk;
    }
  } finally {
    pool.close();
    await next?.catch(() => undefined);
    await span.handle.close();
  }
}

function readAhead(span: FileSpan, position: number, pool: BufferPool): Promise<Chunk> {
  const reading = readChunk(span, position, pool);
  reading.catch(() => undefined);
  return reading;
}

async function readChunk({ handle, to }: FileSpan, position: number, pool: BufferPool): Promise<Chunk> {
  const buffer = await pool.take();
  const wanted = Math.min(buffer.length, to - position);
  const { bytesRead } = await handle.read(buffer, 0, wanted, position);
  if (bytesRead === 0) throw new Error('the file became shorter while it was read');
  let held = true;
  return {
    bytes: buffer.subarray(0, bytesRead),
    release: () => {
      if (!held) return;
      held = false;
      pool.give(buffer);
    },
  };
}

class BufferPool {
  readonly #size: number;
  readonly #free: Buffer[] = [];
  readonly #waiting: { give(buffer: Buffer): void; fail(error: Error): void }[] = [];
  #made = 0;
  #closed = false;

  constructor(size: number) {
    this.#size = size;
  }

  async take(): Promise<Buffer> {
    if (this.#closed) throw new Error('the stream was closed');
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#made < bufferCount) {
      this.#made++;
      return Buffer.allocUnsafeSlow(this.#size);
    }
    return new Promise((give, fail) => this.#waiting.push({ give, fail }));
  }

  give(buffer: Buffer): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#free.push(buffer);
    else waiting.give(buffer);
  }

  close(): void {
    this.#closed = true;
    for (const { fail } of this.#waiting.splice(0)) fail(new Error('the stream was closed'));
  }
}
