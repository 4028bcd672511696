import type { Manifest } from './types.ts';

interface DescriptorShape {
  readonly mediaType?: string;
  readonly digest: string;
  readonly size: number;
  readonly urls?: readonly string[];
  readonly platform?: unknown;
  readonly annotations?: unknown;
}

export interface ManifestShape {
  readonly schemaVersion?: number;
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly config?: DescriptorShape;
  readonly layers?: readonly DescriptorShape[];
  readonly manifests?: readonly DescriptorShape[];
  readonly subject?: DescriptorShape;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly fsLayers?: readonly { readonly blobSum: string }[];
  readonly history?: readonly { readonly v1Compatibility: string }[];
}

export const mediaTypes = {
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  schema1: 'application/vnd.docker.distribution.manifest.v1+json',
  signedSchema1: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
} as const;

export function parseManifest(manifest: Pick<Manifest, 'bytes'>): ManifestShape {
  return JSON.parse(manifest.bytes.toString('utf8')) as ManifestShape;
}

export function isList(mediaType: string): boolean {
  return mediaType === mediaTypes.dockerList || mediaType === mediaTypes.ociIndex;
}

/** Digests of the config and the layers, in order. */
export function referencedBlobs(manifest: Manifest): string[] {
  const shape = parseManifest(manifest);
  if (isList(manifest.mediaType)) return [];
  if (shape.fsLayers !== undefined) return shape.fsLayers.map((layer) => layer.blobSum);
  const layers = (shape.layers ?? []).filter((layer) => (layer.urls ?? []).length === 0);
  return [...(shape.config === undefined ? [] : [shape.config.digest]), ...layers.map((layer) => layer.digest)];
}

/** The size that tag listings show: the layers', without the config; nothing for a list. */
export function layersSize(manifest: Manifest): number | null {
  if (isList(manifest.mediaType)) return null;
  return (parseManifest(manifest).layers ?? []).reduce((sum, layer) => sum + layer.size, 0);
}
