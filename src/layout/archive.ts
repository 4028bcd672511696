import { mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { TranshipError } from '../oci/errors.ts';
import { parseKnownManifest } from '../oci/manifest.ts';
import type { TagName } from '../oci/names.ts';
import type { BlobSource, ByteStream, CallOptions, ContentWriter, Deleter, ManifestContent } from '../oci/ports.ts';
import { ArchiveFile, fileStamp } from './archive-file.ts';
import { packArchive } from './archive-pack.ts';
import { blobSize, readBlob, streamBlob, writeBlob, writeBytes } from './blob-files.ts';
import { syncFolder } from './durable.ts';
import { asWriteFailure, notALayout } from './failures.ts';
import { listing } from './index-entry.ts';
import { type IndexChange, LayoutIndex } from './layout-index.ts';
import { LayoutReader } from './layout-reader.ts';
import { sweepStaging } from './leftovers.ts';
import { ownMark } from './owner.ts';

export interface ArchiveOptions extends CallOptions {
  /** `create`: go on without the file where it is absent. Default: that is an error. */
  readonly mode?: 'existing' | 'create';
}

/**
 * An OCI image layout in a tar file (`oci-archive:`).
 *
 * What is pushed is gathered in a folder beside the file; {@link Archive.commit} writes a new archive, what was in the old
 * one included, and puts it into place at once. Without a commit the file stays as it was, and disposing removes the folder.
 */
export class Archive extends LayoutReader implements ContentWriter, Deleter, AsyncDisposable {
  readonly file: string;
  readonly #base: ArchiveFile | undefined;
  readonly #index: LayoutIndex;
  #staging: Promise<string> | undefined;
  #changed = false;

  constructor(file: string, base: ArchiveFile | undefined) {
    const index = new LayoutIndex(base?.index.toJSON());
    super(`oci-archive:${file}`, {
      index: async () => index,
      size: (digest) => this.#size(digest),
      read: (digest, limit) => this.#read(digest, limit),
      stream: (blob, offset, options) => this.#stream(blob, offset, options),
    });
    this.file = file;
    this.#base = base;
    this.#index = index;
  }

  async hasBlob(blob: Descriptor, _options?: CallOptions): Promise<boolean> {
    return (await this.#size(blob.digest)) === blob.size;
  }

  async pushBlob(blob: Descriptor, source: BlobSource, options?: CallOptions): Promise<void> {
    await writeBlob(await this.#stage(), blob, source, options);
  }

  async pushManifest(
    { descriptor, bytes }: ManifestContent,
    tags: readonly TagName[],
    _options?: CallOptions,
  ): Promise<void> {
    const document = parseKnownManifest(bytes, descriptor.mediaType);
    await writeBytes(await this.#stage(), descriptor.digest, bytes);
    this.#change(listing(descriptor, document, tags));
    if (document) this.noteManifest(descriptor, document);
  }

  async deleteTag(tag: TagName, _options?: CallOptions): Promise<void> {
    if (this.#index.find(tag) === undefined) throw this.manifestUnknown(tag);
    this.#change({ do: 'untag', name: tag });
  }

  async deleteManifest(digest: Digest, options?: CallOptions): Promise<void> {
    if ((await this.resolve(digest, options)) === undefined) throw this.manifestUnknown(digest);
    this.#change({ do: 'drop', digest });
    this.noteRemoval(digest);
  }

  /**
   * Puts the new archive into place. Nothing happens where nothing was pushed or deleted. Throws `E_LOCKED` where the file is another
   * than it was: what somebody else wrote meanwhile would be lost.
   */
  async commit(options: CallOptions = {}): Promise<void> {
    if (!this.#changed) return;
    const staging = await this.#stage();
    try {
      const packed = join(staging, 'packed');
      await packArchive(packed, { staging, base: this.#base, index: this.#index }, options);
      if ((await fileStamp(this.file)) !== this.#base?.stamp) throw changedMeanwhile(this.file);
      await rename(packed, this.file);
      await syncFolder(folderOf(this.file));
    } catch (error) {
      throw asWriteFailure(error, this.file);
    }
    this.#changed = false;
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const staging = this.#staging;
    this.#staging = undefined;
    const folder = await staging?.catch(() => undefined);
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }

  #change(change: IndexChange): void {
    this.#index.apply(change);
    this.#changed = true;
  }

  #stage(): Promise<string> {
    this.#staging ??= makeStaging(this.file).catch((error: unknown) => {
      this.#staging = undefined;
      throw asWriteFailure(error, this.file);
    });
    return this.#staging;
  }

  async #size(digest: Digest): Promise<number | undefined> {
    return (await this.#staged((folder) => blobSize(folder, digest))) ?? this.#base?.size(digest);
  }

  async #read(digest: Digest, limit: number): Promise<Buffer | undefined> {
    return (await this.#staged((folder) => readBlob(folder, digest, limit))) ?? this.#base?.read(digest, limit);
  }

  async #stream(blob: Descriptor, offset: number, options?: CallOptions): Promise<ByteStream> {
    const staged = await this.#staged((folder) => blobSize(folder, blob.digest));
    if (staged === undefined && this.#base !== undefined) return this.#base.stream(blob, offset, options);
    return streamBlob(await this.#stage(), blob, offset, options);
  }

  async #staged<T>(look: (folder: string) => Promise<T | undefined>): Promise<T | undefined> {
    return this.#staging === undefined ? undefined : look(await this.#staging);
  }
}

/** On the same disk as the file, so that the new one can be renamed into place. Its name tells whose it is: see `sweepStaging`. */
async function makeStaging(file: string): Promise<string> {
  return mkdtemp(join(folderOf(file), `.tranship-archive-${await ownMark()}-`));
}

function changedMeanwhile(file: string): TranshipError {
  return new TranshipError('E_LOCKED', 'temporary', 'Somebody else wrote to the archive at the same time.', {
    subject: file,
    hint: 'Run it again: then it adds to what the other wrote.',
  });
}

function folderOf(file: string): string {
  return dirname(resolve(file));
}

/**
 * Opens the archive `file`. `E_NOT_A_LAYOUT` where it holds something else, and without `create` where it is absent. Dispose
 * of it when done; what was pushed is only in the file after {@link Archive.commit}.
 */
export async function openArchive(file: string, options: ArchiveOptions = {}): Promise<Archive> {
  options.signal?.throwIfAborted();
  const base = await ArchiveFile.open(file);
  if (base === undefined && options.mode !== 'create') throw notALayout(file, 'there is no such file');
  if (options.mode === 'create') await sweepStaging(folderOf(file));
  return new Archive(file, base);
}
