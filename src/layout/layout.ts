import { mkdir, readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Descriptor } from '../oci/descriptor.ts';
import { algorithmOf, type Digest, digestOf, isDigest } from '../oci/digest.ts';
import { TranshipError } from '../oci/errors.ts';
import { largestManifest, parseManifest } from '../oci/manifest.ts';
import { isTagName, type TagName } from '../oci/names.ts';
import type {
  BlobSource,
  ByteStream,
  CallOptions,
  ContentWriter,
  Deleter,
  DigestLister,
  ManifestContent,
  ReferrerLister,
  TagEntry,
  TagLister,
} from '../oci/ports.ts';
import { blobSize, readBlob, streamBlob, writeBlob, writeBytes } from './blob-files.ts';
import { partName } from './durable.ts';
import { asReadFailure, asWriteFailure, damaged, isAbsent, systemCode } from './failures.ts';
import { entryFor } from './index-entry.ts';
import { createLayout, isLayout, requireLayout } from './index-file.ts';
import { IndexOnDisk } from './index-on-disk.ts';
import type { LayoutIndex } from './layout-index.ts';
import { ReferrerIndex } from './referrer-index.ts';
import { ambiguousTag, onlyManifest } from './sole-manifest.ts';

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
export class Layout implements ContentWriter, TagLister, DigestLister, ReferrerLister, Deleter {
  readonly location: string;
  readonly dir: string;
  readonly #disk: IndexOnDisk;
  #relations: { readonly index: LayoutIndex; readonly referrers: ReferrerIndex } | undefined;

  constructor(dir: string, lockWaitMs?: number) {
    this.dir = dir;
    this.location = `oci:${dir}`;
    this.#disk = new IndexOnDisk(dir, lockWaitMs);
  }

  async resolve(reference: TagName | Digest, _options?: CallOptions): Promise<Descriptor | undefined> {
    const index = await this.#disk.read();
    if (isDigest(reference)) return index.manifest(reference)?.descriptor ?? this.#unlisted(reference, index);
    const found = index.find(reference);
    if (found === 'ambiguous') throw ambiguousTag(this.location, reference);
    return found?.descriptor;
  }

