import type { Chunk } from '../oci/ports.ts';

/** `chunk` for `readers` takers: its buffer goes back when the last of them released it. */
export function shareChunk(chunk: Chunk, readers: number): Chunk {
  let left = readers;
  return {
    bytes: chunk.bytes,
    release() {
      left -= 1;
      if (left === 0) chunk.release();
    },
  };
}

/** A chunk over bytes that no pool owns. */
export function ownedChunk(bytes: Uint8Array): Chunk {
  return { bytes, release: nothing };
}

function nothing(): void {}
