/** Keeping repositories in step: once with everything to do, once with nothing. */
import { receivedOnce, wall } from './bars.ts';
import { manyTags, sharedLayers } from './content.ts';
import type { Scenario } from './scenarios.ts';
import { craneByRepository, regsync, regsync16, skopeoSync, transhipSync } from './syncers.ts';

const coldNote =
  '218 MB of distinct blobs at full size, 1.1 GB by repository. tranship, regsync and skopeo: one process with one file. crane: `cp -a -j 16` for one repository after another. regsync: `parallel: 2`, as its documentation shows, and 16 copies and requests at once.';

export function coldSync(share: number): Pick<Scenario, 'title' | 'note' | 'content' | 'contestants'> {
  const repositories = Math.round(50 * share);
  return {
    title: `${repositories * 4} images in ${repositories} repositories, all new`,
    note: coldNote,
    content: () => sharedLayers('bench', repositories, share),
    contestants: [transhipSync, craneByRepository, regsync, regsync16, skopeoSync],
  };
}

function noOp(share: number): Pick<Scenario, 'title' | 'content' | 'contestants' | 'again'> {
  const tags = Math.round(1000 * share);
  return {
    title: `sync of ${tags} tags in one repository, all there already`,
    content: () => [manyTags('bench/many', tags)],
    contestants: [transhipSync, craneByRepository, regsync],
    again: true,
  };
}

export function syncRows(share: number): readonly Scenario[] {
  const still = noOp(share);
  return [
    {
      ...coldSync(share),
      id: 'cold-sync',
      bars: [wall('crane', 0.45), wall(regsync.name, 0.55), wall(regsync16.name, 0.55), receivedOnce],
    },
    {
      ...still,
      id: 'no-op-1000',
      note: 'crane: `cp -a -j 16`. regsync: one entry, whose tags it goes through one by one whatever `parallel` says.',
      bars: [wall('crane', 0.9), wall('regsync', 0.4)],
    },
    {
      ...still,
      id: 'no-op-1000-latency',
      title: `${still.title}, 20 ms a request`,
      note: 'A relay before each registry delays what passes by 10 ms in each direction.',
      network: { roundTripMs: 20 },
      mostRounds: 3,
      bars: [wall('crane', 0.4)],
    },
  ];
}
