import { type FileHandle, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallOptions } from '../oci/ports.ts';
import type { ArchiveFile } from './archive-file.ts';
import { isAbsent } from './failures.ts';
import { fileStream } from './file-stream.ts';
import { indexBytes, layoutMark } from './index-file.ts';
import type { LayoutIndex } from './layout-index.ts';
import { openFile } from './open-file.ts';
import { tarEnd, tarHeader, tarPadding } from './tar-write.ts';

export interface ArchiveContent {
  /** A folder with the blobs that are new. */
  readonly staging: string;
  /** The archive with the blobs that were there before. */
  readonly base: ArchiveFile | undefined;
  readonly index: LayoutIndex;
}

/** Where one blob's bytes are. */
interface Place {
  readonly path: string;
  readonly from: number;
  readonly to: number;
}

/** Writes an archive to `file` and makes it durable. The same content gives the same bytes: everything in order of its name. */
export async function packArchive(file: string, content: ArchiveContent, options: CallOptions = {}): Promise<void> {
  const out = await openFile(file, 'wx', 0o644);
  try {
    const writer = new TarWriter(out);
    await writer.bytes('oci-layout', Buffer.from(layoutMark));
    await writer.bytes('index.json', indexBytes(content.index));
    await writer.folder('blobs/');
    for (const algorithm of ['sha256', 'sha512']) {
      const blobs = await blobsOf(algorithm, content);
      if (blobs.size > 0) await writer.folder(`blobs/${algorithm}/`);
      for (const name of [...blobs.keys()].sort()) await writer.file(name, blobs.get(name), options);
    }
    await writer.end();
    await out.sync();
  } finally {
    await out.close();
  }
}

async function blobsOf(algorithm: string, { staging, base }: ArchiveContent): Promise<ReadonlyMap<string, Place>> {
  const found = new Map<string, Place>();
  for (const [name, { offset, size }] of base?.entries ?? []) {
    if (!name.startsWith(`blobs/${algorithm}/`)) continue;
    found.set(name, { path: base?.path ?? '', from: offset, to: offset + size });
  }
  const folder = join(staging, 'blobs', algorithm);
  for (const hex of await readdir(folder).catch(noneWhereAbsent)) {
    found.set(`blobs/${algorithm}/${hex}`, { path: join(folder, hex), from: 0, to: -1 });
  }
  return found;
}

class TarWriter {
  readonly #out: FileHandle;
  #at = 0;

  constructor(out: FileHandle) {
    this.#out = out;
  }

  async folder(name: string): Promise<void> {
    await this.#write(tarHeader(name, 0));
  }

  async bytes(name: string, bytes: Buffer): Promise<void> {
    await this.#write(Buffer.concat([tarHeader(name, bytes.length), bytes, tarPadding(bytes.length)]));
  }

  async file(name: string, place: Place | undefined, options: CallOptions): Promise<void> {
    if (place === undefined) return;
    const handle = await openFile(place.path, 'r');
    const to = place.to < 0 ? (await handle.stat()).size : place.to;
    const size = to - place.from;
    await this.#write(tarHeader(name, size));
    for await (const chunk of fileStream({ handle, from: place.from, to }, options)) {
      await this.#write(chunk.bytes);
      chunk.release();
    }
    await this.#write(tarPadding(size));
  }

  async end(): Promise<void> {
    await this.#write(tarEnd);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#out.write(bytes, done, bytes.length - done, this.#at);
      done += bytesWritten;
      this.#at += bytesWritten;
    }
  }
}

function noneWhereAbsent(error: unknown): string[] {
  if (isAbsent(error)) return [];
  throw error;
}
