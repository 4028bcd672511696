/**
 * What must hold for every image, wherever a copy is stopped and whatever fails. The images are random graphs: nested indexes, shared
 * blobs, referrers of images, of children and of referrers, and cosign's tags.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyImage } from '../../src/execute/copy-image.ts';
import { Ledger } from '../../src/execute/ledger.ts';
import { TranshipError } from '../../src/oci/errors.ts';
import { MemoryRepository } from '../../src/oci/memory.ts';
import type { TagName } from '../../src/oci/names.ts';
import type { ContentReader, ContentWriter } from '../../src/oci/ports.ts';
import { type Around, type Calls, counting } from '../kit/counting.ts';
import { buildRepository, repositoryPlan } from '../kit/graphs.ts';
import { missingBelow } from '../kit/images.ts';

const writes = new Set(['pushBlob', 'pushManifest', 'mountBlob']);
const runs = Number(process.env['LAW_RUNS'] ?? 60);

async function copyTags(
  source: ContentReader,
  tags: readonly TagName[],
  places: readonly ContentWriter[],
  ledger = new Ledger(),
) {
  const outcomes = [];
  for (const tag of tags) {
    const destinations = places.map((place) => ({ place, tags: [tag] }));
    const result = await copyImage({
      id: tag,
      source,
      reference: tag,
      destinations,
      ledger,
      emit: () => undefined,
      now: () => 0,
    });
    outcomes.push(...result.outcomes);
  }
  return outcomes;
}

function emptyPlace(strict = true): MemoryRepository {
  return new MemoryRepository({ location: 'destination.example.com/app', strict });
}

/** Fails every call from the `fatal`-th write on, before it happens or after, as a killed process would leave the place. */
function dying(fatal: number, after: boolean): Around {
  let written = 0;
  const dead = () => new TranshipError('E_UNREACHABLE', 'temporary', 'gone');
  const write = async (call: () => unknown): Promise<unknown> => {
    written += 1;
    if (written < fatal) return call();
    if (written === fatal && after) await call();
    throw dead();
  };
  return (method, _args, call) => (writes.has(method) ? write(call) : call());
}

function noTagIsIncomplete(place: MemoryRepository): void {
  for (const [tag, digest] of place.tags) {
    expect(missingBelow(place, digest), `below ${tag}`).toEqual([]);
  }
}

function sentBlobs(calls: Calls): readonly string[] {
  return calls.log.filter((line) => line.startsWith('pushBlob')).map((line) => line.split(' ')[1] ?? '');
}

describe('for every image', () => {
  it('what arrives is what was there: every tag, every byte, every referrer', async () => {
    await fc.assert(
      fc.asyncProperty(repositoryPlan, async (plan) => {
        const { repository: source, tags } = buildRepository(plan);
        const place = emptyPlace();
        const outcomes = await copyTags(source, tags, [place]);
        expect(outcomes.map(({ ok }) => ok)).toEqual(tags.map(() => true));
        for (const tag of tags) expect(place.tags.get(tag)).toBe(source.tags.get(tag));
        for (const [digest, { bytes }] of place.manifests) expect(bytes).toEqual(source.manifests.get(digest)?.bytes);
        noTagIsIncomplete(place);
        await everyReferrerArrived(source, place);
      }),
      { numRuns: runs },
    );
  });

  it('each blob is sent once, and a second copy sends and stores nothing', async () => {
    await fc.assert(
      fc.asyncProperty(repositoryPlan, async (plan) => {
        const { repository: source, tags } = buildRepository(plan);
        const { place, calls } = counting(emptyPlace());
        await copyTags(source, tags, [place]);
        const sent = sentBlobs(calls);
        expect(new Set(sent).size).toBe(sent.length);
        calls.reset();
        const again = await copyTags(source, tags, [place]);
        expect(again).toMatchObject(tags.map(() => ({ ok: true, outcome: 'same', bytesMoved: 0 })));
        expect(calls.log.filter((line) => writes.has(line.split(' ')[0] ?? ''))).toEqual([]);
      }),
      { numRuns: runs },
    );
  });

  it('killed at any write, no tag is incomplete, and the next run sends no finished blob again', async () => {
    await fc.assert(
      fc.asyncProperty(repositoryPlan, fc.nat(25), fc.boolean(), fc.boolean(), async (plan, fatal, after, strict) => {
        const { repository: source, tags } = buildRepository(plan);
        const store = emptyPlace(strict);
        await copyTags(source, tags, [counting(store, dying(fatal + 1, after)).place]);
        noTagIsIncomplete(store);

        const finished = new Set<string>(store.blobs.keys());
        const { place, calls } = counting(store);
        const outcomes = await copyTags(source, tags, [place]);
        expect(outcomes.every(({ ok }) => ok)).toBe(true);
        expect(sentBlobs(calls).filter((digest) => finished.has(digest))).toEqual([]);
        for (const tag of tags) expect(store.tags.get(tag)).toBe(source.tags.get(tag));
        noTagIsIncomplete(store);
        await everyReferrerArrived(source, store);
      }),
      { numRuns: runs * 3 },
    );
  });

  it('with random faults the result is complete, or a failure that says so', async () => {
    await fc.assert(
      fc.asyncProperty(repositoryPlan, fc.infiniteStream(fc.nat(9)), async (plan, dice) => {
        const { repository: source, tags } = buildRepository(plan);
        const flaky: Around = (_method, _args, call) => {
          if (dice.next().value === 0) throw new TranshipError('E_CUT', 'temporary', 'cut');
          return call();
        };
        const store = emptyPlace();
        const outcomes = await copyTags(counting(source, flaky).place, tags, [counting(store, flaky).place]);
        noTagIsIncomplete(store);
        for (const [at, outcome] of outcomes.entries()) {
          const tag = tags[at] as TagName;
          if (outcome.ok) expect(store.tags.get(tag)).toBe(source.tags.get(tag));
          else expect(outcome.error.code).toBe('E_CUT');
        }
      }),
      { numRuns: runs * 2 },
    );
  });

  it('three destinations read each blob of the source once', async () => {
    await fc.assert(
      fc.asyncProperty(repositoryPlan, async (plan) => {
        const { repository, tags } = buildRepository(plan);
        const { place: source, calls } = counting(repository);
        const places = [1, 2, 3].map((n) => new MemoryRepository({ location: `d${n}.example.com/app` }));
        const outcomes = await copyTags(source, tags, places);
        expect(outcomes.every(({ ok }) => ok)).toBe(true);
        const read = calls.log.filter((line) => line.startsWith('openBlob'));
        expect(new Set(read).size).toBe(read.length);
        for (const place of places) noTagIsIncomplete(place);
      }),
      { numRuns: runs },
    );
  });
});

/** Referrers of what is at the destination; the source's own list of them is the measure. */
async function everyReferrerArrived(source: MemoryRepository, place: MemoryRepository): Promise<void> {
  for (const digest of place.manifests.keys()) {
    const there = (await place.listReferrers(digest)).map((entry) => entry.digest).sort();
    expect(there).toEqual((await source.listReferrers(digest)).map((entry) => entry.digest).sort());
    const cosign = `${digest.replace(':', '-')}.sig` as TagName;
    expect(place.tags.get(cosign)).toBe(source.tags.get(cosign));
  }
}
