import type { Descriptor } from '../oci/descriptor.ts';
import { supports } from '../oci/ports.ts';
import type { Target } from './target.ts';
import { placeEverywhere, type TransferContext } from './transfer.ts';

/**
 * Finds out for each target whether its repository is new, so that nothing needs to be asked for there. Gives the end of that at each.
 *
 * A repository without tags is not new yet: a copy that was killed leaves blobs and no tag. So the smallest blob, the canary, is sent
 * to such a repository first of all; where it is there before, an earlier run was at work, and every blob is asked for.
 */
export function findNovelty(
  targets: readonly Target[],
  canary: Descriptor | undefined,
  context: TransferContext,
): ReadonlyMap<Target, Promise<void>> {
  if (canary === undefined || targets.length === 0) return new Map();
  return placeEverywhere({ blob: canary, targets }, context, async (target, place, leave) => {
    // Another image, or another tag of this one, is at it: who only waits must not be waited for.
    if (target.repository.isNoveltyAsked) leave();
    target.novelty = await target.repository.novelty(async () => {
      if (target.previous !== undefined || (target.hasTags ?? (await hasTags(target)))) return 'existing';
      const outcome = await place(true);
      target.settle(canary, outcome);
      return outcome === 'present' ? 'existing' : 'new';
    });
  });
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
