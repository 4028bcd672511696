import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { isTranshipError } from '../oci/errors.ts';
import { largestManifest, type Manifest, parseManifest } from '../oci/manifest.ts';
import { isManifestType } from '../oci/media-type.ts';
import type { LayoutIndex } from './layout-index.ts';

/** Manifests read at the same time while a layout is looked through. */
const readersAtOnce = 16;

/** Levels of indexes inside indexes that are followed. */
const deepestNesting = 5;

/** Where manifests are read from. */
export interface ManifestStore {
  /** A whole small blob, at most `limit` bytes, or `undefined` where there is none. */
  read(digest: Digest, limit: number): Promise<Buffer | undefined>;
}

/**
 * What the manifests of a layout say about each other: who refers to whom, and which manifests exist only as children of
 * an index. Nothing of it is stored; the first question makes it from the manifests themselves, once. Of a layout
 * that begins empty it is known from the beginning.
 */
export class ReferrerIndex {
  readonly #store: ManifestStore;
  readonly #index: LayoutIndex;
  #known: Promise<Relations> | undefined;

  constructor(store: ManifestStore, index: LayoutIndex) {
    this.#store = store;
    this.#index = index;
    if (index.size === 0) this.#known = Promise.resolve(nothing());
  }

  /** Manifests whose subject is `subject`, ordered by digest. */
  async of(subject: Digest): Promise<readonly Descriptor[]> {
    const { referrers } = await this.#relations();
    return [...(referrers.get(subject)?.values() ?? [])].sort((a, b) => (a.digest < b.digest ? -1 : 1));
  }

  /** Every manifest that has a subject. */
  async referring(): Promise<ReadonlySet<Digest>> {
    const { referrers } = await this.#relations();
    return new Set([...referrers.values()].flatMap((family) => [...family.keys()]));
  }

  /** A manifest that only an index lists. */
  async unlisted(digest: Digest): Promise<Descriptor | undefined> {
    return (await this.#relations()).children.get(digest);
  }

  /** Tells of a manifest that was stored. */
  add(descriptor: Descriptor, manifest: Manifest): void {
    void this.#known?.then((relations) => note(relations, descriptor, manifest));
  }

  /** Tells of a manifest that was removed. */
  remove(digest: Digest): void {
    void this.#known?.then(({ referrers, children }) => {
      children.delete(digest);
      for (const family of referrers.values()) family.delete(digest);
    });
  }

  #relations(): Promise<Relations> {
    this.#known ??= this.#lookThrough().catch((error: unknown) => {
      this.#known = undefined;
      throw error;
    });
    return this.#known;
  }

  async #lookThrough(): Promise<Relations> {
    const relations = nothing();
    let level = [...this.#index.manifests()].map(({ descriptor }) => descriptor);
    for (let depth = 0; depth <= deepestNesting && level.length > 0; depth++) {
      level = await this.#readLevel(level, relations);
    }
    return relations;
  }

  async #readLevel(level: readonly Descriptor[], relations: Relations): Promise<Descriptor[]> {
    const queue = level.filter(({ digest }) => !relations.seen.has(digest) && relations.seen.add(digest));
    const below: Descriptor[] = [];
    const reader = async () => {
      for (let descriptor = queue.pop(); descriptor !== undefined; descriptor = queue.pop()) {
        const manifest = await this.#read(descriptor);
        if (manifest === undefined) continue;
        note(relations, descriptor, manifest);
        if (manifest.kind === 'index')
          below.push(...manifest.children.filter((child) => isManifestType(child.mediaType)));
      }
    };
    await Promise.all(Array.from({ length: readersAtOnce }, reader));
    return below;
  }

  /** A manifest that is missing or cannot be read refers to nothing; asking for it by name says what is wrong with it. */
  async #read({ digest, mediaType }: Descriptor): Promise<Manifest | undefined> {
    try {
      const bytes = await this.#store.read(digest, largestManifest);
      return bytes === undefined ? undefined : parseManifest(bytes, mediaType);
    } catch (error) {
      if (isTranshipError(error)) return undefined;
      throw error;
    }
  }
}

interface Relations {
  readonly referrers: Map<Digest, Map<Digest, Descriptor>>;
  readonly children: Map<Digest, Descriptor>;
  readonly seen: Set<Digest>;
}

function nothing(): Relations {
  return { referrers: new Map(), children: new Map(), seen: new Set() };
}

function note({ referrers, children }: Relations, descriptor: Descriptor, manifest: Manifest): void {
  if (manifest.kind === 'schema1') return;
  if (manifest.kind === 'index') {
    for (const child of manifest.children) if (isManifestType(child.mediaType)) children.set(child.digest, bare(child));
  }
  const { subject } = manifest;
  if (subject === undefined) return;
  const family = referrers.get(subject.digest) ?? new Map<Digest, Descriptor>();
  referrers.set(subject.digest, family.set(descriptor.digest, referrerOf(descriptor, manifest)));
}

/**
 * The entry of a referrers listing: `artifactType` is the manifest's own, else an image's config type; all annotations are
 * those of the manifest (distribution-spec, "Listing Referrers").
 */
function referrerOf({ digest, size }: Descriptor, manifest: Exclude<Manifest, { kind: 'schema1' }>): Descriptor {
  const configType = manifest.kind === 'image' ? manifest.config?.mediaType : undefined;
  const artifactType = manifest.artifactType ?? configType;
  return {
    mediaType: manifest.mediaType,
    digest,
    size,
    ...(artifactType !== undefined && { artifactType }),
    ...(manifest.annotations && { annotations: manifest.annotations }),
  };
}

function bare({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}
