import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { isTranshipError, TranshipError } from '../oci/errors.ts';
import type { TagName } from '../oci/names.ts';
import { type ContentReader, supports } from '../oci/ports.ts';
import { fallbackTagOf } from '../oci/referrers-tag.ts';
import type { CosignTags } from './cosign-tags.ts';
import { sideOf } from './failure.ts';
import { childrenFirst, type GraphNode, type GraphReader } from './graph.ts';
import { deepestReferrers, mostManifests, mostReferrers } from './limits.ts';

/** What belongs to an image without being part of it: a signature, an SBOM, an attestation. */
export interface Attachment {
  readonly node: GraphNode;
  /** cosign's tags for it; none for a referrer, which is found by its subject. */
  readonly tags: readonly TagName[];
}

export interface AttachmentSearch {
  readonly source: ContentReader;
  readonly graph: GraphReader;
  readonly cosign: CosignTags;
  readonly warn: (code: string, message: string, subject?: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Everything that refers to `subjects`, and to that, and so on: what the referrers API and the fallback tag show, and cosign's tags
 * (registries differ in which they keep; the union is what there is).
 */
export async function findAttachments(
  subjects: readonly Digest[],
  search: AttachmentSearch,
): Promise<readonly Attachment[]> {
  const found = new Map<Digest, Attachment>();
  const asked = new Set<Digest>();
  let level = subjects;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepestReferrers)
      throw limit(`referrers refer to each other over more than ${deepestReferrers} levels`);
    const fresh = level.filter((digest) => !asked.has(digest) && asked.add(digest));
    const added = (await Promise.all(fresh.map((subject) => attachedTo(subject, search)))).flat();
    for (const attachment of added) merge(found, attachment);
    if (found.size > mostManifests) throw limit(`more than ${mostManifests} manifests refer to it`);
    level = childrenFirst(added.map(({ node }) => node)).map((node) => node.content.descriptor.digest);
  }
  return [...found.values()];
}

function merge(found: Map<Digest, Attachment>, attachment: Attachment): void {
  const { digest } = attachment.node.content.descriptor;
  const tags = new Set([...(found.get(digest)?.tags ?? []), ...attachment.tags]);
  found.set(digest, { node: attachment.node, tags: [...tags] });
}

async function attachedTo(subject: Digest, search: AttachmentSearch): Promise<readonly Attachment[]> {
  const [referrers, tagged] = await Promise.all([referrersOf(subject, search), search.cosign.of(subject)]);
  const attachments = await Promise.all([
    ...referrers.map((descriptor) => readReferrer(descriptor, search)),
    ...tagged.map(async ({ tag, descriptor }) => ({ node: await search.graph.read(descriptor), tags: [tag] })),
  ]);
  return attachments.filter((attachment) => attachment !== undefined);
}

async function referrersOf(
  subject: Digest,
  { source, cosign, signal }: AttachmentSearch,
): Promise<readonly Descriptor[]> {
  if (!supports(source, 'referrers')) return [];
  try {
    const referrers = await source.listReferrers(subject, {
      signal,
      hasFallback: () => cosign.mayHave(fallbackTagOf(subject)),
    });
    if (referrers.length > mostReferrers) throw limit(`more than ${mostReferrers} manifests refer to ${subject}`);
    return referrers;
  } catch (error) {
    throw sideOf(error, 'source', `${source.location}@${subject}`);
  }
}

/** A list may name what is gone: fallback lists are written by clients. What is gone cannot be copied, and is no failure. */
async function readReferrer(descriptor: Descriptor, search: AttachmentSearch): Promise<Attachment | undefined> {
  try {
    return { node: await search.graph.read(descriptor), tags: [] };
  } catch (error) {
    if (!isTranshipError(error) || error.code !== 'E_MANIFEST_UNKNOWN') throw error;
    search.warn('W_REFERRER_GONE', 'A referrer is listed at the source and does not exist there.', descriptor.digest);
    return undefined;
  }
}

function limit(why: string): TranshipError {
  return new TranshipError('E_LIMIT', 'refused', `The image's referrers are refused: ${why}.`, {
    side: 'source',
    hint: 'Copy the image without them (--no-referrers).',
  });
}