  /** The manifest of a layout that holds one image, for a reference without a tag. `E_LAYOUT_AMBIGUOUS` where it holds several. */
  async sole(_options?: CallOptions): Promise<Descriptor> {
    return onlyManifest(this.location, await this.#disk.read());
  }

  async fetchManifest(reference: TagName | Digest, options?: CallOptions): Promise<ManifestContent> {
    const descriptor = await this.resolve(reference, options);
    if (descriptor === undefined) throw this.#manifestUnknown(reference);
    const { digest } = descriptor;
    const bytes = await readBlob(this.dir, digest, largestManifest);
    if (bytes === undefined) throw damaged(this.location, `the index names ${digest}, which is not there`);
    if (digestOf(bytes, algorithmOf(digest)) !== digest) throw damaged(this.location, `${digest} has other content`);
    return { descriptor: { ...descriptor, size: bytes.length }, bytes };
  }

  openBlob(blob: Descriptor, offset: number, options?: CallOptions): Promise<ByteStream> {
    return streamBlob(this.dir, blob, offset, options);
  }

  /** By name and size: a blob is put into place only after its digest was verified. */
  async hasBlob(blob: Descriptor, _options?: CallOptions): Promise<boolean> {
    return (await blobSize(this.dir, blob.digest)) === blob.size;
  }

  pushBlob(blob: Descriptor, source: BlobSource, options?: CallOptions): Promise<void> {
    return writeBlob(this.dir, blob, source, options);
  }

  /** The manifest is on disk before the index names it. Pushes that come together share one writing of the index. */
  async pushManifest(manifest: ManifestContent, tags: readonly TagName[], options?: CallOptions): Promise<void> {
    const { descriptor, bytes } = manifest;
    await writeBytes(this.dir, descriptor.digest, bytes);
    await this.#disk.change({ do: 'put', entry: entryFor(descriptor), names: tags }, options);
  }

  async *listTags(_options?: CallOptions): AsyncGenerator<TagName, void, undefined> {
    yield* (await this.#disk.read()).tags().filter(isTagName);
  }

  async *listTagsWithDigests(_options?: CallOptions): AsyncGenerator<TagEntry, void, undefined> {
    const index = await this.#disk.read();
    for (const tag of index.tags().filter(isTagName)) {
      const found = index.find(tag);
      if (found === undefined || found === 'ambiguous') continue;
      const { digest, mediaType, size } = found.descriptor;
      yield { tag, digest, mediaType, size };
    }
  }

  async listReferrers(subject: Digest, _options?: CallOptions): Promise<readonly Descriptor[]> {
    return this.#referrers(await this.#disk.read()).of(subject);
  }

  /** Removes the name alone; the manifest stays listed without one. */
  async deleteTag(tag: TagName, options?: CallOptions): Promise<void> {
    if ((await this.#disk.read()).find(tag) === undefined) throw this.#manifestUnknown(tag);
    await this.#disk.change({ do: 'untag', name: tag }, options);
  }

  /** Removes the manifest and its names. Blobs stay: others may stand on them. */
  async deleteManifest(digest: Digest, options?: CallOptions): Promise<void> {
    if ((await this.resolve(digest, options)) === undefined) throw this.#manifestUnknown(digest);
    await this.#disk.change({ do: 'drop', digest }, options);
    await unlink(join(this.dir, 'blobs', algorithmOf(digest), digest.slice(digest.indexOf(':') + 1))).catch(
      ignoreAbsent,
    );
  }

  async #unlisted(digest: Digest, index: LayoutIndex): Promise<Descriptor | undefined> {
    if ((await blobSize(this.dir, digest)) === undefined) return undefined;
    const child = await this.#referrers(index).unlisted(digest);
    return child ?? this.#describe(digest);
  }

  /** A manifest that nothing lists, asked for by its digest: what it is, it says itself. */
  async #describe(digest: Digest): Promise<Descriptor | undefined> {
    const size = await blobSize(this.dir, digest);
    if (size === undefined || size > largestManifest) return undefined;
    try {
      const { mediaType } = parseManifest((await readBlob(this.dir, digest, largestManifest)) ?? Buffer.alloc(0));
      return { mediaType, digest, size };
    } catch (error) {
      if (error instanceof TranshipError) return undefined;
      throw error;
    }
  }

  #referrers(index: LayoutIndex): ReferrerIndex {
    if (this.#relations?.index !== index) {
      this.#relations = { index, referrers: new ReferrerIndex(this.dir, index) };
    }
    return this.#relations.referrers;
  }

  #manifestUnknown(reference: TagName | Digest): TranshipError {
    return new TranshipError('E_MANIFEST_UNKNOWN', 'failed', `The layout has no manifest ${reference}.`, {
      subject: this.location,
      hint: `List what it holds with \`tranship tags ${this.location}\`.`,
    });
  }
}

/**
 * Opens the layout in `dir`. `E_NOT_A_LAYOUT` where there is none, and with `create` where the folder holds something else.
 * Nothing needs to be closed.
 */
export async function openLayout(dir: string, options: LayoutOptions = {}): Promise<Layout> {
  if (options.mode === 'create' && !(await isLayout(dir))) await makeLayout(dir);
  await requireLayout(dir);
  if (options.mode === 'create') await sweepParts(dir);
  return new Layout(dir, options.lockWaitMs);
}

async function makeLayout(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true });
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw asWriteFailure(error, dir);
  }
  const others = (await readdir(dir).catch((error: unknown) => Promise.reject(asReadFailure(error, dir)))).filter(
    (name) => !name.startsWith('.tranship-') && name !== 'index.json' && name !== 'blobs',
  );
  if (others.length === 0) return createLayout(dir);
  throw new TranshipError('E_NOT_A_LAYOUT', 'failed', 'The folder holds other things and is not an OCI image layout.', {
    subject: dir,
    hint: 'Name an empty folder, or one that does not exist yet.',
  });
}

/** A temporary file of a process that is gone, and untouched for this long, is in nobody's use. */
const abandonedMs = 10 * 60 * 1000;

async function sweepParts(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    const pid = partName.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const found = await stat(join(dir, name)).catch(ignoreAbsent);
    if (found !== undefined && Date.now() - found.mtimeMs > abandonedMs)
      await unlink(join(dir, name)).catch(ignoreAbsent);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ESRCH';
  }
}

function ignoreAbsent(error: unknown): undefined {
  if (isAbsent(error)) return undefined;
  throw error;
}
