import type { Digest } from '../oci/digest.ts';
import { isTranshipError, TranshipError } from '../oci/errors.ts';
import type { TagName } from '../oci/names.ts';
import { supports } from '../oci/ports.ts';
import type { Attachment } from './attachments.ts';
import { sideOf } from './failure.ts';
import type { GraphNode } from './graph.ts';
import type { Part } from './part.ts';
import { pushChildren, pushNode, pushOnce } from './push-manifests.ts';
import type { Target } from './target.ts';
import type { TransferContext } from './transfer.ts';

/** What a target's blobs are in place for. */
export interface Arrived {
  readonly image: Part | undefined;
  readonly attachments: AttachedPart | undefined;
}

export interface AttachedPart extends Part {
  readonly attachments: readonly Attachment[];
}

/** Stores the manifests, whose blobs are in place: children, then what refers to the image, and the image with its tags last. */
export async function finish(target: Target, { image, attachments }: Arrived, context: TransferContext): Promise<void> {
  try {
    const root = image && target.root;
    if (root) await pushChildren(target, [root], image.absent, context);
    if (attachments) await attach(target, attachments, root, context);
    if (root) await pushRoot(target, root, image.absent, context);
  } catch (error) {
    throw sideOf(error, 'destination', target.place.location);
  }
}

/** What a dry run would have stored. */
export function foresee(target: Target, { image, attachments }: Arrived): void {
  const root = image && target.root?.content.descriptor.digest;
  target.wrote = root !== undefined && (target.outdatedTags.length > 0 || image?.absent.has(root) === true);
  target.referrers = attachments ? newOnes(attachments).length : 0;
}

/** Asks the destination what its tags name after the push. Throws `E_NOT_VERIFIED`. */
export async function verifyTags(target: Target): Promise<void> {
  await Promise.all(
    target.outdatedTags.map(async (tag) => {
      const found = await target.place.resolve(tag, { signal: target.signal });
      if (found?.digest === target.aim) return;
      throw new TranshipError(
        'E_NOT_VERIFIED',
        'failed',
        `${target.place.location}:${tag} names ${found?.digest ?? 'nothing'} after the push of ${target.aim}.`,
        {
          side: 'destination',
          subject: `${target.place.location}:${tag}`,
          hint: 'Somebody else moved the tag at the same time, or the registry changed the manifest.',
        },
      );
    }),
  );
}

async function pushRoot(
  target: Target,
  root: GraphNode,
  absent: ReadonlySet<Digest>,
  context: TransferContext,
): Promise<void> {
  const tags = target.outdatedTags;
  if (tags.length === 0 && !absent.has(root.content.descriptor.digest)) return;
  await pushNode(target, root, tags, context);
  target.wrote = true;
}

async function attach(
  target: Target,
  part: AttachedPart,
  root: GraphNode | undefined,
  context: TransferContext,
): Promise<void> {
  try {
    await pushAttachments(target, part, context);
  } catch (error) {
    if (!root || !isTranshipError(error) || error.code !== 'E_BLOB_MISSING') throw error;
    await pushOnce(target, root, context);
    await pushAttachments(target, part, context);
  }
}

/** A destination may insist, against the specification, that a subject is there first: see the retry above. */
async function pushAttachments(target: Target, part: AttachedPart, context: TransferContext): Promise<void> {
  const absent = part.absent;
  const tagged = part.attachments.filter(({ tags }) => tags.length > 0);
  const inner = new Set(part.attachments.flatMap(({ node }) => node.children.map(digestOf)));
  const last = new Set(tagged.map(({ node }) => digestOf(node)).filter((digest) => !inner.has(digest)));
  const now = new Set([...absent].filter((digest) => !last.has(digest)));
  await pushChildren(target, part.roots, now, context, { withRoots: true });
  await Promise.all(tagged.map((attachment) => pushTagged(target, attachment, absent, context)));
  await keepListed(target, part);
  target.referrers = newOnes(part).length;
}

/** What was there already may lack its entry under its subject: whoever stored it may have been killed between the two. */
async function keepListed(target: Target, part: AttachedPart): Promise<void> {
  const { place, signal } = target;
  if (!supports(place, 'keep')) return;
  const absent = part.absent;
  const present = part.attachments.filter(({ node }) => !absent.has(digestOf(node)));
  await place.keepListed(
    present.map(({ node }) => node.content),
    { signal },
  );
}

function newOnes(part: AttachedPart): readonly Attachment[] {
  const absent = part.absent;
  return part.attachments.filter(({ node }) => absent.has(digestOf(node)));
}

/** One of cosign's tags, unless it names the same already. */
async function pushTagged(
  target: Target,
  { node, tags }: Attachment,
  absent: ReadonlySet<Digest>,
  context: TransferContext,
): Promise<void> {
  const outdated = absent.has(digestOf(node)) ? tags : await outdatedOf(target, node, tags);
  if (outdated.length > 0) await pushNode(target, node, outdated, context);
}

async function outdatedOf(target: Target, node: GraphNode, tags: readonly TagName[]): Promise<readonly TagName[]> {
  const found = await Promise.all(tags.map((tag) => target.place.resolve(tag, { signal: target.signal })));
  return tags.filter((_, at) => found[at]?.digest !== digestOf(node));
}

function digestOf(node: GraphNode): Digest {
  return node.content.descriptor.digest;
}
