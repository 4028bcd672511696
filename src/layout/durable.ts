import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, rename, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { makeFolders } from '../kit/folders.ts';
import { openFile } from './open-file.ts';
import { ownMark } from './owner.ts';
import { Shared } from './serial.ts';

/**
 * A file that does not exist until {@link PartFile.commit}: written under a name of its own, made durable, then renamed.
 * Leaving it by `await using` without a commit removes it.
 */
export class PartFile {
  readonly handle: FileHandle;
  readonly path: string;
  #open = true;
  #there = true;

  constructor(handle: FileHandle, path: string) {
    this.handle = handle;
    this.path = path;
  }

  /** Makes the content durable, gives it its name, and makes the name durable. */
  async commit(target: string): Promise<void> {
    await this.handle.sync();
    await this.#close();
    await rename(this.path, target);
    this.#there = false;
    await syncFolder(dirname(target));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    if (!this.#there) return;
    this.#there = false;
    await unlink(this.path).catch(ignoreAbsent);
  }

  async #close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.handle.close();
  }
}

const createOnly = constants.O_CREAT | constants.O_EXCL | constants.O_RDWR | (constants.O_NOFOLLOW ?? 0);

/** Begins a file in `folder`, under a name that tells whose it is: see `sweepParts`. */
export async function createPart(folder: string): Promise<PartFile> {
  const path = join(folder, `.tranship-${await ownMark()}-${randomBytes(8).toString('hex')}.part`);
  return new PartFile(await openFile(path, createOnly, 0o644), path);
}

/** Replaces `target` by `bytes`: a reader sees the old file or the new one, whole, whenever the program or machine stops. */
export async function replaceFile(target: string, bytes: Uint8Array): Promise<void> {
  await using part = await createPart(dirname(target));
  await part.handle.writeFile(bytes);
  await part.commit(target);
}

/** Creates a folder and its parents, and makes their names durable. Returns the first that had to be made, if any. */
export async function makeFolder(path: string): Promise<string | undefined> {
  const first = await makeFolders(resolve(path));
  if (first !== undefined) await syncFolder(dirname(first));
  return first;
}

const folders = new Map<string, Shared>();

/** Makes the names in a folder durable. Callers at the same moment share one `fsync`. */
export async function syncFolder(path: string): Promise<void> {
  const existing = folders.get(path);
  const shared = existing ?? new Shared(() => fsyncFolder(path));
  if (existing === undefined) folders.set(path, shared);
  try {
    await shared.run();
  } finally {
    folders.delete(path);
  }
}

async function fsyncFolder(path: string): Promise<void> {
  const handle = await openFile(path, constants.O_RDONLY | (constants.O_DIRECTORY ?? 0));
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function ignoreAbsent(error: unknown): void {
  if (!hasCode(error, 'ENOENT')) throw error;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
