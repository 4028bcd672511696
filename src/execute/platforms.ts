import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { algorithmOf, digestOf } from '../oci/digest.ts';
import { TranshipError } from '../oci/errors.ts';
import { kindOf } from '../oci/media-type.ts';
import { formatPlatform, matchesPlatform, type Platform } from '../oci/platform.ts';
import { once } from '../oci/successors.ts';
import type { GraphNode } from './graph.ts';

/** The annotation by which an attestation inside an index says whose it is. */
const attestationSubject = 'vnd.docker.reference.digest';

/**
 * Parts an index's children by platform, each digest once: one may be offered for several. Nested indexes stay and are looked into;
 * attestations stay with their image. Throws `E_PLATFORM_MISSING` where nothing would be left.
 */
export function choosePlatforms(
  children: readonly Descriptor[],
  wanted: readonly Platform[],
): { readonly kept: readonly Descriptor[]; readonly leftOut: readonly Descriptor[] } {
  const chosen = new Set<Digest>();
  for (const child of children) if (isWanted(child, wanted)) chosen.add(child.digest);
  if (children.length > 0 && chosen.size === 0) throw noneLeft(children, wanted);
  const stays = (child: Descriptor) => chosen.has(child.digest) || isAbout(child, chosen);
  return { kept: once(children.filter(stays)), leftOut: children.filter((child) => !stays(child)) };
}

function isWanted(child: Descriptor, wanted: readonly Platform[]): boolean {
  if (child.platform === undefined) return kindOf(child.mediaType) === 'index';
  const { platform } = child;
  return wanted.some((wish) => matchesPlatform(wish, platform));
}

function isAbout(child: Descriptor, chosen: ReadonlySet<Digest>): boolean {
  const subject = child.annotations?.[attestationSubject];
  return subject !== undefined && chosen.has(subject as Digest);
}

/** Whether anything under `node` was left out. */
export function isPartial(node: GraphNode): boolean {
  return node.leftOut.length > 0 || node.children.some(isPartial);
}

/**
 * The graph with each partial index rewritten to list only what is kept: for destinations that insist on all children. Digests
 * change, and signatures on the rewritten indexes no longer apply. The entries that stay are the same JSON as before.
 */
export function withoutLeftOut(node: GraphNode): GraphNode {
  if (!isPartial(node)) return node;
  const children = node.children.map(withoutLeftOut);
  const renamed = new Map(node.children.map((child, at) => [digestOfNode(child), children[at] as GraphNode]));
  const bytes = rewrite(node, renamed);
  const digest = digestOf(bytes, algorithmOf(digestOfNode(node)));
  const descriptor = { ...node.content.descriptor, digest, size: bytes.length };
  return { ...node, content: { descriptor, bytes }, children, leftOut: [] };
}

function rewrite(node: GraphNode, renamed: ReadonlyMap<string, GraphNode>): Uint8Array {
  const document = JSON.parse(Buffer.from(node.content.bytes).toString()) as { manifests: { digest: string }[] };
  const gone = new Set<string>(node.leftOut.map(({ digest }) => digest));
  const manifests = document.manifests
    .filter(({ digest }) => !gone.has(digest))
    .map((entry) => {
      const { digest, size } = renamed.get(entry.digest)?.content.descriptor ?? {};
      return digest === undefined || digest === entry.digest ? entry : { ...entry, digest, size };
    });
  return Buffer.from(JSON.stringify({ ...document, manifests }));
}

function digestOfNode(node: GraphNode): Digest {
  return node.content.descriptor.digest;
}

function noneLeft(children: readonly Descriptor[], wanted: readonly Platform[]): TranshipError {
  const offered = children.flatMap(({ platform }) => (platform ? [formatPlatform(platform)] : []));
  return new TranshipError(
    'E_PLATFORM_MISSING',
    'failed',
    `The image has nothing for ${wanted.map(formatPlatform).join(', ')}.`,
    { side: 'source', hint: `It offers ${offered.length > 0 ? offered.join(', ') : 'no platforms'}.` },
  );
}
