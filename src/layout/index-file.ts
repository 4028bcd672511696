import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { TranshipError } from '../oci/errors.ts';
import { replaceFile } from './durable.ts';
import { asReadFailure, asWriteFailure, damaged, isAbsent, notALayout, unsafe } from './failures.ts';
import { LayoutIndex } from './layout-index.ts';
import { openToRead } from './open-file.ts';

/** An index larger than this is refused: it would hold hundreds of thousands of names. */
const largestIndex = 256 * 1024 * 1024;

const largestMark = 4096;

/** The content of the file `oci-layout`. */
export const layoutMark = '{"imageLayoutVersion":"1.0.0"}';

/** Whether there is a layout in `dir`: the file `oci-layout`, which marks one (image-spec, image-layout.md). */
export async function isLayout(dir: string): Promise<boolean> {
  const mark = await readSmallFile(join(dir, 'oci-layout'), largestMark).catch((error: unknown) => {
    if (error instanceof TranshipError) throw error;
    return undefined;
  });
  return mark !== undefined;
}

/** Throws `E_NOT_A_LAYOUT` unless `dir` is a layout of a version that this program knows, in plain folders. */
export async function requireLayout(dir: string): Promise<void> {
  const mark = await readSmallFile(join(dir, 'oci-layout'), largestMark);
  if (mark === undefined) throw notALayout(dir, await whyNot(dir));
  checkMark(mark, dir);
  for (const folder of ['blobs', 'blobs/sha256', 'blobs/sha512']) await requirePlainFolder(join(dir, folder));
}

/** The version in the file `oci-layout`. */
export function checkMark(mark: Uint8Array, subject: string): void {
  const version = fieldOf(parseJson(mark), 'imageLayoutVersion');
  if (typeof version === 'string' && version.startsWith('1.')) return;
  throw notALayout(subject, `its file oci-layout names the version ${JSON.stringify(version ?? null)}, not 1.0.0`);
}

/** Makes an empty layout in `dir`, or completes one that was cut off in the making. */
export async function createLayout(dir: string): Promise<void> {
  try {
    if ((await readSmallFile(join(dir, 'index.json'), largestIndex)) === undefined)
      await writeIndex(dir, new LayoutIndex());
    await replaceFile(join(dir, 'oci-layout'), Buffer.from(layoutMark));
  } catch (error) {
    throw asWriteFailure(error, dir);
  }
}

/** The index as it stands in the file. */
export async function readIndex(dir: string): Promise<LayoutIndex> {
  const path = join(dir, 'index.json');
  const bytes = await readSmallFile(path, largestIndex);
  if (bytes === undefined) throw notALayout(dir, 'it has no file index.json');
  return parseIndex(bytes, path);
}

export function parseIndex(bytes: Uint8Array, subject: string): LayoutIndex {
  const document = parseJson(bytes);
  const entries = fieldOf(document, 'manifests');
  if (entries !== undefined && entries !== null && !Array.isArray(entries)) {
    throw damaged(subject, '"manifests" in index.json is not a list');
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw damaged(subject, 'index.json is not a JSON object');
  }
  try {
    return new LayoutIndex({ ...document });
  } catch (error) {
    if (!(error instanceof TranshipError)) throw error;
    throw damaged(subject, `index.json holds an entry that cannot be used (${error.message})`, error);
  }
}

/** Replaces the file `index.json` at once. */
export async function writeIndex(dir: string, index: LayoutIndex): Promise<void> {
  await replaceFile(join(dir, 'index.json'), indexBytes(index));
}

export function indexBytes(index: LayoutIndex): Buffer {
  return Buffer.from(JSON.stringify(index));
}

/** Identifies the content of `index.json` without reading it: changes whenever the file is replaced. */
export async function indexStamp(dir: string): Promise<string | undefined> {
  const found = await lstat(join(dir, 'index.json'), { bigint: true }).catch(() => undefined);
  return found === undefined ? undefined : `${found.ino}:${found.size}:${found.mtimeNs}`;
}

async function readSmallFile(path: string, limit: number): Promise<Buffer | undefined> {
  const handle = await openToRead(path).catch((error: unknown) => {
    if (isAbsent(error)) return undefined;
    throw asReadFailure(error, path);
  });
  if (handle === undefined) return undefined;
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw unsafe(path, 'it is not a plain file');
    if (found.size > limit) throw damaged(path, `the file has more than ${limit} bytes`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

async function requirePlainFolder(path: string): Promise<void> {
  const found = await lstat(path).catch((error: unknown) => {
    if (isAbsent(error)) return undefined;
    throw asReadFailure(error, path);
  });
  if (found === undefined || found.isDirectory()) return;
  throw unsafe(path, found.isSymbolicLink() ? 'the folder is a symbolic link' : 'it is not a folder');
}

async function whyNot(dir: string): Promise<string> {
  const found = await lstat(dir).catch(() => undefined);
  if (found === undefined) return 'there is no such folder';
  return found.isDirectory() || found.isSymbolicLink() ? 'the folder has no file oci-layout' : 'it is not a folder';
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function fieldOf(value: unknown, field: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === field)?.[1];
}
