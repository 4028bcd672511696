import type { Descriptor } from '../oci/descriptor.ts';
import { algorithmOf, type Digest, digestOf, isDigest } from '../oci/digest.ts';
import { isTranshipError, TranshipError } from '../oci/errors.ts';
import { largestManifest, type Manifest, parseManifest } from '../oci/manifest.ts';
import { isTagName, type TagName } from '../oci/names.ts';
import type {
  ByteStream,
  CallOptions,
  ContentReader,
  DigestLister,
  ManifestContent,
  ReferrerLister,
  TagEntry,
  TagLister,
} from '../oci/ports.ts';
import { damaged } from './failures.ts';
import type { LayoutIndex } from './layout-index.ts';
import { type ManifestStore, ReferrerIndex } from './referrer-index.ts';
import { ambiguousTag, onlyManifest } from './sole-manifest.ts';

/** Where a layout's content lies: in a folder, or in a tar file. */
export interface LayoutStore extends ManifestStore {
  index(): Promise<LayoutIndex>;
  /** A blob's size, or `undefined` where there is none. */
  size(digest: Digest): Promise<number | undefined>;
  stream(blob: Descriptor, offset: number, options?: CallOptions): Promise<ByteStream>;
}

/** The reading half of a layout, wherever it lies. */
export class LayoutReader implements ContentReader, TagLister, DigestLister, ReferrerLister {
  readonly location: string;
  readonly #store: LayoutStore;
  #relations: { readonly index: LayoutIndex; readonly referrers: ReferrerIndex } | undefined;

  constructor(location: string, store: LayoutStore) {
    this.location = location;
    this.#store = store;
  }

  async resolve(reference: TagName | Digest, _options?: CallOptions): Promise<Descriptor | undefined> {
    const index = await this.#store.index();
    if (isDigest(reference)) return index.manifest(reference)?.descriptor ?? this.#unlisted(reference);
    const found = index.find(reference);
    if (found === 'ambiguous') throw ambiguousTag(this.location, reference);
    return found?.descriptor;
  }

  /** The one image of a layout, for a reference without a tag. `E_LAYOUT_AMBIGUOUS` where it holds several. */
  async sole(_options?: CallOptions): Promise<Descriptor> {
    const index = await this.#store.index();
    return onlyManifest(this.location, index, () => this.#referrers(index).referring());
  }

  async fetchManifest(reference: TagName | Digest, options?: CallOptions): Promise<ManifestContent> {
    const descriptor = await this.resolve(reference, options);
    if (descriptor === undefined) throw this.manifestUnknown(reference);
    const { digest } = descriptor;
    const bytes = await this.#store.read(digest, largestManifest);
    if (bytes === undefined) throw damaged(this.location, `the index names ${digest}, which is not there`);
    if (digestOf(bytes, algorithmOf(digest)) !== digest) throw damaged(this.location, `${digest} has other content`);
    return { descriptor: { ...descriptor, size: bytes.length }, bytes };
  }

  openBlob(blob: Descriptor, offset: number, options?: CallOptions): Promise<ByteStream> {
    return this.#store.stream(blob, offset, options);
  }

  async *listTags(_options?: CallOptions): AsyncGenerator<TagName, void, undefined> {
    yield* (await this.#store.index()).tags().filter(isTagName);
  }

  async *listTagsWithDigests(_options?: CallOptions): AsyncGenerator<TagEntry, void, undefined> {
    const index = await this.#store.index();
    for (const tag of index.tags().filter(isTagName)) {
      const found = index.find(tag);
      if (found === undefined || found === 'ambiguous') continue;
      const { digest, mediaType, size } = found.descriptor;
      yield { tag, digest, mediaType, size };
    }
  }

  async listReferrers(subject: Digest, _options?: CallOptions): Promise<readonly Descriptor[]> {
    return this.#referrers(await this.#store.index()).of(subject);
  }

  /** Tells of a manifest that was stored, so that the next listing of referrers need not read everything again. */
  protected noteManifest(descriptor: Descriptor, manifest: Manifest): void {
    this.#relations?.referrers.add(descriptor, manifest);
  }

  protected noteRemoval(digest: Digest): void {
    this.#relations?.referrers.remove(digest);
  }

  protected manifestUnknown(reference: TagName | Digest): TranshipError {
    return new TranshipError('E_MANIFEST_UNKNOWN', 'failed', `The layout has no manifest ${reference}.`, {
      subject: this.location,
      hint: `List what it holds with \`tranship tags ${this.location}\`.`,
    });
  }

  /** A child of an index has no entry of its own: what it is, it says itself. */
  async #unlisted(digest: Digest): Promise<Descriptor | undefined> {
    const size = await this.#store.size(digest);
    if (size === undefined || size > largestManifest) return undefined;
    try {
      const { mediaType } = parseManifest((await this.#store.read(digest, largestManifest)) ?? Buffer.alloc(0));
      return { mediaType, digest, size };
    } catch (error) {
      if (isTranshipError(error)) return undefined;
      throw error;
    }
  }

  #referrers(index: LayoutIndex): ReferrerIndex {
    if (this.#relations?.index !== index) {
      this.#relations = { index, referrers: new ReferrerIndex(this.#store, index) };
    }
    return this.#relations.referrers;
  }
}
