import { AdaptiveLimiter } from '../kit/limiter.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { BlobSource, ContentReader } from '../oci/ports.ts';
import { FanOut } from './fan-out.ts';
import { isAbsentForeign, tellAbsent } from './foreign-layers.ts';
import { inTime } from './in-time.ts';
import type { Ledger } from './ledger.ts';
import { wishesInFlight } from './limits.ts';
import type { Warn } from './outcome.ts';
import { placeBlob } from './place-blob.ts';
import { Slot } from './slot.ts';
import { keepSmall } from './small-source.ts';
import { eachLive, type Target } from './target.ts';
import { verifiedBlob } from './verified-source.ts';

/** What the transfer of one image's blobs works with. */
export interface TransferContext {
  readonly source: ContentReader;
  /** What messages call the image: `registry.example.com/app:1.4`. */
  readonly image: string;
  readonly ledger: Ledger;
  readonly now: () => number;
  readonly dryRun: boolean;
  readonly warn: Warn;
  readonly signal?: AbortSignal | undefined;
}

/** A blob and the destinations that want it. */
export interface BlobWish {
  readonly blob: Descriptor;
  readonly targets: readonly Target[];
}

/** A destination and the blobs that it wants. */
export interface BlobNeed {
  readonly target: Target;
  readonly blobs: readonly Descriptor[];
}

/**
 * Which blobs to send where, each once: the canary first, as a sign to later runs, and of the others the largest first, so that the
 * end does not wait for one late giant.
 */
export function wishesOf(needs: readonly BlobNeed[], canary: Descriptor | undefined): readonly BlobWish[] {
  const rank = ({ digest, size }: Descriptor) => (digest === canary?.digest ? Number.POSITIVE_INFINITY : size);
  const wishes = new Map<Digest, { blob: Descriptor; targets: Target[] }>();
  for (const { target, blobs } of needs) {
    for (const blob of blobs) {
      const wish = wishes.get(blob.digest) ?? { blob, targets: [] };
      wish.targets.push(target);
      wishes.set(blob.digest, wish);
    }
  }
  return [...wishes.values()].sort((a, b) => rank(b.blob) - rank(a.blob));
}

/**
 * Sends blobs, as many at once as the run's slots allow. Each is read once from the source for all its targets. A target's failure
 * stays with the target, and one that stands still holds up only itself. Resolves once all are under way, with the end of them at
 * each target; rejects only when the run is stopped.
 */
export async function transferBlobs(
  wishes: readonly BlobWish[],
  context: TransferContext,
): Promise<(target: Target) => Promise<unknown>> {
  const limiter = new AdaptiveLimiter(wishesInFlight);
  const begun: ReadonlyMap<Target, Promise<void>>[] = [];
  try {
    for (const wish of wishes) {
      const targets = wish.targets.filter((target) => !target.failure && !target.settled(wish.blob.digest));
      if (targets.length === 0) continue;
      const release = await limiter.acquire({ signal: context.signal });
      begun.push(transferBlob({ ...wish, targets }, context, release));
    }
  } catch (error) {
    await Promise.all(begun.flatMap((placings) => [...placings.values()]));
    throw error;
  }
  return (target) => Promise.all(begun.flatMap((placings) => placings.get(target) ?? []));
}

/**
 * Opens one download of a blob for its targets, and places it at each of them. Once none is left but those that stand still, the
 * blob counts as in flight no longer, and `moved` is called.
 */
function transferBlob(wish: BlobWish, context: TransferContext, moved: () => void): ReadonlyMap<Target, Promise<void>> {
  const { blob, targets } = wish;
  const { source, now, dryRun, ledger, signal } = context;
  const fanOut = new FanOut(sourceOf(wish, context), targets.length);
  const slot = new Slot(ledger.slotsFor(blob), signal);
  const placings = eachLive(targets, async (target) => {
    const branch = fanOut.branch();
    const ask = target.novelty === 'existing';
    try {
      target.settle(blob, await placeBlob(target, blob, { source, branch, slot, ask, now, dryRun }));
    } catch (error) {
      if (!isAbsentForeign(error, blob)) throw error;
      tellAbsent(blob, context.warn);
    } finally {
      branch.leave();
    }
  });
  void inTime([...placings.values()]).then(() => {
    moved();
    return slot.release();
  });
  return placings;
}

/** For many readers small blobs are kept; for one nothing stands between the two connections but the hash. */
function sourceOf({ blob, targets }: BlobWish, context: TransferContext): BlobSource {
  const verified = verifiedBlob(context.source, blob);
  return targets.length > 1 ? keepSmall(verified, blob) : verified;
}
