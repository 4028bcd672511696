import type { Descriptor } from '../../src/oci/descriptor.ts';
import { type Digest, digestOf } from '../../src/oci/digest.ts';
import { mediaTypes } from '../../src/oci/media-type.ts';
import type { MemoryRepository } from '../../src/oci/memory.ts';
import { parseTagName, type TagName } from '../../src/oci/names.ts';
import type { Platform } from '../../src/oci/platform.ts';

/** Puts content into a memory repository, piece by piece. Contents are texts, so that failures can be read. */
export function imageMaker(repository: MemoryRepository) {
  const put = (bytes: Uint8Array, mediaType: string): Descriptor => {
    const digest = digestOf(bytes);
    return { mediaType, digest, size: bytes.length };
  };

  const blob = (
    content: string | Uint8Array,
    mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip',
  ): Descriptor => {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    const descriptor = put(bytes, mediaType);
    repository.blobs.set(descriptor.digest, bytes);
    return descriptor;
  };

  const manifest = (document: Record<string, unknown>, mediaType: string): Descriptor => {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...document }));
    const descriptor = put(bytes, mediaType);
    repository.manifests.set(descriptor.digest, { descriptor, bytes });
    return descriptor;
  };

  const image = (
    layers: readonly Descriptor[],
    more: {
      readonly config?: Descriptor;
      readonly subject?: Descriptor;
      readonly artifactType?: string;
      readonly note?: string;
    } = {},
  ): Descriptor => {
    const { config = blob('{}', mediaTypes.ociEmpty), subject, artifactType, note } = more;
    return manifest(
      {
        config,
        layers,
        ...(subject && { subject }),
        ...(artifactType && { artifactType }),
        ...(note && { annotations: { note } }),
      },
      mediaTypes.ociManifest,
    );
  };

  const index = (children: readonly Descriptor[], more: { readonly subject?: Descriptor } = {}): Descriptor =>
    manifest({ manifests: children, ...more }, mediaTypes.ociIndex);

  const tag = (name: string, { digest }: Descriptor): TagName => {
    const parsed = tagName(name);
    repository.tags.set(parsed, digest);
    return parsed;
  };

  return { blob, manifest, image, index, tag };
}

export function forPlatform(descriptor: Descriptor, platform: Platform): Descriptor {
  return { ...descriptor, platform };
}

export function tagName(text: string): TagName {
  const tag = parseTagName(text);
  if (tag === undefined) throw new Error(`${text} is no tag`);
  return tag;
}

/** What is missing below the manifest `digest`: nothing, for a complete image. Reads the documents with no code of the product. */
export function missingBelow(repository: MemoryRepository, digest: Digest): readonly string[] {
  const content = repository.manifests.get(digest);
  if (!content) return [digest];
  const document = JSON.parse(Buffer.from(content.bytes).toString()) as {
    config?: Descriptor;
    layers?: readonly Descriptor[];
    manifests?: readonly Descriptor[];
  };
  const blobs = [...(document.config ? [document.config] : []), ...(document.layers ?? [])];
  return [
    ...blobs.filter((entry) => !repository.blobs.has(entry.digest)).map((entry) => entry.digest),
    ...(document.manifests ?? []).flatMap((child) => missingBelow(repository, child.digest)),
  ];
}
