/** What an index is called once it lists the chosen platforms only. */
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { isTranshipError } from '../oci/errors.ts';
import { parseManifest } from '../oci/manifest.ts';
import { kindOf } from '../oci/media-type.ts';
import type { Platform } from '../oci/platform.ts';
import type { CallOptions, ContentReader } from '../oci/ports.ts';
import { successorsOf } from '../oci/successors.ts';
import type { GraphNode } from './graph.ts';
import { deepestNesting } from './limits.ts';
import { choosePlatforms, withoutLeftOut } from './platforms.ts';

/**
 * The digest that `index` has at a destination which insists on all children. Reads the index, and those nested in it; no
 * image. The digest itself where nothing is left out; `undefined` where it cannot be told, which copying would explain.
 */
export async function filteredDigest(
  source: ContentReader,
  index: Digest,
  platforms: readonly Platform[],
  options: CallOptions = {},
): Promise<Digest | undefined> {
  try {
    const root = await indexesOf({ mediaType: '', digest: index, size: 0 }, { source, platforms, options }, 0);
    return withoutLeftOut(root).content.descriptor.digest;
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!isTranshipError(error)) throw error;
    return undefined;
  }
}

interface Look {
  readonly source: ContentReader;
  readonly platforms: readonly Platform[];
  readonly options: CallOptions;
}

/** The graph of indexes alone: what else an index lists stays as it is when the index is rewritten. */
async function indexesOf({ digest }: Descriptor, look: Look, depth: number): Promise<GraphNode> {
  const content = await look.source.fetchManifest(digest, look.options);
  const manifest = parseManifest(content.bytes, content.descriptor.mediaType);
  const leaf: GraphNode = { content, manifest, blobs: [], foreign: [], children: [], leftOut: [] };
  if (manifest.kind !== 'index' || depth > deepestNesting) return leaf;
  const { kept, leftOut } = choosePlatforms(successorsOf(manifest).children, look.platforms);
  const nested = kept.filter(({ mediaType }) => kindOf(mediaType) === 'index');
  const children = await Promise.all(nested.map((child) => indexesOf(child, look, depth + 1)));
  return { ...leaf, children, leftOut };
}
