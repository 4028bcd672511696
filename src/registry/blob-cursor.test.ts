import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAll, someBytes, sourceOf } from '../../test/kit/client.ts';
import type { Chunk } from '../oci/ports.ts';
import { BlobCursor } from './blob-cursor.ts';
import { skipBytes, splitChunk } from './bytes.ts';

const bytes = someBytes(10_000);

describe('a source in portions', () => {
  it('gives each portion its bytes, opens the source once, and gives every buffer back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 3000 }), async (chunk, portion) => {
        const source = sourceOf(bytes, chunk);
        const parts: Buffer[] = [];
        {
          await using cursor = new BlobCursor(source, {});
          for (let at = 0; at < bytes.length; at += portion) {
            parts.push(await readAll(await cursor.open(at, Math.min(portion, bytes.length - at))));
          }
        }
        expect(Buffer.concat(parts).equals(bytes)).toBe(true);
        expect(source.offsets).toEqual([0]);
        expect(source.held).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  it('opens the source again at another offset', async () => {
    const source = sourceOf(bytes, 1000);
    await using cursor = new BlobCursor(source, {});
    await readAll(await cursor.open(0, 2500));

    expect((await readAll(await cursor.open(1234, 4000))).equals(bytes.subarray(1234, 5234))).toBe(true);
    expect(source.offsets).toEqual([0, 1234]);
  });

  it('gives everything back when a portion is left half read', async () => {
    const source = sourceOf(bytes, 1000);
    await using cursor = new BlobCursor(source, {});
    for await (const chunk of await cursor.open(0, 5000)) {
      chunk.release();
      break;
    }
    expect(source.held).toBe(0);
    expect((await readAll(await cursor.open(0, 10_000))).equals(bytes)).toBe(true);
    expect(source.held).toBe(0);
  });

  it('lets go of a source of which nothing was ever read', async () => {
    let ended = false;
    async function* source() {
      try {
        yield { bytes, release: () => {} };
      } finally {
        ended = true;
      }
    }
    {
      await using cursor = new BlobCursor({ open: async () => source() }, {});
      await cursor.open(0, 10);
    }
    expect(ended).toBe(true);
  });

  it('remembers that it was the source that failed', async () => {
    const failure = new Error('the source broke');
    await using cursor = new BlobCursor({ open: () => Promise.reject(failure) }, {});
    await expect(cursor.open(0, 10)).rejects.toBe(failure);
    expect(cursor.failure).toBe(failure);
  });
});

describe('chunks', () => {
  it('give their buffer back once both halves are done with it', () => {
    let released = 0;
    const chunk: Chunk = { bytes: bytes.subarray(0, 10), release: () => void released++ };
    const [left, right] = splitChunk(chunk, 4);
    expect([left.bytes.length, right.bytes.length]).toEqual([4, 6]);
    left.release();
    expect(released).toBe(0);
    right.release();
    expect(released).toBe(1);
  });

  it.each([0, 1, 999, 1000, 1001, 9999, 10_000])('can be skipped to any byte: %d', async (count) => {
    const source = sourceOf(bytes, 1000);
    const rest = await readAll(skipBytes(await source.open(0), count));
    expect(rest.equals(bytes.subarray(count))).toBe(true);
    expect(source.held).toBe(0);
  });
});
