import type { Descriptor } from './descriptor.ts';
import { algorithmOf, type Digest, digestOf, isDigest } from './digest.ts';
import { TranshipError } from './errors.ts';
import { parseKnownManifest } from './manifest.ts';
import type { TagName } from './names.ts';
import type {
  BlobMounter,
  BlobSource,
  ByteStream,
  ContentReader,
  ContentWriter,
  Deleter,
  DigestLister,
  ManifestContent,
  ReferrerLister,
  SparseIndexes,
  TagEntry,
  TagLister,
} from './ports.ts';
import { successorsOf } from './successors.ts';

export interface MemoryOptions {
  readonly location?: string;
  /** Repositories with one and the same registry object can mount from each other. */
  readonly registry?: object;
  /** Refuse a manifest whose blobs or children are absent, as most registries do. Default true. */
  readonly strict?: boolean;
  readonly sparse?: boolean;
  readonly chunkSize?: number;
}

/** A repository in memory, behind all ports: what the copy is tested on, and a place to keep small things. */
export class MemoryRepository
  implements ContentWriter, TagLister, DigestLister, ReferrerLister, BlobMounter, Deleter, SparseIndexes
{
  readonly location: string;
  readonly registry: object;
  readonly blobs = new Map<Digest, Uint8Array>();
  readonly manifests = new Map<Digest, ManifestContent>();
  readonly tags = new Map<TagName, Digest>();
  readonly #strict: boolean;
  readonly #sparse: boolean;
  readonly #chunkSize: number;

  constructor(options: MemoryOptions = {}) {
    this.location = options.location ?? 'memory';
    this.registry = options.registry ?? {};
    this.#strict = options.strict ?? true;
    this.#sparse = options.sparse ?? false;
    this.#chunkSize = options.chunkSize ?? 256 * 1024;
  }

  async resolve(reference: TagName | Digest): Promise<Descriptor | undefined> {
    return this.#find(reference)?.descriptor;
  }

  async fetchManifest(reference: TagName | Digest): Promise<ManifestContent> {
    const found = this.#find(reference);
    if (found) return found;
    throw new TranshipError('E_MANIFEST_UNKNOWN', 'failed', `${this.location} has no ${reference}.`, {
      subject: reference,
    });
  }

  async openBlob(blob: Descriptor, offset: number): Promise<ByteStream> {
    const bytes = this.blobs.get(blob.digest);
    if (!bytes) throw new TranshipError('E_BLOB_UNKNOWN', 'failed', `${this.location} has no blob ${blob.digest}.`);
    return chunksOf(bytes, offset, this.#chunkSize);
  }

  async hasBlob(blob: Descriptor): Promise<boolean> {
    return this.blobs.has(blob.digest);
  }

  async pushBlob(blob: Descriptor, source: BlobSource): Promise<void> {
    const parts: Uint8Array[] = [];
    for await (const chunk of await source.open(0)) {
      parts.push(Uint8Array.from(chunk.bytes));
      chunk.release();
    }
    this.#store(blob, Buffer.concat(parts));
  }

  async pushManifest(manifest: ManifestContent, tags: readonly TagName[]): Promise<void> {
    const { digest } = manifest.descriptor;
    if (digestOf(manifest.bytes, algorithmOf(digest)) !== digest) throw mismatch(digest);
    if (this.#strict) this.#requireSuccessors(manifest);
    this.manifests.set(digest, manifest);
    for (const tag of tags) this.tags.set(tag, digest);
  }

  async *listTags(): AsyncIterable<TagName> {
    yield* [...this.tags.keys()].sort();
  }

  async *listTagsWithDigests(): AsyncIterable<TagEntry> {
    for (const tag of [...this.tags.keys()].sort()) yield { tag, digest: this.tags.get(tag) as Digest };
  }

  async listReferrers(subject: Digest): Promise<readonly Descriptor[]> {
    return [...this.manifests.values()].flatMap((content) => {
      const manifest = parseKnownManifest(content.bytes, content.descriptor.mediaType);
      if (!manifest || manifest.kind === 'schema1' || manifest.subject?.digest !== subject) return [];
      const artifactType =
        manifest.artifactType ?? (manifest.kind === 'image' ? manifest.config?.mediaType : undefined);
      return [{ ...content.descriptor, ...(artifactType !== undefined && { artifactType }) }];
    });
  }

  async mountBlob(blob: Descriptor, from: ContentReader): Promise<boolean> {
    const bytes = this.#sibling(from)?.blobs.get(blob.digest);
    if (bytes) this.blobs.set(blob.digest, bytes);
    return bytes !== undefined;
  }

  canMountFrom(from: ContentReader): boolean {
    return this.#sibling(from) !== undefined;
  }

  async deleteTag(tag: TagName): Promise<void> {
    this.tags.delete(tag);
  }

  async deleteManifest(digest: Digest): Promise<void> {
    this.manifests.delete(digest);
    for (const [tag, named] of this.tags) if (named === digest) this.tags.delete(tag);
  }

  async acceptsSparseIndexes(): Promise<boolean> {
    return this.#sparse || !this.#strict;
  }

  #find(reference: TagName | Digest): ManifestContent | undefined {
    const digest = isDigest(reference) ? reference : this.tags.get(reference);
    return digest === undefined ? undefined : this.manifests.get(digest);
  }

  #sibling(place: ContentReader): MemoryRepository | undefined {
    return place instanceof MemoryRepository && place.registry === this.registry ? place : undefined;
  }

  #store(blob: Descriptor, bytes: Uint8Array): void {
    if (bytes.length !== blob.size || digestOf(bytes, algorithmOf(blob.digest)) !== blob.digest)
      throw mismatch(blob.digest);
    this.blobs.set(blob.digest, bytes);
  }

  #requireSuccessors(content: ManifestContent): void {
    const manifest = parseKnownManifest(content.bytes, content.descriptor.mediaType);
    if (!manifest) return;
    const { blobs, children } = successorsOf(manifest);
    const absent = (entry: Descriptor) => !this.blobs.has(entry.digest) && !this.manifests.has(entry.digest);
    const missing = [...blobs, ...(this.#sparse ? [] : children)].filter(absent).map(({ digest }) => digest);
    if (missing.length === 0) return;
    throw new TranshipError('E_BLOB_MISSING', 'failed', `${this.location} does not hold ${missing.join(', ')}.`, {
      digests: missing,
    });
  }
}

function mismatch(digest: Digest): TranshipError {
  return new TranshipError('E_DIGEST_MISMATCH', 'temporary', `What was received is not ${digest}.`, {
    subject: digest,
  });
}

async function* chunksOf(bytes: Uint8Array, offset: number, size: number): ByteStream {
  for (let at = offset; at < bytes.length; at += size) {
    yield { bytes: bytes.subarray(at, at + size), release: () => undefined };
  }
}
