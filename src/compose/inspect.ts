import { eachBounded } from '../kit/bounded.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { type ImageManifest, type IndexManifest, parseManifest } from '../oci/manifest.ts';
import { formatPlatform } from '../oci/platform.ts';
import type { CallOptions } from '../oci/ports.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import { type Place, selectorOf } from './place.ts';
import { readSmallBlob } from './read.ts';
import { findReferrers, type ReferrerNode } from './referrers.ts';
import type { Session } from './session.ts';

/** What an image is. Sizes are bytes as they are stored. */
export interface Inspection {
  readonly apiVersion: 'tranship/v1';
  readonly kind: 'Inspection';
  readonly reference: string;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly type: 'image' | 'index' | 'artifact';
  readonly artifactType?: string;
  readonly subject?: Digest;
  readonly annotations: Readonly<Record<string, string>>;
  /** Of everything that belongs to it, each blob once, manifests included. */
  readonly totalSize: number;
  /** Of an index: its children. Of an image: itself. */
  readonly images: readonly InspectedImage[];
  readonly referrers: readonly ReferrerNode[];
}

export interface InspectedImage {
  readonly digest: Digest;
  /** `linux/amd64`; absent where nothing says it. */
  readonly platform?: string;
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly size: number;
  readonly created?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly layers: readonly { readonly digest: Digest; readonly mediaType: string; readonly size: number }[];
  /** What it is about, where it stands in an index beside the images: `attestation-manifest`. */
  readonly role?: string;
  /** An index may name children that are not there. */
  readonly absent?: true;
}

const parallelReads = 8;

export async function inspect(session: Session, text: string, options: CallOptions = {}): Promise<Inspection> {
  const reference = parseReference(text);
  const place = await session.open(reference, 'read', options);
  const { descriptor, bytes } = await place.fetchManifest(await selectorOf(place, reference, options), options);
  const manifest = parseManifest(bytes, descriptor.mediaType);
  const sizes = new Map<Digest, number>([[descriptor.digest, descriptor.size]]);
  const images =
    manifest.kind === 'index'
      ? await inspectChildren(place, manifest, sizes, options)
      : manifest.kind === 'image'
        ? [await inspectImage(place, { ...descriptor, size: bytes.length }, manifest, sizes, options)]
        : [];
  const referrers = await findReferrers(place, descriptor.digest, options);
  return {
    apiVersion: 'tranship/v1',
    kind: 'Inspection',
    reference: formatReference(reference),
    digest: descriptor.digest,
    mediaType: descriptor.mediaType,
    type: manifest.kind === 'index' ? 'index' : isArtifact(manifest) ? 'artifact' : 'image',
    ...('artifactType' in manifest && manifest.artifactType !== undefined && { artifactType: manifest.artifactType }),
    ...('subject' in manifest && manifest.subject !== undefined && { subject: manifest.subject.digest }),
    annotations: 'annotations' in manifest ? (manifest.annotations ?? {}) : {},
    totalSize: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    images,
    referrers,
  };
}

async function inspectChildren(
  place: Place,
  index: IndexManifest,
  sizes: Map<Digest, number>,
  options: CallOptions,
): Promise<readonly InspectedImage[]> {
  const inspected = await eachBounded(index.children, parallelReads, (child) =>
    inspectChild(place, child, sizes, options),
  );
  return inspected.flat();
}

async function inspectChild(
  place: Place,
  child: Descriptor,
  sizes: Map<Digest, number>,
  options: CallOptions,
): Promise<readonly InspectedImage[]> {
  const found = await place.resolve(child.digest, options);
  if (found === undefined) return [{ ...bare(child), absent: true }];
  const { bytes } = await place.fetchManifest(child.digest, options);
  sizes.set(child.digest, bytes.length);
  const manifest = parseManifest(bytes, child.mediaType);
  if (manifest.kind === 'index') return inspectChildren(place, manifest, sizes, options);
  return manifest.kind === 'image' ? [await inspectImage(place, child, manifest, sizes, options)] : [bare(child)];
}

async function inspectImage(
  place: Place,
  descriptor: Descriptor,
  manifest: ImageManifest,
  sizes: Map<Digest, number>,
  options: CallOptions,
): Promise<InspectedImage> {
  const { config, layers, artifactType } = manifest;
  const blobs = config === undefined ? layers : [config, ...layers];
  for (const blob of blobs) sizes.set(blob.digest, blob.size);
  const facts = await configFacts(place, config, options);
  const platform = descriptor.platform === undefined ? facts.platform : formatPlatform(descriptor.platform);
  const { digest, mediaType } = descriptor;
  return {
    ...bare(descriptor),
    digest,
    mediaType,
    size: descriptor.size + blobs.reduce((sum, blob) => sum + blob.size, 0),
    ...(platform !== undefined && { platform }),
    ...(artifactType !== undefined && { artifactType }),
    ...(facts.created !== undefined && { created: facts.created }),
    labels: facts.labels,
    layers: layers.map((layer) => ({ digest: layer.digest, mediaType: layer.mediaType, size: layer.size })),
  };
}

function bare({ digest, mediaType, size, platform, annotations }: Descriptor): InspectedImage {
  const role = annotations?.['vnd.docker.reference.type'];
  return {
    digest,
    mediaType,
    size,
    labels: {},
    layers: [],
    ...(platform !== undefined && { platform: formatPlatform(platform) }),
    ...(role !== undefined && { role }),
  };
}

interface ConfigFacts {
  readonly platform?: string;
  readonly created?: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What an image's configuration says (image-spec, config.md); nothing where the blob is something else. */
async function configFacts(place: Place, config: Descriptor | undefined, options: CallOptions): Promise<ConfigFacts> {
  if (config === undefined || !/\.(?:config|image)\.v1\+json$/.test(config.mediaType)) return { labels: {} };
  const bytes = await readSmallBlob(place, config, options);
  const document = bytes === undefined ? undefined : objectOf(bytes);
  const { os, architecture, variant, created } = document ?? {};
  const named = typeof os === 'string' && typeof architecture === 'string' && os !== '' && architecture !== '';
  const platform = named
    ? [os, architecture, ...(typeof variant === 'string' && variant !== '' ? [variant] : [])].join('/')
    : undefined;
  return {
    ...(platform !== undefined && { platform }),
    ...(typeof created === 'string' && { created }),
    labels: stringsOf(recordOf(recordOf(document?.['config'])?.['Labels'])),
  };
}

function objectOf(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    return recordOf(JSON.parse(bytes.toString('utf8')));
  } catch {
    // Its digest is right and it is no JSON: some artifacts keep other things there.
    return undefined;
  }
}

function recordOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

function stringsOf(record: Record<string, unknown> | undefined): Record<string, string> {
  const entries = Object.entries(record ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(entries);
}

function isArtifact(manifest: {
  readonly kind: string;
  readonly config?: Descriptor;
  readonly artifactType?: string;
}): boolean {
  const { config, artifactType } = manifest;
  return (
    artifactType !== undefined || (config !== undefined && !/\.(?:config|image)\.v1\+json$/.test(config.mediaType))
  );
}
