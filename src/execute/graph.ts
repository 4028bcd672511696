import { AdaptiveLimiter } from '../kit/limiter.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { isTranshipError, TranshipError } from '../oci/errors.ts';
import { type Manifest, parseManifest } from '../oci/manifest.ts';
import { isManifestType } from '../oci/media-type.ts';
import type { Platform } from '../oci/platform.ts';
import type { ContentReader, ManifestContent } from '../oci/ports.ts';
import { successorsOf } from '../oci/successors.ts';
import { sideOf } from './failure.ts';
import { deepestNesting, mostManifestBytes, mostManifests, requestsInFlight } from './limits.ts';
import { choosePlatforms } from './platforms.ts';

/** A manifest with all that it stands on. */
export interface GraphNode {
  readonly content: ManifestContent;
  readonly manifest: Manifest;
  /** Blobs to send for it: config, layers, and entries of an index that turned out to be blobs. */
  readonly blobs: readonly Descriptor[];
  readonly foreign: readonly Descriptor[];
  readonly children: readonly GraphNode[];
  /** Children that the choice of platforms left out. */
  readonly leftOut: readonly Descriptor[];
}

export interface GraphOptions {
  readonly source: ContentReader;
  readonly platforms?: readonly Platform[] | undefined;
  /** Count foreign layers among the blobs to send. */
  readonly foreignLayers?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly warn: (code: string, message: string, subject?: string) => void;
}

/** Reads manifests of one source, each once, within the limits for one image. */
export class GraphReader {
  readonly #options: GraphOptions;
  readonly #nodes = new Map<Digest, Promise<GraphNode | undefined>>();
  readonly #limiter = new AdaptiveLimiter(requestsInFlight);
  #bytes = 0;

  constructor(options: GraphOptions) {
    this.#options = options;
  }

  /** The graph under `descriptor`. Throws `E_MANIFEST_UNKNOWN`, `E_SCHEMA1`, `E_LIMIT` and what makes a manifest unfit. */
  async read(descriptor: Descriptor): Promise<GraphNode> {
    const node = await this.#node(descriptor, 0);
    if (node) return node;
    throw new TranshipError(
      'E_MANIFEST_UNKNOWN',
      'failed',
      `${this.#options.source.location} has no ${descriptor.digest}.`,
      {
        side: 'source',
        subject: descriptor.digest,
      },
    );
  }

