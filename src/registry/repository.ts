import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { isTranshipError } from '../oci/errors.ts';
import { parseManifest } from '../oci/manifest.ts';
import { kindOf } from '../oci/media-type.ts';
import type { RepositoryName, TagName } from '../oci/names.ts';
import type {
  BlobMounter,
  BlobSource,
  ByteStream,
  CallOptions,
  ContentReader,
  ContentWriter,
  Deleter,
  ManifestContent,
  ReferrerKeeper,
  ReferrerLister,
  SparseIndexes,
  TagLister,
} from '../oci/ports.ts';
import { type BlobPlace, hasBlob, openBlob } from './blobs.ts';
import { deleteReference } from './deletion.ts';
import { type FallbackWriter, referrerEntry } from './fallback.ts';
import { InTurn } from './in-turn.ts';
import { confirmDigest, fetchManifest, resolveManifest } from './manifests.ts';
import { Mounter } from './mount.ts';
import type { ManifestPusher } from './push-manifest.ts';
import { hasReferrersApi, listReferrers, type ReferrersOptions } from './referrers.ts';
import { listTags } from './tags.ts';
import { uploadBlob } from './upload.ts';
import type { Wire } from './wire.ts';

/** What all repositories of one registry share. */
export interface Shared {
  readonly wire: Wire;
  readonly pusher: ManifestPusher;
  readonly fallback: FallbackWriter;
  readonly sparse: (options: CallOptions) => Promise<boolean>;
}

