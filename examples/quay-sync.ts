/** Moves images from one Quay to another: the listed ones, or all that the source's token sees. */
import { listFrom, openPair, type PairOutcome, type PairSide, syncPair } from '../src/index.ts';

export async function moveImages(
  source: PairSide,
  destination: PairSide,
  entries?: readonly string[],
): Promise<PairOutcome> {
  // Both sides are looked at first; nothing is written before they passed.
  await using pair = await openPair({ source, destinations: [destination] }, {});
  return syncPair(pair, {
    ...(entries && { list: listFrom(entries) }),
    policy: 'refuse',
    onObject: (side, { change, outcome }) => console.error(`${side.host}: ${change.object} ${outcome}`),
  });
}
