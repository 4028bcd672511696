/**
 * The ports: small interfaces that compose. A registry repository, an OCI layout and a memory store implement them, so one
 * copy serves registry → registry, registry → layout and layout → registry, and a test needs no network.
 *
 * An optional ability is a port of its own, asked for with {@link supports}, never a flag.
 */
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';
import type { TagName } from './names.ts';

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Some bytes of a blob, valid until `release()`: the buffer behind them is pooled and will be read into again. */
export interface Chunk {
  readonly bytes: Uint8Array;
  /** Gives the buffer back. Called exactly once by whoever took the chunk, after its last use. */
  release(): void;
}

/**
 * Bytes of a blob in order. Reading ahead is the producer's business and bounded by its buffer pool, so a consumer that
 * stops taking or releasing chunks stops the producer: that is the back-pressure.
 */
export type ByteStream = AsyncIterable<Chunk>;

/** A blob that can be opened, and opened again at an offset when a transfer broke. */
export interface BlobSource {
  open(offset: number, options?: CallOptions): Promise<ByteStream>;
}

/** A manifest's very bytes as they were hashed, and the descriptor that names them. */
export interface ManifestContent {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

export interface ContentReader {
  /** How messages name this place: `registry.example.com/apps/api`, `oci:./dir`. */
  readonly location: string;
  /** The top descriptor that a tag or digest names now, or `undefined` where there is none. Costs at most one HEAD. */
  resolve(reference: TagName | Digest, options?: CallOptions): Promise<Descriptor | undefined>;
  /** The manifest; its bytes verified against the digest asked for. Throws `E_MANIFEST_UNKNOWN` where there is none. */
  fetchManifest(reference: TagName | Digest, options?: CallOptions): Promise<ManifestContent>;
  /** Opens a blob for reading from `offset`. The stream is not verified; see `verifiedBlob` in `execute`. */
  openBlob(blob: Descriptor, offset: number, options?: CallOptions): Promise<ByteStream>;
}

export interface ContentWriter extends ContentReader {
  hasBlob(blob: Descriptor, options?: CallOptions): Promise<boolean>;
  /**
   * Stores a blob. Opens `source` as often as its own resume and retries need. Returns once the place confirmed the digest.
   */
  pushBlob(blob: Descriptor, source: BlobSource, options?: CallOptions): Promise<void>;
  /** Stores a manifest under its digest and, all at once or one after another, the tags. Bytes are stored as they are. */
  pushManifest(manifest: ManifestContent, tags: readonly TagName[], options?: CallOptions): Promise<void>;
}

export interface TagLister {
  /** Every tag, page by page, each a valid {@link TagName}, none twice. Empty where the repository does not exist. */
  listTags(options?: CallOptions): AsyncIterable<TagName>;
}

/** A tag as bulk listings show it. */
export interface TagEntry {
  readonly tag: TagName;
  readonly digest: Digest;
  readonly mediaType?: string;
  /** RFC 3339. When the tag was set, where the listing tells. */
  readonly updatedAt?: string;
  /** RFC 3339. When the tag first came to be, where the listing tells. */
  readonly createdAt?: string;
  /** Bytes, where the listing tells. */
  readonly size?: number;
}

export interface DigestLister {
  /** Every tag with the digest of its top manifest, without a request per tag. */
  listTagsWithDigests(options?: CallOptions): AsyncIterable<TagEntry>;
}

export interface DigestConfirmer {
  /** The digest that a tag names now, as `resolve` tells it, for less where it is the `likely` one. */
  digestOf(tag: TagName, likely: Digest | undefined, options?: CallOptions): Promise<Digest | undefined>;
}

export interface ReferrerLister {
  /** Manifests whose `subject` is `subject`: the API's answer and the fallback tag's entries together. */
  listReferrers(
    subject: Digest,
    /** `hasFallback` where a tag listing can show that the fallback tag is not there: saves a request. */
    options?: CallOptions & { readonly hasFallback?: () => Promise<boolean> },
  ): Promise<readonly Descriptor[]>;
}

/** A place that may keep no lists of referrers by itself, so that whoever writes has to. */
export interface ReferrerKeeper {
  /**
   * Sees to it that manifests which are there stand in their subjects' lists: a writer that was killed between a manifest and
   * its entry leaves them out. Costs nothing where the place keeps the lists.
   */
  keepListed(referrers: readonly ManifestContent[], options?: CallOptions): Promise<void>;
}

export interface BlobMounter {
  /**
   * Takes a blob over from another repository of the same registry without moving its bytes. `false` where the registry
   * did not, for whatever reason: the caller then pushes.
   */
  mountBlob(blob: Descriptor, from: ContentReader, options?: CallOptions): Promise<boolean>;
  /** Whether `from` is a repository that a mount may be tried from. */
  canMountFrom(from: ContentReader): boolean;
}

export interface Deleter {
  /** Removes one tag and leaves the manifest. Throws `E_UNSUPPORTED` where the place cannot do this. */
  deleteTag(tag: TagName, options?: CallOptions): Promise<void>;
  /** Removes a manifest and every tag on it. */
  deleteManifest(digest: Digest, options?: CallOptions): Promise<void>;
}

/** A place that takes an index although some of its children are absent (decision "platforms"). */
export interface SparseIndexes {
  acceptsSparseIndexes(options?: CallOptions): Promise<boolean>;
}

interface Abilities {
  tags: TagLister;
  digests: DigestLister;
  confirm: DigestConfirmer;
  referrers: ReferrerLister;
  keep: ReferrerKeeper;
  mount: BlobMounter;
  delete: Deleter;
  sparse: SparseIndexes;
}

const marks: Record<keyof Abilities, string> = {
  tags: 'listTags',
  digests: 'listTagsWithDigests',
  confirm: 'digestOf',
  referrers: 'listReferrers',
  keep: 'keepListed',
  mount: 'mountBlob',
  delete: 'deleteTag',
  sparse: 'acceptsSparseIndexes',
};

/** Whether `place` has an optional ability. */
export function supports<A extends keyof Abilities, P extends object>(place: P, ability: A): place is P & Abilities[A] {
  return typeof Reflect.get(place, marks[ability]) === 'function';
}
