import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PooledOptions, pooledSource, readAll } from '../../test/kit/pooled.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type DigestAlgorithm, digestOf } from '../oci/digest.ts';
import { MemoryRepository } from '../oci/memory.ts';
import { heldBack } from './limits.ts';
import { verifiedBlob } from './verified-source.ts';

const content = Buffer.from(Array.from({ length: 3 * heldBack + 123 }, (_, at) => (at * 7 + (at >> 8)) & 255));

function blobOf(bytes: Uint8Array, options: PooledOptions = {}, algorithm: DigestAlgorithm = 'sha256') {
  const source = pooledSource(bytes, options);
  const blob: Descriptor = { mediaType: 'x/y', digest: digestOf(bytes, algorithm), size: bytes.length };
  const place = new MemoryRepository({ location: 'source.example.com/app' });
  place.openBlob = (_blob, offset) => source.open(offset);
  return { source, blob, verified: verifiedBlob(place, blob) };
}

const flipped = (at: number) => (bytes: Uint8Array, attempt: number) => {
  const wrong = Uint8Array.from(bytes);
  if (attempt === 0) wrong[at] = (wrong[at] ?? 0) ^ 1;
  return wrong;
};

describe('a verified source', () => {
  it('gives every byte of every blob, in order, and every buffer back', async () => {
    const sizes = fc.oneof(fc.nat(5), fc.integer({ min: heldBack - 2, max: heldBack + 2 }), fc.nat(content.length));
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 900, max: 70_000 }), async (size, chunkSize) => {
        const { source, verified } = blobOf(content.subarray(0, size), { chunkSize });
        expect((await readAll(await verified.open(0))).equals(content.subarray(0, size))).toBe(true);
        expect(source.outstanding).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  it('verifies sha512 as well', async () => {
    const { verified } = blobOf(content, {}, 'sha512');
    expect((await readAll(await verified.open(0))).equals(content)).toBe(true);
  });

  it('goes on at any offset', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(content.length), async (offset) => {
        const { source, verified } = blobOf(content);
        expect((await readAll(await verified.open(offset))).equals(content.subarray(offset))).toBe(true);
        expect(source.outstanding).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  it.each([0, 70_000, content.length - 1])('never gives the last bytes when byte %i is wrong', async (at) => {
    const { source, verified } = blobOf(content, { deliver: flipped(at) });
    let given = 0;
    const reading = (async () => {
      for await (const chunk of await verified.open(0)) {
        given += chunk.bytes.length;
        chunk.release();
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'E_DIGEST_MISMATCH', side: 'source', failure: 'temporary' });
    expect(given).toBe(content.length - heldBack);
    expect(source.outstanding).toBe(0);
  });

  it('names both digests when they differ', async () => {
    const { blob, verified } = blobOf(content, { deliver: flipped(1) });
    const wrong = digestOf(flipped(1)(content, 0));
    await expect(readAll(await verified.open(0))).rejects.toThrow(new RegExp(`${wrong}.*${blob.digest}`));
  });

  it('gives nothing at all of a small blob that is wrong', async () => {
    const { verified } = blobOf(content.subarray(0, 100), { deliver: flipped(99), chunkSize: 10 });
    const stream = await verified.open(0);
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'E_DIGEST_MISMATCH' });
  });

  it('tells a blob that ends early from one that is too long', async () => {
    const short = blobOf(content, { deliver: (bytes) => bytes.subarray(0, 5000) });
    await expect(readAll(await short.verified.open(0))).rejects.toMatchObject({ code: 'E_CUT' });
    const long = blobOf(content.subarray(0, 5000), { deliver: () => content });
    await expect(readAll(await long.verified.open(0))).rejects.toMatchObject({ code: 'E_SIZE_MISMATCH' });
    expect(long.source.outstanding).toBe(0);
  });

  it('reads right bytes after wrong ones', async () => {
    const { verified } = blobOf(content, { deliver: flipped(7) });
    await expect(readAll(await verified.open(0))).rejects.toThrow();
    expect((await readAll(await verified.open(0))).equals(content)).toBe(true);
  });

  it('goes on from a snapshot of its hash instead of the beginning', async () => {
    const large = Buffer.alloc(40 * 1024 * 1024, 'abc');
    const { source, verified } = blobOf(large, { chunkSize: 1024 * 1024, breakAt: 36 * 1024 * 1024, breaks: 1 });
    await expect(readAll(await verified.open(0))).rejects.toThrow('the line broke');
    const rest = await readAll(await verified.open(35 * 1024 * 1024 + 17));
    expect(rest.equals(large.subarray(35 * 1024 * 1024 + 17))).toBe(true);
    expect(source.opened).toEqual([0, 32 * 1024 * 1024]);
  });

  it('trusts no snapshot of a pass that ended with the wrong digest', async () => {
    const large = Buffer.alloc(20 * 1024 * 1024, 'abc');
    const { source, verified } = blobOf(large, { chunkSize: 1024 * 1024, deliver: flipped(5) });
    await expect(readAll(await verified.open(0))).rejects.toMatchObject({ code: 'E_DIGEST_MISMATCH' });
    expect((await readAll(await verified.open(18 * 1024 * 1024))).length).toBe(2 * 1024 * 1024);
    expect(source.opened).toEqual([0, 0]);
  });

  it('blames the source for what its stream throws', async () => {
    const { verified } = blobOf(content, { breakAt: 2000, breaks: 1 });
    await expect(readAll(await verified.open(0))).rejects.toMatchObject({
      side: 'source',
      subject: 'source.example.com/app',
    });
  });
});
