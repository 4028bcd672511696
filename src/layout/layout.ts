import { unlink } from 'node:fs/promises';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { parseKnownManifest } from '../oci/manifest.ts';
import type { TagName } from '../oci/names.ts';
import type { BlobSource, CallOptions, ContentWriter, Deleter, ManifestContent } from '../oci/ports.ts';
import { blobPath, blobSize, readBlob, streamBlob, writeBlob, writeBytes } from './blob-files.ts';
import { isAbsent } from './failures.ts';
import { listing } from './index-entry.ts';
import { isLayout, requireLayout } from './index-file.ts';
import { IndexOnDisk, type IndexOnDiskOptions } from './index-on-disk.ts';
import { LayoutReader } from './layout-reader.ts';
import { sweepParts } from './leftovers.ts';
import { type MadeLayout, makeLayout, unmakeLayout } from './new-layout.ts';

export interface LayoutOptions extends CallOptions {
  /** `create`: make the layout where there is none, in a folder that is absent or empty. Default: that is an error. */
  readonly mode?: 'existing' | 'create';
  /** How long to wait for another process that writes to the same layout, in milliseconds. Default 30 s. */
  readonly lockWaitMs?: number;
}

/**
 * An OCI image layout in a folder, as a source and destination like any repository (image-spec, image-layout.md).
 *
 * Safe against what it reads: file names come from parsed digests alone, and links in the layout are refused
 * (`E_LAYOUT_UNSAFE`). Safe against being cut off: content is renamed into place when it is complete and on disk, and the
 * index is replaced as a whole, last.
 */
export class Layout extends LayoutReader implements ContentWriter, Deleter {
  readonly dir: string;
  readonly #disk: IndexOnDisk;
  readonly #made: MadeLayout | undefined;

  constructor(dir: string, { made, ...options }: IndexOnDiskOptions & { readonly made?: MadeLayout | undefined } = {}) {
    const disk = new IndexOnDisk(dir, options);
    super(`oci:${dir}`, {
      index: () => disk.read(),
      size: (digest) => blobSize(dir, digest),
      read: (digest, limit) => readBlob(dir, digest, limit),
      stream: (blob, offset, options) => streamBlob(dir, blob, offset, options),
    });
    this.dir = dir;
    this.#disk = disk;
    this.#made = made;
  }

  /** By name and size: a blob is put into place only after its digest was verified. */
  async hasBlob(blob: Descriptor, _options?: CallOptions): Promise<boolean> {
    return (await blobSize(this.dir, blob.digest)) === blob.size;
  }

  pushBlob(blob: Descriptor, source: BlobSource, options?: CallOptions): Promise<void> {
    return writeBlob(this.dir, blob, source, options);
  }

  /** The manifest is on disk before the index names it. Pushes that come together share one writing of the index. */
  async pushManifest(
    { descriptor, bytes }: ManifestContent,
    tags: readonly TagName[],
    options?: CallOptions,
  ): Promise<void> {
    const document = parseKnownManifest(bytes, descriptor.mediaType);
    await writeBytes(this.dir, descriptor.digest, bytes);
    await this.#disk.change(listing(descriptor, document, tags), options);
    if (document) this.noteManifest(descriptor, document);
  }

  /** Removes the name alone; the manifest stays listed without one. */
  async deleteTag(tag: TagName, options?: CallOptions): Promise<void> {
    if ((await this.#disk.read()).find(tag) === undefined) throw this.manifestUnknown(tag);
    await this.#disk.change({ do: 'untag', name: tag }, options);
  }

  /** Removes the manifest and its names. Blobs stay: others may stand on them. */
  async deleteManifest(digest: Digest, options?: CallOptions): Promise<void> {
    if ((await this.resolve(digest, options)) === undefined) throw this.manifestUnknown(digest);
    await this.#disk.change({ do: 'drop', digest }, options);
    this.noteRemoval(digest);
    await unlink(blobPath(this.dir, digest)).catch(ignoreAbsent);
  }

  /** Removes the layout again where opening made it and nothing was stored since, so that a failed copy leaves nothing behind. */
  async discardIfUnused(): Promise<void> {
    if (this.#made !== undefined) await unmakeLayout(this.#made);
  }
}

/**
 * Opens the layout in `dir`. `E_NOT_A_LAYOUT` where there is none, and with `create` where the folder holds something else.
 * Nothing needs to be closed.
 */
export async function openLayout(dir: string, options: LayoutOptions = {}): Promise<Layout> {
  const { mode, lockWaitMs } = options;
  if (mode !== 'create') {
    await requireLayout(dir);
    return new Layout(dir, { lockWaitMs });
  }
  const made = (await isLayout(dir)) ? undefined : await makeLayout(dir);
  await requireLayout(dir);
  await sweepParts(dir);
  return new Layout(dir, { lockWaitMs, made, mayVanish: true });
}

function ignoreAbsent(error: unknown): undefined {
  if (isAbsent(error)) return undefined;
  throw error;
}
