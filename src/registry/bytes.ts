import type { ByteStream, Chunk } from '../oci/ports.ts';

/** `stream` without its first `count` bytes. */
export async function* skipBytes(stream: ByteStream, count: number): AsyncGenerator<Chunk> {
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
