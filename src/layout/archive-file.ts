import type { BigIntStats } from 'node:fs';
import { type FileHandle, stat } from 'node:fs/promises';
import type { Descriptor } from '../oci/descriptor.ts';
import { algorithmOf, type Digest, encodedOf } from '../oci/digest.ts';
import type { ByteStream, CallOptions } from '../oci/ports.ts';
import { blobUnknown } from './blob-files.ts';
import { asReadFailure, damaged, isAbsent, notALayout, unsafe } from './failures.ts';
import { fileStream } from './file-stream.ts';
import { checkMark, parseIndex } from './index-file.ts';
import type { LayoutIndex } from './layout-index.ts';
import { openToRead } from './open-file.ts';
import { readTarIndex, type TarEntry } from './tar-read.ts';

const largestIndex = 256 * 1024 * 1024;
const largestMark = 4096;

/** A tar file that holds an image layout. Read in place: it knows where each file of the layout stands. */
export class ArchiveFile {
  readonly path: string;
  readonly index: LayoutIndex;
  readonly entries: ReadonlyMap<string, TarEntry>;
  /** What the file was when it was read: see {@link fileStamp}. */
  readonly stamp: string;

  constructor(path: string, index: LayoutIndex, entries: ReadonlyMap<string, TarEntry>, stamp: string) {
    this.path = path;
    this.index = index;
    this.entries = entries;
    this.stamp = stamp;
  }

  /** `undefined` where there is no such file; `E_NOT_A_LAYOUT` where it holds something else. */
  static async open(path: string): Promise<ArchiveFile | undefined> {
    const handle = await openArchiveFile(path);
    if (handle === undefined) return undefined;
    try {
      const found = await handle.stat({ bigint: true });
      if (!found.isFile())
        throw notALayout(
          path,
          found.isDirectory() ? 'it is a folder; write oci: for one' : 'it is read in place, so it has to be a file',
        );
      const entries = await readTarIndex(handle, path);
      checkMark(await readEntry(handle, entries, 'oci-layout', largestMark, path), path);
      const index = parseIndex(await readEntry(handle, entries, 'index.json', largestIndex, path), path);
      return new ArchiveFile(path, index, entries, stampOf(found));
    } finally {
      await handle.close();
    }
  }

  size(digest: Digest): number | undefined {
    return this.entries.get(entryName(digest))?.size;
  }

  async read(digest: Digest, limit: number): Promise<Buffer | undefined> {
    const entry = this.entries.get(entryName(digest));
    if (entry === undefined) return undefined;
    if (entry.size > limit) throw damaged(this.path, `${digest} has more than ${limit} bytes`);
    const handle = await this.#reopen();
    try {
      const { buffer } = await handle.read(Buffer.alloc(entry.size), 0, entry.size, entry.offset);
      return buffer;
    } finally {
      await handle.close();
    }
  }

  async stream(blob: Descriptor, offset: number, options?: CallOptions): Promise<ByteStream> {
    const entry = this.entries.get(entryName(blob.digest));
    if (entry === undefined) throw blobUnknown(this.path, blob.digest);
    if (entry.size !== blob.size) throw damaged(this.path, `${blob.digest} has ${entry.size} bytes, not ${blob.size}`);
    const span = { from: entry.offset + offset, to: entry.offset + entry.size };
    return fileStream({ handle: await this.#reopen(), ...span }, options);
  }

  async #reopen(): Promise<FileHandle> {
    const handle = await openArchiveFile(this.path);
    if (handle === undefined) throw damaged(this.path, 'the file is gone');
    return handle;
  }
}

/** Changes whenever the file is replaced or written to; `undefined` where there is none. */
export async function fileStamp(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found && stampOf(found);
}

function stampOf({ ino, size, mtimeNs }: BigIntStats): string {
  return `${ino}:${size}:${mtimeNs}`;
}

function entryName(digest: Digest): string {
  return `blobs/${algorithmOf(digest)}/${encodedOf(digest)}`;
}

async function openArchiveFile(path: string): Promise<FileHandle | undefined> {
  return openToRead(path, { followLinks: true }).catch((error: unknown) => {
    if (isAbsent(error)) return undefined;
    throw asReadFailure(error, path);
  });
}

async function readEntry(
  handle: FileHandle,
  entries: ReadonlyMap<string, TarEntry>,
  name: string,
  limit: number,
  path: string,
): Promise<Buffer> {
  const entry = entries.get(name);
  if (entry === undefined) throw notALayout(path, `the archive has no file ${name}`);
  if (entry.size > limit) throw unsafe(path, `${name} has more than ${limit} bytes`);
  const { buffer } = await handle.read(Buffer.alloc(entry.size), 0, entry.size, entry.offset);
  return buffer;
}
