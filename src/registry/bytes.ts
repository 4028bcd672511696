import type { ByteStream, Chunk } from '../oci/ports.ts';

/**
 * `generator`, which reads `stream`, so that `stream` is given up also when nobody ever asked for a byte: an async
 * generator that was not started ends without running a line, and a download would hold its connection for ever.
 */
export function readingOf(
  stream: ByteStream,
  generator: AsyncGenerator<Chunk>,
): AsyncIterableIterator<Chunk, undefined> {
  let started = false;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      started = true;
      return generator.next();
    },
    async return() {
      if (!started) await stream[Symbol.asyncIterator]().return?.();
      await generator.return(undefined);
      return { done: true, value: undefined };
    },
  };
}

/** `stream` without its first `count` bytes. */
export function skipBytes(stream: ByteStream, count: number): ByteStream {
  return readingOf(stream, skipping(stream, count));
}

async function* skipping(stream: ByteStream, count: number): AsyncGenerator<Chunk> {
  let left = count;
  for await (const chunk of stream) {
    if (left >= chunk.bytes.length) {
      left -= chunk.bytes.length;
      chunk.release();
    } else {
      yield left === 0 ? chunk : { bytes: chunk.bytes.subarray(left), release: () => chunk.release() };
      left = 0;
    }
  }
}

/** One chunk as two that share its buffer, which goes back once both are released. */
export function splitChunk(chunk: Chunk, at: number): readonly [Chunk, Chunk] {
  let holders = 2;
  const release = () => {
    holders--;
    if (holders === 0) chunk.release();
  };
  return [
    { bytes: chunk.bytes.subarray(0, at), release },
    { bytes: chunk.bytes.subarray(at), release },
  ];
}
