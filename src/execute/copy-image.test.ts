import { describe, expect, it } from 'vitest';
import { counting } from '../../test/kit/counting.ts';
import { imageMaker, missingBelow, tagName } from '../../test/kit/images.ts';
import { MemoryRepository } from '../oci/memory.ts';
import type { Event } from '../report/events.ts';
import type { CopyDestination, CopyOptions, CopyRequest } from './copy.ts';
import { copyImage } from './copy-image.ts';
import { Ledger } from './ledger.ts';

function setUp() {
  const source = new MemoryRepository({ location: 'source.example.com/app' });
  const make = imageMaker(source);
  const events: Event[] = [];
  const copy = (destinations: readonly CopyDestination[], options: CopyOptions = {}, more: Partial<CopyRequest> = {}) =>
    copyImage({
      id: 'c',
      source,
      reference: tagName('v1'),
      destinations,
      options,
      ledger: new Ledger(),
      emit: (event) => events.push(event),
      now: () => 0,
      ...more,
    });
  return { source, make, events, copy };
}

const v1 = [tagName('v1')];

describe('a copy to an empty place', () => {
  it('brings the image, its bytes unchanged, and says so', async () => {
    const { source, make, copy, events } = setUp();
    const root = make.index([make.image([make.blob('a'), make.blob('b')]), make.image([make.blob('a')])]);
    make.tag('v1', root);
    const place = new MemoryRepository({ location: 'dest.example.com/app' });

    const { outcomes } = await copy([{ place, tags: v1 }]);

    expect(outcomes).toMatchObject([{ ok: true, outcome: 'copied', digest: root.digest, bytesMoved: 4 }]);
    expect(missingBelow(place, root.digest)).toEqual([]);
    expect(place.manifests.get(root.digest)?.bytes).toEqual(source.manifests.get(root.digest)?.bytes);
    expect(events.filter(({ type }) => type === 'copy-finished')).toHaveLength(1);
  });
});
