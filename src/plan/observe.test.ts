import { describe, expect, test } from 'vitest';
import { imageMaker, tagName } from '../../test/kit/images.ts';
import type { Digest } from '../oci/digest.ts';
import { TranshipError } from '../oci/errors.ts';
import { MemoryRepository } from '../oci/memory.ts';
import type { TagName } from '../oci/names.ts';
import {
  type AtDestination,
  type ListedTag,
  listDestination,
  listTags,
  type ObservedPlace,
  resolveTags,
  resolveTargets,
} from './observe.ts';

function filled() {
  const place = new MemoryRepository({ location: 'a.example.com/app' });
  const make = imageMaker(place);
  const tagged = (name: string): Digest => {
    const image = make.image([make.blob(name)]);
    make.tag(name, image);
    return image.digest;
  };
  return { place, digests: { v1: tagged('v1'), v2: tagged('v2') } };
}

/** A place whose bulk listing tells just this. */
function listing(place: MemoryRepository, ...tags: readonly ListedTag[]): ObservedPlace {
  return {
    place,
    lister: {
      async *listTagsCheaply() {
        yield* tags;
      },
    },
  };
}

const [v1, v2] = [tagName('v1'), tagName('v2')];
const sameNames: AtDestination = { targetOf: (tag) => tag, likely: async () => undefined };

describe('a listing', () => {
  test('that names a tag twice counts the first, on both sides', async () => {
    const { place, digests } = filled();
    const twice = listing(place, { tag: v1, digest: digests.v1 }, { tag: v1, digest: digests.v2 });
    expect(await listTags(twice)).toEqual([{ tag: v1, digest: digests.v1 }]);
    expect([...(await listDestination(twice)).tags]).toEqual([[v1, digests.v1]]);
  });

  test.each([
    ['is not there for us to read', new TranshipError('E_AUTH_DENIED', 'auth', '')],
    ['is something that the place does not have', new TranshipError('E_UNSUPPORTED', 'failed', '')],
  ])('of a destination that %s is no failure', async (_, error) => {
    const { place } = filled();
    const refusing: ObservedPlace = {
      place,
      lister: {
        // An iterable that fails at its first step.
        listTagsCheaply: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) }),
      },
    };
    expect(await listDestination(refusing)).toEqual({ complete: false, tags: new Map() });
    await expect(listTags(refusing)).rejects.toBe(error);
  });
});

describe('what tags name', () => {
  test('is asked for tag by tag, and what names nothing has no entry', async () => {
    const { place, digests } = filled();
    const found = await resolveTags(place, [v1, tagName('v9'), v2]);
    expect(Object.fromEntries(found)).toEqual(digests);
  });

  test('is not asked where the listing tells it, nor of tags that it does not hold', async () => {
    const { place, digests } = filled();
    const asked: string[] = [];
    const counted: ObservedPlace = {
      place: Object.assign(Object.create(place) as MemoryRepository, {
        resolve: (reference: TagName) => {
          asked.push(reference);
          return place.resolve(reference);
        },
      }),
    };
    const tags = new Map<TagName, Digest | undefined>([
      [v1, digests.v1],
      [v2, undefined],
    ]);
    const found = await resolveTargets(counted, { complete: true, tags }, [v1, v2, tagName('v9')], {}, sameNames);
    expect(asked).toEqual(['v2']);
    expect([found.get(v1), found.get(v2), found.get(tagName('v9'))]).toEqual([digests.v1, digests.v2, undefined]);
  });

  test('is found out with one request where a destination lets nobody look', async () => {
    let asked = 0;
    const closed = {
      place: Object.assign(new MemoryRepository(), {
        resolve: () => {
          asked += 1;
          return Promise.reject(new TranshipError('E_AUTH_DENIED', 'auth', ''));
        },
      }),
    };
    const found = await resolveTargets(closed, { complete: false, tags: new Map() }, [v1, v2], {}, sameNames);
    expect(found).toEqual(new Map());
    expect(asked).toBe(1);
  });

  test('is asked for together with what it likely is, under its name there', async () => {
    const { place, digests } = filled();
    const asked: unknown[] = [];
    const confirming: ObservedPlace = {
      place: Object.assign(Object.create(place) as MemoryRepository, {
        digestOf: (tag: TagName, likely: Digest | undefined) => {
          asked.push([tag, likely]);
          return Promise.resolve(likely);
        },
      }),
    };
    const targetOf = (tag: TagName) => tagName(`${tag}-there`);
    const likely = async (tag: TagName) => (tag === v1 ? digests.v1 : undefined);
    const found = await resolveTargets(
      confirming,
      { complete: false, tags: new Map() },
      [v1, v2],
      {},
      { targetOf, likely },
    );
    expect(asked).toEqual([
      ['v1-there', digests.v1],
      ['v2-there', undefined],
    ]);
    expect([...found]).toEqual([['v1-there', digests.v1]]);
  });
});
