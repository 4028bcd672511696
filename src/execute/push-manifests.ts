import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { isTranshipError, type TranshipError } from '../oci/errors.ts';
import type { TagName } from '../oci/names.ts';
import { FanOut } from './fan-out.ts';
import { foreignWanted, hasForeign, isAbsentForeign } from './foreign-layers.ts';
import { childrenFirst, type GraphNode } from './graph.ts';
import { mostHeals } from './limits.ts';
import { placeBlob } from './place-blob.ts';
import { Slot } from './slot.ts';
import type { Target } from './target.ts';
import type { TransferContext } from './transfer.ts';
import { verifiedBlob } from './verified-source.ts';

/** Stores the `absent` ones of the manifests below `roots`, and of these if asked to, children before what holds them. */
export async function pushChildren(
  target: Target,
  roots: readonly GraphNode[],
  absent: ReadonlySet<Digest>,
  context: TransferContext,
  { withRoots = false } = {},
): Promise<void> {
  const tops = new Set(withRoots ? [] : roots.map(digestOfNode));
  const under = new Map<Digest, Promise<void>>();
  const push = (node: GraphNode): Promise<void> => {
    const digest = digestOfNode(node);
    const known = under.get(digest);
    if (known) return known;
    const pushing = Promise.all(node.children.map(push)).then(async () => {
      if (!tops.has(digest) && absent.has(digest)) await pushOnce(target, node, context);
    });
    under.set(digest, pushing);
    return pushing;
  };
  await Promise.all(roots.map(push));
}

/** Stores one manifest without a tag, unless it is there or on its way. */
export async function pushOnce(target: Target, node: GraphNode, context: TransferContext): Promise<void> {
  const { repository } = target;
  const digest = digestOfNode(node);
  await repository.arriving(digest)?.catch(() => undefined);
  if (repository.holds(digest)) return;
  await repository.lead(digest, () => pushNode(target, node, [], context));
}

/**
 * Stores one manifest under its tags. When the destination misses what it was thought to hold, all belief about it is dropped, the
 * missing contents are sent, and the manifest again, twice at most.
 */
export async function pushNode(
  target: Target,
  node: GraphNode,
  tags: readonly TagName[],
  context: TransferContext,
): Promise<void> {
  for (let heals = 0; ; heals++) {
    try {
      await target.place.pushManifest(node.content, tags, { signal: target.signal });
      break;
    } catch (error) {
      if (!isMissing(error)) throw error;
      if (heals < mostHeals && (await heal(target, node, error, context))) continue;
      throw hasForeign(node) ? foreignWanted(error) : error;
    }
  }
  const { digest } = node.content.descriptor;
  target.repository.note(digest);
  target.emit({ type: 'manifest-finished', digest, outcome: 'pushed' });
}

/** Sends what is missing. `false` where that is nothing that this copy has to send. */
async function heal(target: Target, node: GraphNode, error: TranshipError, context: TransferContext): Promise<boolean> {
  const named = new Set(error.digests);
  const blobs = node.blobs.filter(({ digest }) => named.size === 0 || named.has(digest));
  const children = node.children.filter((child) => named.size === 0 || named.has(digestOfNode(child)));
  await Promise.all(blobs.map((blob) => sendAgain(target, blob, context, true)));
  for (const child of childrenFirst(children)) await pushAgain(target, child, context);
  return blobs.length + children.length > 0;
}

/** Unless `force`, the destination is asked for the blob once more. */
async function sendAgain(target: Target, blob: Descriptor, context: TransferContext, force: boolean): Promise<void> {
  const { source, now, ledger, signal } = context;
  target.repository.forget(blob.digest);
  const slot = new Slot(ledger.slotsFor(blob), signal);
  const branch = new FanOut(verifiedBlob(source, blob), 1).branch();
  try {
    await placeBlob(target, blob, { source, branch, slot, ask: !force, force, now });
  } catch (error) {
    if (!isAbsentForeign(error, blob)) throw error;
  } finally {
    await slot.release();
  }
}

async function pushAgain(target: Target, node: GraphNode, context: TransferContext): Promise<void> {
  target.repository.forget(digestOfNode(node));
  await Promise.all(node.blobs.map((blob) => sendAgain(target, blob, context, false)));
  await pushNode(target, node, [], context);
}

function isMissing(error: unknown): error is TranshipError {
  return isTranshipError(error) && error.code === 'E_BLOB_MISSING';
}

function digestOfNode(node: GraphNode): Digest {
  return node.content.descriptor.digest;
}