/** One repository of a registry, behind every port that a registry can serve. */
export class RegistryRepository
  implements
    ContentWriter,
    TagLister,
    ReferrerLister,
    ReferrerKeeper,
    BlobMounter,
    Deleter,
    SparseIndexes,
    AsyncDisposable
{
  readonly location: string;
  readonly name: RepositoryName;
  /** The same object for all repositories of one registry: between them blobs can be mounted. */
  readonly registry: object;
  readonly #shared: Shared;
  readonly #place: BlobPlace;
  readonly #mounter: Mounter;
  readonly #listings = new InTurn<Digest>();

  constructor(shared: Shared, name: RepositoryName) {
    this.location = `${shared.wire.host}/${name}`;
    this.name = name;
    this.registry = shared.wire;
    this.#shared = shared;
    this.#place = { wire: shared.wire, repository: name, location: this.location };
    this.#mounter = new Mounter(this.#place);
  }

  resolve(reference: TagName | Digest, options: CallOptions = {}): Promise<Descriptor | undefined> {
    return resolveManifest(this.#place, reference, options);
  }

  digestOf(tag: TagName, likely: Digest | undefined, options: CallOptions = {}): Promise<Digest | undefined> {
    return confirmDigest(this.#place, tag, likely, options);
  }

  fetchManifest(reference: TagName | Digest, options: CallOptions = {}): Promise<ManifestContent> {
    return fetchManifest(this.#place, reference, options);
  }

  openBlob(blob: Descriptor, offset: number, options: CallOptions = {}): Promise<ByteStream> {
    return openBlob(this.#place, blob, offset, options);
  }

  hasBlob(blob: Descriptor, options: CallOptions = {}): Promise<boolean> {
    return hasBlob(this.#place, blob, options);
  }

  /** Does not look first whether the blob is there: whoever may skip it asks {@link hasBlob}. */
  pushBlob(blob: Descriptor, source: BlobSource, options: CallOptions = {}): Promise<void> {
    return uploadBlob(this.#place, blob, source, this.#mounter.take(blob.digest), options);
  }

  /** What refers to one subject is pushed in turn where the registry lists it: of two at once, olareg's list loses one. */
  async pushManifest(manifest: ManifestContent, tags: readonly TagName[], options: CallOptions = {}): Promise<void> {
    const subject = readSubject(manifest)?.subject?.digest;
    if (subject === undefined) {
      await this.#shared.pusher.push(this.#place, manifest, tags, options);
      return;
    }
    const { abilities } = this.#place.wire;
    const { pushing } = await this.#listings.run(subject, async () => {
      const pushing = this.#pushReferrer(manifest, subject, tags, options);
      if (abilities.now.referrersApi !== false) await pushing;
      return { pushing };
    });
    await pushing;
  }

  /** Where the registry keeps no lists of referrers, a referrer is listed before a tag names it, so that a rerun sees what is missing. */
  async #pushReferrer(
    manifest: ManifestContent,
    subject: Digest,
    tags: readonly TagName[],
    options: CallOptions,
  ): Promise<void> {
    const { pusher } = this.#shared;
    const listFirst = tags.length > 0 && !(await hasReferrersApi(this.#place, subject, options));
    const taken = await pusher.push(this.#place, manifest, listFirst ? [] : tags, options);
    if (!taken.subjectProcessed) await this.keepListed([manifest], options);
    if (listFirst) await pusher.push(this.#place, manifest, tags, options);
  }

  async keepListed(referrers: readonly ManifestContent[], options: CallOptions = {}): Promise<void> {
    const bySubject = Map.groupBy(referrers.flatMap(entryUnderSubject), ({ subject }) => subject);
    const [first] = bySubject.keys();
    if (first === undefined || (await hasReferrersApi(this.#place, first, options))) return;
    const adding = [...bySubject].map(([subject, under]) => {
      const entries = under.map(({ entry }) => entry);
      return this.#shared.fallback.add(this.#place, subject, entries, options);
    });
    await Promise.all(adding);
  }

  listTags(options: CallOptions = {}): AsyncIterable<TagName> {
    return listTags(this.#place, options);
  }

  listReferrers(subject: Digest, options: ReferrersOptions = {}): Promise<readonly Descriptor[]> {
    return listReferrers(this.#place, subject, options);
  }

  async mountBlob(blob: Descriptor, from: ContentReader, options: CallOptions = {}): Promise<boolean> {
    const name = this.#siblingName(from);
    return name !== undefined && (await this.#mounter.mount(blob, name, options));
  }

  canMountFrom(from: ContentReader): boolean {
    return this.#shared.wire.abilities.now.mount && this.#siblingName(from) !== undefined;
  }

  deleteTag(tag: TagName, options: CallOptions = {}): Promise<void> {
    return deleteReference(this.#place, tag, options);
  }

  /** Where the registry keeps no lists of referrers, the manifest also leaves its subject's. */
  async deleteManifest(digest: Digest, options: CallOptions = {}): Promise<void> {
    const subject = await this.#subjectToLeave(digest, options);
    await deleteReference(this.#place, digest, options);
    if (subject !== undefined) await this.#shared.fallback.remove(this.#place, subject, digest, options);
  }

  acceptsSparseIndexes(options: CallOptions = {}): Promise<boolean> {
    return this.#shared.sparse(options);
  }

  /** Cancels uploads that stand open because a mount became one and nobody pushed the blob. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#mounter[Symbol.asyncDispose]();
  }

  async #subjectToLeave(digest: Digest, options: CallOptions): Promise<Digest | undefined> {
    if (this.#shared.wire.abilities.now.referrersApi === true) return undefined;
    const subject = readSubject(await fetchManifest(this.#place, digest, options))?.subject?.digest;
    return subject === undefined || (await hasReferrersApi(this.#place, subject, options)) ? undefined : subject;
  }

  /** Asked by its fields, not by its class: a place may stand behind a decorator that counts calls. */
  #siblingName(from: ContentReader): RepositoryName | undefined {
    const other = from as ContentReader & { readonly registry?: unknown; readonly name?: RepositoryName };
    return other.registry === this.registry && other.name !== this.name ? other.name : undefined;
  }
}

function entryUnderSubject(content: ManifestContent) {
  const manifest = readSubject(content);
  if (manifest?.subject === undefined) return [];
  return [{ subject: manifest.subject.digest, entry: referrerEntry(content, manifest) }];
}

/** A manifest that may have a subject. Its bytes were judged when it was read; what cannot be read here has none. */
function readSubject({ bytes, descriptor }: ManifestContent) {
  if (kindOf(descriptor.mediaType) === undefined || !Buffer.from(bytes).includes('"subject"')) return undefined;
  try {
    const manifest = parseManifest(bytes, descriptor.mediaType);
    return manifest.kind === 'schema1' ? undefined : manifest;
  } catch (error) {
    if (!isTranshipError(error)) throw error;
    return undefined;
  }
}
