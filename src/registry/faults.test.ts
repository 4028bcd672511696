import { describe, expect, it } from 'vitest';
import {
  blobOf,
  manifestOf,
  openTestClient,
  readAll,
  repositoryName,
  someBytes,
  sourceOf,
  tagName,
} from '../../test/kit/client.ts';
import { type Personality, startScripted } from '../../test/kit/scripted-registry.ts';
import { isTranshipError } from '../oci/errors.ts';

const app = repositoryName('apps/api');
const KiB = 1024;
const passes = 3;

/** A tenth of all requests go wrong, in one of seven ways, the same ones each time for a seed. */
function faulty(seed: number): Personality {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return async (seen, next) => {
    if (random() >= 0.1) return next();
    switch (Math.floor(random() * 7)) {
      case 0:
        return seen.cut();
      case 1:
        return { status: 503 };
      case 2:
        return { status: 500, body: 'internal error' };
      case 3:
        return { status: 429, headers: { 'retry-after': '0' } };
      case 4: {
        await seen.body(10 * KiB);
        return seen.cut();
      }
      case 5: {
        await next();
        return seen.cut();
      }
      default: {
        const reply = await next();
        return { ...reply, cutAfter: Math.floor(Buffer.from(reply.body ?? '').length / 2) };
      }
    }
  };
}

async function inPasses(work: readonly (() => Promise<unknown>)[]): Promise<number> {
  let left = work;
  for (let pass = 1; pass <= passes && left.length > 0; pass++) {
    const failed: (() => Promise<unknown>)[] = [];
    for (const item of left) {
      await item().catch((error: unknown) => {
        if (!isTranshipError(error) || error.failure !== 'temporary') throw error;
        failed.push(item);
      });
    }
    left = failed;
  }
  return left.length;
}

describe('when a tenth of all requests go wrong', () => {
  it.each([1, 2, 3, 4])('everything arrives whole, and hardly an upload is left open (seed %d)', async (seed) => {
    await using server = await startScripted(faulty(seed));
    await using client = openTestClient(server.host, {
      registry: { capabilities: { singlePutLimit: 64 * KiB } },
    });
    const repository = client.registry.repository(app);
    const blobs = Array.from({ length: 25 }, (_, index) =>
      someBytes(20 * KiB * (index % 8) + 100, seed * 1000 + index),
    );
    const images = blobs.map((bytes) => manifestOf({ schemaVersion: 2, config: blobOf(bytes), layers: [] }));

    const pushed = await inPasses(blobs.map((bytes) => () => repository.pushBlob(blobOf(bytes), sourceOf(bytes))));
    const tagged = await inPasses(images.map((image, at) => () => repository.pushManifest(image, [tagName(`t${at}`)])));
    const read = await inPasses(
      blobs.map((bytes) => async () => {
        const got = await readAll(await repository.openBlob(blobOf(bytes), 0));
        expect(got.equals(bytes)).toBe(true);
      }),
    );

    expect([pushed, tagged, read]).toEqual([0, 0, 0]);
    expect(blobs.every((bytes) => server.store.blobs.get(blobOf(bytes).digest)?.equals(bytes))).toBe(true);
    expect(server.store.tags.size).toBe(images.length);
    // A lost answer to a POST leaves one that no client can know of; a lost DELETE one that it cannot be sure of.
    expect(server.store.uploads.size).toBeLessThanOrEqual(2);
  });
});
