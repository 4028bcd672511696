import type { BlobSource, ByteStream, Chunk } from '../../src/oci/ports.ts';

/** A blob source with few buffers, as a real download has: it stops while all are out, and spoils each that comes back. */
export interface PooledSource extends BlobSource {
  /** Where it was opened, in order. */
  readonly opened: readonly number[];
  /** Buffers handed out and not given back. */
  readonly outstanding: number;
}

export interface PooledOptions {
  readonly chunkSize?: number;
  readonly buffers?: number;
  /** Fails once this many bytes were read, the first so many times. */
  readonly breakAt?: number;
  readonly breaks?: number;
  /** Changes what the `attempt`-th opening delivers. */
  readonly deliver?: (bytes: Uint8Array, attempt: number) => Uint8Array;
}

export function pooledSource(content: Uint8Array, options: PooledOptions = {}): PooledSource {
  const {
    chunkSize = 1000,
    buffers = 4,
    breakAt = Number.POSITIVE_INFINITY,
    breaks = 0,
    deliver = (bytes) => bytes,
  } = options;
  const opened: number[] = [];
  let outstanding = 0;

  async function* read(bytes: Uint8Array, offset: number, attempt: number): ByteStream {
    let mine = 0;
    let wake: (() => void) | undefined;
    const take = (from: number): Chunk => {
      const buffer = Uint8Array.from(bytes.subarray(from, from + chunkSize));
      let held = true;
      mine += 1;
      outstanding += 1;
      const release = () => {
        if (!held) throw new Error('a buffer was given back twice');
        held = false;
        mine -= 1;
        outstanding -= 1;
        buffer.fill(0xee);
        wake?.();
      };
      return { bytes: buffer, release };
    };
    for (let at = offset; at < bytes.length; at += chunkSize) {
      if (at >= breakAt && attempt < breaks) throw new Error('the line broke');
      while (mine >= buffers) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      yield take(at);
    }
  }

  return {
    opened,
    get outstanding() {
      return outstanding;
    },
    async open(offset) {
      opened.push(offset);
      const attempt = opened.length - 1;
      return read(deliver(content, attempt), offset, attempt);
    },
  };
}

/** Reads to the end, giving every buffer back only after the next one came, as an upload does. */
export async function readAll(stream: ByteStream): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let last: Chunk | undefined;
  const keep = () => {
    if (last) parts.push(Uint8Array.from(last.bytes));
    last?.release();
  };
  try {
    for await (const chunk of stream) {
      keep();
      last = chunk;
    }
  } finally {
    keep();
  }
  return Buffer.concat(parts);
}
