/** Moves images from one Quay to another: the listed ones, or all that the source's token sees. */
import { comparePair, listFrom, openPair, type PairOutcome, type PairSide, syncPair } from '../src/index.ts';

export async function moveImages(
  source: PairSide,
  destination: PairSide,
  entries?: readonly string[],
): Promise<PairOutcome> {
  // Both sides are looked at first; nothing is written before they passed.
  await using pair = await openPair({ source, destinations: [destination] }, {});
  return await syncPair(pair, {
    ...(entries && { list: listFrom(entries) }),
    policy: 'refuse',
    onObject: (side, { change, outcome }) => console.error(`${side.host}: ${change.object} ${outcome}`),
  });
}

/** What the destination lacks and what was pushed there by others. Writes nothing, and reading is all that its tokens need. */
export async function whatDiffers(source: PairSide, destination: PairSide) {
  await using pair = await openPair({ source, destinations: [destination] }, {});
  const { plan, found } = await comparePair(pair, {});
  const items = plan.repositories.flatMap((repository) => repository.items.map((item) => ({ repository, item })));
  return {
    missing: found.objects.flatMap(({ objects }) =>
      objects.plan.parts.flatMap(({ changes }) => changes.map(({ object }) => object)),
    ),
    tags: items.map(({ repository, item }) => `${item.action} ${repository.destination.repository}:${item.target}`),
  };
}
