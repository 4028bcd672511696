import { join } from 'node:path';
import { isLayout } from '../layout/index-file.ts';
import { type Layout, openLayout } from '../layout/layout.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { TranshipError } from '../oci/errors.ts';
import type { RepositoryName, TagName } from '../oci/names.ts';
import type {
  BlobMounter,
  BlobSource,
  ByteStream,
  CallOptions,
  ContentReader,
  ContentWriter,
  Deleter,
  DigestLister,
  ManifestContent,
  ReferrerLister,
  TagEntry,
  TagLister,
} from '../oci/ports.ts';
import { folderOf } from './folders.ts';
import type { LayoutRegistry } from './layout-registry.ts';

/** A repository of a {@link LayoutRegistry}. Its layout is opened when something is read, and made when something is written. */
export class LayoutRepository implements ContentWriter, TagLister, DigestLister, ReferrerLister, BlobMounter, Deleter {
  readonly location: string;
  readonly #registry: LayoutRegistry;
  readonly #name: RepositoryName;
  #reading: Promise<Layout | undefined> | undefined;
  #writing: Promise<Layout> | undefined;

  constructor(registry: LayoutRegistry, name: RepositoryName) {
    this.location = `${registry.location}/${name}`;
    this.#registry = registry;
    this.#name = name;
  }

  async resolve(reference: TagName | Digest, options?: CallOptions): Promise<Descriptor | undefined> {
    return (await this.#existing())?.resolve(reference, options);
  }

  async fetchManifest(reference: TagName | Digest, options?: CallOptions): Promise<ManifestContent> {
    return (await this.#needed()).fetchManifest(reference, options);
  }

  async openBlob(blob: Descriptor, offset: number, options?: CallOptions): Promise<ByteStream> {
    return (await this.#needed()).openBlob(blob, offset, options);
  }

  async *listTags(options?: CallOptions): AsyncGenerator<TagName> {
    const layout = await this.#existing();
    if (layout !== undefined) yield* layout.listTags(options);
  }

  async *listTagsWithDigests(options?: CallOptions): AsyncGenerator<TagEntry> {
    const layout = await this.#existing();
    if (layout !== undefined) yield* layout.listTagsWithDigests(options);
  }

  async listReferrers(subject: Digest, options?: CallOptions): Promise<readonly Descriptor[]> {
    return (await this.#existing())?.listReferrers(subject, options) ?? [];
  }

  async hasBlob(blob: Descriptor, options?: CallOptions): Promise<boolean> {
    return (await this.#existing())?.hasBlob(blob, options) ?? false;
  }

  async pushBlob(blob: Descriptor, source: BlobSource, options?: CallOptions): Promise<void> {
    return (await this.#writable(options)).pushBlob(blob, source, options);
  }

  async pushManifest(manifest: ManifestContent, tags: readonly TagName[], options?: CallOptions): Promise<void> {
    return (await this.#writable(options)).pushManifest(manifest, tags, options);
  }

  canMountFrom(from: ContentReader): boolean {
    return from instanceof LayoutRepository && from.#registry === this.#registry && from !== this;
  }

  /** A blob of another repository is shared by a hard link, so that it takes its room once. */
  async mountBlob(blob: Descriptor, from: ContentReader, options?: CallOptions): Promise<boolean> {
    if (!(from instanceof LayoutRepository) || !this.canMountFrom(from)) return false;
    const [source, target] = [await from.#existing(), await this.#writable(options)];
    if (source === undefined || !(await source.hasBlob(blob))) return false;
    return this.#registry.pool.share(blob.digest, target.dir, source.dir);
  }

  async deleteTag(tag: TagName, options?: CallOptions): Promise<void> {
    return (await this.#writable(options)).deleteTag(tag, options);
  }

  async deleteManifest(digest: Digest, options?: CallOptions): Promise<void> {
    return (await this.#writable(options)).deleteManifest(digest, options);
  }

  /** The layout, where it is there by now. */
  async #existing(): Promise<Layout | undefined> {
    if (this.#writing !== undefined) return this.#writing;
    this.#reading ??= this.#open();
    const found = await this.#reading;
    if (found === undefined) this.#reading = undefined;
    return found;
  }

  async #needed(): Promise<Layout> {
    const found = await this.#existing();
    if (found !== undefined) return found;
    throw new TranshipError('E_REPOSITORY_UNKNOWN', 'failed', 'There is no such repository in the folder.', {
      subject: this.location,
      hint: 'The folder holds what `tranship serve` or a sync put into it.',
    });
  }

  async #open(): Promise<Layout | undefined> {
    const dir = await this.#dir();
    return dir !== undefined && (await isLayout(dir)) ? openLayout(dir) : undefined;
  }

  #writable(options?: CallOptions): Promise<Layout> {
    this.#writing ??= this.#make(options);
    // What failed may be tried again.
    this.#writing.catch(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #make(options?: CallOptions): Promise<Layout> {
    const dir = await this.#dir();
    if (dir === undefined)
      throw new TranshipError(
        'E_NOT_A_LAYOUT',
        'failed',
        'The folder is a single layout and takes no other repository.',
        {
          side: 'destination',
          subject: this.location,
          hint: `Its one repository is called ${await this.#registry.only()}; name another folder for several.`,
        },
      );
    if (dir !== this.#registry.root) await this.#registry.take(options);
    return openLayout(dir, { ...options, mode: 'create' });
  }

  async #dir(): Promise<string | undefined> {
    const only = await this.#registry.only();
    if (only === undefined) return join(this.#registry.root, 'repositories', folderOf(this.#name));
    return only === this.#name ? this.#registry.root : undefined;
  }
}
