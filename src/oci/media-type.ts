/** The media types that decide what a document is. Every other type is copied without being looked at. */
export const mediaTypes = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  /** Removed from the image specification before 1.1, still found in registries. */
  ociArtifact: 'application/vnd.oci.artifact.manifest.v1+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerSchema1: 'application/vnd.docker.distribution.manifest.v1+json',
  dockerSchema1Signed: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
  ociEmpty: 'application/vnd.oci.empty.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
} as const;

export type ManifestKind = 'image' | 'index' | 'schema1';

const kinds: ReadonlyMap<string, ManifestKind> = new Map([
  [mediaTypes.ociIndex, 'index'],
  [mediaTypes.dockerList, 'index'],
  [mediaTypes.ociManifest, 'image'],
  [mediaTypes.dockerManifest, 'image'],
  [mediaTypes.ociArtifact, 'image'],
  [mediaTypes.dockerSchema1, 'schema1'],
  [mediaTypes.dockerSchema1Signed, 'schema1'],
]);

const foreignLayer = /^application\/vnd\.(?:oci\.image\.layer\.nondistributable\.|docker\.image\.rootfs\.foreign\.)/;

/** What to ask a registry for. Docker schema 1 is left out, because a registry that has better would convert to it. */
export const acceptedManifestTypes: readonly string[] = [
  mediaTypes.ociIndex,
  mediaTypes.ociManifest,
  mediaTypes.dockerList,
  mediaTypes.dockerManifest,
];

/** The kind of document that `mediaType` promises, or `undefined` where it promises none. */
export function kindOf(mediaType: string): ManifestKind | undefined {
  return kinds.get(mediaType);
}

/** Whether `mediaType` names a manifest of any kind, so that it is fetched from `manifests/` and not from `blobs/`. */
export function isManifestType(mediaType: string): boolean {
  return kinds.has(mediaType);
}

/** Whether a layer was published under terms that keep it off other registries (image-spec, layer.md; deprecated). */
export function isForeignLayer(mediaType: string): boolean {
  return foreignLayer.test(mediaType);
}

/** A `Content-Type` header's value without its parameters, in lower case. */
export function bareMediaType(contentType: string): string {
  const semicolon = contentType.indexOf(';');
  return (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase();
}
