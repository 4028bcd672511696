import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';
import type { Manifest } from './manifest.ts';
import { isForeignLayer } from './media-type.ts';

/** What a manifest needs to stand on. */
export interface Successors {
  /** Config and layers, each digest once, in the order of the document. */
  readonly blobs: readonly Descriptor[];
  /** Layers under terms that keep them off other registries: their descriptors stay, their bytes do not travel by default. */
  readonly foreign: readonly Descriptor[];
  /** Manifests, and entries of unknown kind. */
  readonly children: readonly Descriptor[];
}

/** What must be in place before `manifest` may be. Its `subject` is not: that link is weak (image-spec, descriptor.md). */
export function successorsOf(manifest: Manifest): Successors {
  switch (manifest.kind) {
    case 'schema1':
      return { blobs: [], foreign: [], children: [] };
    case 'index':
      return { blobs: [], foreign: [], children: once(manifest.children) };
    case 'image': {
      const all = once(manifest.config ? [manifest.config, ...manifest.layers] : manifest.layers);
      return {
        blobs: all.filter((blob) => !isForeignLayer(blob.mediaType)),
        foreign: all.filter((blob) => isForeignLayer(blob.mediaType)),
        children: [],
      };
    }
  }
}

/** Each digest once, where it stands first. */
export function once(descriptors: readonly Descriptor[]): readonly Descriptor[] {
  const seen = new Set<Digest>();
  return descriptors.filter(({ digest }) => !seen.has(digest) && seen.add(digest));
}
