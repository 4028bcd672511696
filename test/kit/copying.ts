import type { CopyDestination, CopyOptions, CopyOutcome, CopyRequest } from '../../src/execute/copy.ts';
import { copyImage } from '../../src/execute/copy-image.ts';
import { Ledger } from '../../src/execute/ledger.ts';
import { MemoryRepository } from '../../src/oci/memory.ts';
import type { ContentReader } from '../../src/oci/ports.ts';
import type { Event } from '../../src/report/events.ts';
import { imageMaker, tagName } from './images.ts';

export const v1 = [tagName('v1')];

/** A source to fill, and a way to copy its `v1` that remembers the events. */
export function copying() {
  const source = new MemoryRepository({ location: 'source.example.com/app', chunkSize: 1000 });
  const events: Event[] = [];
  const request = (destinations: readonly CopyDestination[], options: CopyOptions, more: Partial<CopyRequest>) => ({
    id: 'c',
    source: source as ContentReader,
    reference: tagName('v1'),
    destinations,
    options,
    ledger: new Ledger(),
    emit: (event: Event) => void events.push(event),
    now: () => 0,
    ...more,
  });
  return {
    source,
    events,
    make: imageMaker(source),
    all: (destinations: readonly CopyDestination[], options: CopyOptions = {}, more: Partial<CopyRequest> = {}) =>
      copyImage(request(destinations, options, more)).then(({ outcomes }) => outcomes),
    /** To one place, under `v1`. */
    async to(
      place: CopyDestination['place'],
      options: CopyOptions = {},
      more: Partial<CopyRequest> = {},
    ): Promise<CopyOutcome> {
      const { outcomes } = await copyImage(request([{ place, tags: v1 }], options, more));
      if (!outcomes[0]) throw new Error('a copy without an outcome');
      return outcomes[0];
    },
    warnings: () => events.flatMap((event) => (event.type === 'warning' ? [event.code] : [])),
  };
}

export function destination(
  name = 'app',
  options: ConstructorParameters<typeof MemoryRepository>[0] = {},
): MemoryRepository {
  return new MemoryRepository({ location: `destination.example.com/${name}`, ...options });
}
