import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { isForeignLayer } from '../oci/media-type.ts';
import { tellLeftBehind } from './foreign-layers.ts';
import { blobsOf, childrenFirst, type GraphNode } from './graph.ts';
import { findNovelty } from './novelty.ts';
import { absentManifests } from './presence.ts';
import { forEachLive, type Target } from './target.ts';
import { type TransferContext, transferBlobs, wishesOf } from './transfer.ts';

/** Some graphs, with all their blobs in place and their manifests still to be stored. */
export interface Part {
  roots(target: Target): readonly GraphNode[];
  /** The manifests that the target lacks. */
  absent(target: Target): ReadonlySet<Digest>;
}

/** Brings the blobs of some graphs to each target, after finding out what is there. */
export async function transferPart(
  targets: readonly Target[],
  roots: (target: Target) => readonly GraphNode[],
  context: TransferContext,
): Promise<Part> {
  const live = targets.filter((target) => !target.failure && roots(target).length > 0);
  const absent = new Map<Target, ReadonlySet<Digest>>();
  for (const target of live) target.plan(blobsOf(childrenFirst(roots(target))));
  tellLeftBehind(live.flatMap(roots), context.warn, context.image);
  await findNovelty(live, smallestBlob(live.flatMap(roots)), context);
  await forEachLive(live, async (target) => {
    absent.set(target, await absentManifests(target, roots(target)));
  });
  const needs = new Map([...absent].map(([target, lacking]) => [target, neededBlobs(target, roots(target), lacking)]));
  await transferBlobs(wishesOf(needs), context);
  return { roots, absent: (target) => absent.get(target) ?? new Set() };
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
