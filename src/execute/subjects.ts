import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { parseManifest } from '../oci/manifest.ts';
import { kindOf } from '../oci/media-type.ts';
import type { ContentReader } from '../oci/ports.ts';
import { sideOf } from './failure.ts';
import { childrenFirst, type GraphReader } from './graph.ts';
import { deepestNesting } from './limits.ts';
import type { Target } from './target.ts';

export interface SubjectSearch {
  readonly source: ContentReader;
  readonly graph: GraphReader;
  readonly targets: readonly Target[];
  /** Whether the graph is read anyway, or has to be because platforms were chosen. */
  readonly graphIsRead: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The digests that signatures and the like may hang on: the image and each of its children. Only indexes need to be read for that, so
 * looking after an image that is the same already costs no request for its children.
 */
export async function subjectsOf(descriptor: Descriptor, search: SubjectSearch): Promise<readonly Digest[]> {
  if (!search.graphIsRead) return [...(await digestsUnder(descriptor, search, 0))];
  const original = [await search.graph.read(descriptor)];
  const kept = search.targets.flatMap((target) => (target.root ? [target.root] : []));
  const travelling = kept.length > 0 ? kept : original;
  return childrenFirst(travelling).map((node) => node.content.descriptor.digest);
}

async function digestsUnder(
  descriptor: Descriptor,
  search: SubjectSearch,
  depth: number,
): Promise<ReadonlySet<Digest>> {
  const digests = new Set([descriptor.digest]);
  if (kindOf(descriptor.mediaType) === 'image' || depth > deepestNesting) return digests;
  const children = await childrenOf(descriptor, search);
  const below = await Promise.all(
    children.map(async (child) =>
      kindOf(child.mediaType) === 'index' ? digestsUnder(child, search, depth + 1) : [child.digest],
    ),
  );
  for (const digest of below.flatMap((entry) => [...entry])) digests.add(digest);
  return digests;
}

async function childrenOf(descriptor: Descriptor, { source, signal }: SubjectSearch): Promise<readonly Descriptor[]> {
  try {
    const { bytes, descriptor: named } = await source.fetchManifest(descriptor.digest, { signal });
    const manifest = parseManifest(bytes, named.mediaType);
    return manifest.kind === 'index' ? manifest.children : [];
  } catch (error) {
    throw sideOf(error, 'source', `${source.location}@${descriptor.digest}`);
  }
}
