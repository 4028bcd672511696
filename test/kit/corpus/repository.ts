/** What a test repository holds, in the order in which it can be pushed: blobs, then manifests, children before parents. */
import {
  blobOf,
  configOf,
  describe,
  type Layer,
  manifestOf,
  mediaTypes,
  type Platform,
  type TestBlob,
  type TestDescriptor,
  type TestManifest,
} from './content.ts';

export interface TestRepository {
  readonly name: string;
  readonly blobs: readonly TestBlob[];
  readonly manifests: readonly { readonly manifest: TestManifest; readonly tags: readonly string[] }[];
}

/** Collects a repository's content; each `add…` gives back the manifest's descriptor. */
export class RepositoryBuilder {
  readonly #name: string;
  readonly #blobs = new Map<string, TestBlob>();
  readonly #manifests: { manifest: TestManifest; tags: string[] }[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  blob(blob: TestBlob): TestBlob {
    this.#blobs.set(blob.digest, blob);
    return blob;
  }

  manifest(mediaType: string, document: object | string, ...tags: string[]): TestDescriptor {
    const manifest = manifestOf(mediaType, document);
    this.#manifests.push({ manifest, tags });
    return manifest.descriptor;
  }

  image(
    platform: Platform,
    layers: readonly Layer[],
    { tags = [], more = {}, config = {} }: ImageOptions = {},
  ): TestDescriptor {
    const configBlob = this.blob(configOf(platform, layers, config));
    for (const layer of layers) this.blob(layer.blob);
    const document = {
      schemaVersion: 2,
      mediaType: mediaTypes.image,
      config: describe(configBlob, mediaTypes.config),
      layers: layers.map((layer) => layer.descriptor),
      ...more,
    };
    return { ...this.manifest(mediaTypes.image, document, ...tags), platform };
  }

  index(children: readonly TestDescriptor[], { tags = [], more = {} }: ImageOptions = {}): TestDescriptor {
    const document = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: children, ...more };
    return this.manifest(mediaTypes.index, document, ...tags);
  }

  /** An artifact with one payload and the empty configuration; with `subject` it is a referrer. */
  artifact(
    artifactType: string,
    payload: string,
    { tags = [], subject, more = {} }: ArtifactOptions = {},
  ): TestDescriptor {
    const empty = this.blob(blobOf(Buffer.from('{}')));
    const layer = this.blob(blobOf(Buffer.from(payload)));
    const document = {
      schemaVersion: 2,
      mediaType: mediaTypes.image,
      artifactType,
      config: describe(empty, mediaTypes.empty),
      layers: [describe(layer, 'application/octet-stream')],
      ...(subject ? { subject: bare(subject) } : {}),
      ...more,
    };
    return this.manifest(mediaTypes.image, document, ...tags);
  }

  done(): TestRepository {
    return { name: this.#name, blobs: [...this.#blobs.values()], manifests: this.#manifests };
  }
}

export interface ImageOptions {
  readonly tags?: readonly string[];
  /** Further fields of the manifest. */
  readonly more?: object;
  /** Further fields of the configuration. */
  readonly config?: object;
}

export interface ArtifactOptions extends ImageOptions {
  readonly subject?: TestDescriptor;
}

function bare({ mediaType, digest, size }: TestDescriptor): TestDescriptor {
  return { mediaType, digest, size };
}
