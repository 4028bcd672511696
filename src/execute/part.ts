import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { isForeignLayer } from '../oci/media-type.ts';
import { tellLeftBehind } from './foreign-layers.ts';
import { blobsOf, childrenFirst, type GraphNode } from './graph.ts';
import { inTime } from './in-time.ts';
import { findNovelty } from './novelty.ts';
import { absentManifests } from './presence.ts';
import { failingAlone, type Target } from './target.ts';
import { type BlobNeed, type TransferContext, transferBlobs, wishesOf } from './transfer.ts';

/** Some graphs at one target, with all their blobs in place and their manifests still to be stored. */
export interface Part {
  readonly roots: readonly GraphNode[];
  /** The manifests that the target lacks. */
  readonly absent: ReadonlySet<Digest>;
}

/** Each target's part as soon as its blobs are there, or the target failed. Never rejects. */
export type Arrivals = ReadonlyMap<Target, Promise<Part>>;

interface Need extends BlobNeed {
  readonly part: Part;
}

/**
 * Brings the blobs of some graphs to each target, after finding out what is there. The targets of which that is known in time share
 * one reading of the source. One that stands still, before that or later, holds up nobody but itself.
 */
export async function transferParts(
  targets: readonly Target[],
  roots: (target: Target) => readonly GraphNode[],
  context: TransferContext,
): Promise<Arrivals> {
  const live = targets.filter((target) => !target.failure && roots(target).length > 0);
  for (const target of live) target.plan(blobsOf(childrenFirst(roots(target))));
  tellLeftBehind(live.flatMap(roots), context.warn, context.image);
  const canary = smallestBlob(live.flatMap(roots));
  const novelty = findNovelty(live, canary);
  const needs = new Map(live.map((target) => [target, findNeed(target, roots(target), novelty.get(target))]));
  const { ready } = await inTime([...needs.values()]);
  const together = transferBlobs(wishesOf(ready, canary), context);
  const arrive = async (coming: Promise<Need>): Promise<Part> => {
    const need = await coming;
    const ends = ready.includes(need) ? together : transferBlobs(wishesOf([need], canary), context);
    await failingAlone(need.target, async (target) => (await ends)(target));
    return need.part;
  };
  return new Map([...needs].map(([target, need]) => [target, arrive(need)]));
}

async function findNeed(
  target: Target,
  roots: readonly GraphNode[],
  novelty: Promise<void> | undefined,
): Promise<Need> {
  await novelty;
  const need = { target, part: { roots, absent: new Set<Digest>() }, blobs: [] };
  if (target.failure) return need;
  try {
    const absent = await absentManifests(target, roots);
    return { target, part: { roots, absent }, blobs: neededBlobs(target, roots, absent) };
  } catch (error) {
    target.fail(error);
    return need;
  }
}

/** The blobs of absent manifests. The others stand behind a manifest that is there. */
function neededBlobs(target: Target, roots: readonly GraphNode[], absent: ReadonlySet<Digest>): readonly Descriptor[] {
  const nodes = childrenFirst(roots);
  const needed = blobsOf(nodes.filter((node) => absent.has(node.content.descriptor.digest)));
  const digests = new Set(needed.map(({ digest }) => digest));
  for (const blob of blobsOf(nodes)) {
    if (!digests.has(blob.digest) && !target.settled(blob.digest)) target.settle(blob, 'present');
  }
  return needed;
}

function smallestBlob(roots: readonly GraphNode[]): Descriptor | undefined {
  // A foreign layer may be absent at the source, and then it tells nothing.
  const candidates = blobsOf(childrenFirst(roots)).filter(({ mediaType }) => !isForeignLayer(mediaType));
  return candidates.reduce<Descriptor | undefined>(
    (smallest, blob) => (smallest === undefined || blob.size < smallest.size ? blob : smallest),
    undefined,
  );
}
