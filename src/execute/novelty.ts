import type { Descriptor } from '../oci/descriptor.ts';
import { supports } from '../oci/ports.ts';
import { sideOf } from './failure.ts';
import type { Novelty } from './repository-ledger.ts';
import { eachLive, type Target } from './target.ts';

/**
 * Finds out for each target whether its repository is new, so that nothing needs to be asked for there. Gives the end of that at each.
 *
 * A repository without tags is not new yet: a copy that was killed leaves blobs and no tag. So the smallest blob, the canary, is
 * asked for, and it sets out before all others: where it is there, an earlier run was at work, and every blob is asked for.
 */
export function findNovelty(
  targets: readonly Target[],
  canary: Descriptor | undefined,
): ReadonlyMap<Target, Promise<void>> {
  if (canary === undefined) return new Map();
  return eachLive(targets, async (target) => {
    target.novelty = await target.repository.novelty(() => noveltyFor(target, canary));
  });
}

async function noveltyFor(target: Target, canary: Descriptor): Promise<Novelty> {
  const { place, previous, repository, signal } = target;
  try {
    if (previous !== undefined || (target.hasTags ?? (await hasTags(target)))) return 'existing';
    if (!(await place.hasBlob(canary, { signal }))) return 'new';
    repository.note(canary.digest);
    return 'existing';
  } catch (error) {
    throw sideOf(error, 'destination', place.location);
  }
}

/** A place that cannot list, or does not let us, may hold anything. */
async function hasTags({ place, signal }: Target): Promise<boolean> {
  if (!supports(place, 'tags')) return true;
  try {
    for await (const _tag of place.listTags({ signal })) return true;
    return false;
  } catch {
    signal.throwIfAborted();
    return true;
  }
}