  #node(descriptor: Descriptor, depth: number): Promise<GraphNode | undefined> {
    const known = this.#nodes.get(descriptor.digest);
    if (known) return known;
    const made = this.#load(descriptor, depth);
    this.#nodes.set(descriptor.digest, made);
    return made;
  }

  async #load(descriptor: Descriptor, depth: number): Promise<GraphNode | undefined> {
    if (depth > deepestNesting) throw this.#limit(`indexes are nested deeper than ${deepestNesting} levels`);
    if (this.#nodes.size > mostManifests) throw this.#limit(`it has more than ${mostManifests} manifests`);
    const content = await this.#fetch(descriptor, depth);
    if (!content) return undefined;
    const manifest = this.#parse(content, descriptor, depth);
    if (manifest === undefined) return opaque(content);
    if (manifest.kind === 'schema1') throw schema1(descriptor.digest);
    const named = { ...content, descriptor: { ...content.descriptor, mediaType: manifest.mediaType } };
    return this.#withSuccessors(named, manifest, depth);
  }

  async #withSuccessors(content: ManifestContent, manifest: Manifest, depth: number): Promise<GraphNode> {
    const { blobs, foreign, children } = successorsOf(manifest);
    const { platforms, foreignLayers } = this.#options;
    const choice = platforms && manifest.kind === 'index' ? choosePlatforms(manifest.children, platforms) : undefined;
    const { kept, leftOut } = choice ?? { kept: children, leftOut: [] };
    const nodes = await Promise.all(kept.map((child) => this.#node(child, depth + 1)));
    const strays = kept.filter((_, at) => nodes[at] === undefined);
    return {
      content,
      manifest,
      blobs: [...blobs, ...(foreignLayers ? foreign : []), ...strays],
      foreign: foreignLayers ? [] : foreign,
      children: nodes.filter((node) => node !== undefined),
      leftOut,
    };
  }

  /** `undefined` where an entry of unknown kind is no manifest, so that it must be a blob (image-spec: unknown types are no error). */
  async #fetch(descriptor: Descriptor, depth: number): Promise<ManifestContent | undefined> {
    const { source, signal, warn } = this.#options;
    const release = await this.#limiter.acquire({ signal });
    try {
      const content = await source.fetchManifest(descriptor.digest, { signal });
      this.#bytes += content.bytes.length;
      if (this.#bytes > mostManifestBytes) throw this.#limit(`its manifests hold more than ${mostManifestBytes} bytes`);
      return content;
    } catch (error) {
      if (depth === 0 || !isTranshipError(error) || error.code !== 'E_MANIFEST_UNKNOWN') {
        throw sideOf(error, 'source', source.location);
      }
      const subject = `${source.location}@${descriptor.digest}`;
      if (descriptor.mediaType === '' || isManifestType(descriptor.mediaType)) throw childAbsent(error, subject);
      warn('W_UNKNOWN_KIND', `An entry of type ${descriptor.mediaType} is copied as a blob.`, subject);
      return undefined;
    } finally {
      release();
    }
  }

  #limit(why: string): TranshipError {
    const { location } = this.#options.source;
    return new TranshipError('E_LIMIT', 'refused', `The image is refused: ${why}.`, {
      side: 'source',
      subject: location,
    });
  }

  /** `undefined` for a manifest of a kind nobody knows yet, inside an index that says so: it is copied as it is. */
  #parse(content: ManifestContent, descriptor: Descriptor, depth: number): Manifest | undefined {
    const { source, warn } = this.#options;
    try {
      return parseManifest(content.bytes, content.descriptor.mediaType);
    } catch (error) {
      const { mediaType, digest } = descriptor;
      const subject = `${source.location}@${digest}`;
      const unknown = isTranshipError(error) && error.code === 'E_MANIFEST_KIND' && !isManifestType(mediaType);
      if (!unknown || mediaType === '' || depth === 0) throw sideOf(error, 'source', subject);
      warn('W_UNKNOWN_KIND', `A manifest of type ${mediaType} is copied without what it may point to.`, subject);
      return undefined;
    }
  }
}

/** Every manifest under `roots`, once each, children before what holds them. */
export function childrenFirst(roots: readonly GraphNode[]): readonly GraphNode[] {
  const ordered = new Map<Digest, GraphNode>();
  const visit = (node: GraphNode): void => {
    if (ordered.has(node.content.descriptor.digest)) return;
    node.children.forEach(visit);
    ordered.set(node.content.descriptor.digest, node);
  };
  roots.forEach(visit);
  return [...ordered.values()];
}

/** Every blob that `nodes` need, once each. */
export function blobsOf(nodes: readonly GraphNode[]): readonly Descriptor[] {
  const blobs = new Map<Digest, Descriptor>();
  for (const blob of nodes.flatMap((node) => node.blobs)) if (!blobs.has(blob.digest)) blobs.set(blob.digest, blob);
  return [...blobs.values()];
}

function childAbsent({ serverSaid, cause }: TranshipError, subject: string): TranshipError {
  return new TranshipError('E_MANIFEST_UNKNOWN', 'failed', 'The image names a manifest that is not there.', {
    side: 'source',
    subject,
    ...(serverSaid !== undefined && { serverSaid }),
    hint: 'It is incomplete at its source: push it there again, or copy with --platform what is there.',
    cause,
  });
}

function opaque(content: ManifestContent): GraphNode {
  const manifest = { kind: 'image', mediaType: content.descriptor.mediaType, layers: [] } as const;
  return { content, manifest, blobs: [], foreign: [], children: [], leftOut: [] };
}

function schema1(digest: Digest): TranshipError {
  return new TranshipError(
    'E_SCHEMA1',
    'failed',
    'The image is in the old Docker format (manifest version 2, schema 1).',
    {
      side: 'source',
      subject: digest,
      hint: 'Current container engines refuse it, and its digest does not cover its bytes. Build or push it again in a newer format.',
    },
  );
}
