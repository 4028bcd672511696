import { readdir, rmdir, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { TranshipError } from '../oci/errors.ts';
import { makeFolder } from './durable.ts';
import { asReadFailure, asWriteFailure, isAbsent, systemCode } from './failures.ts';
import { createLayout, isLayout, readIndex } from './index-file.ts';
import { lockFolder } from './lock.ts';

const ownFiles: ReadonlySet<string> = new Set(['oci-layout', 'index.json', 'blobs', '.tranship-lock']);

/** A layout that this process made. */
export interface MadeLayout {
  readonly dir: string;
  /** The first folder that had to be made for it, where one had. */
  readonly firstFolder: string | undefined;
}

/**
 * Makes a layout in a folder that is absent or empty; `undefined` where somebody else just did. Throws `E_NOT_A_LAYOUT` where the folder
 * holds other things.
 */
export async function makeLayout(dir: string): Promise<MadeLayout | undefined> {
  const firstFolder = await makeFolder(dir).catch((error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw asWriteFailure(error, dir);
    return undefined;
  });
  const others = (await entriesOf(dir)).filter((name) => !name.startsWith('.tranship-') && !ownFiles.has(name));
  if (others.length > 0) throw holdsOtherThings(dir);
  await using _lock = await lockFolder(dir);
  if (await isLayout(dir)) return undefined;
  await createLayout(dir);
  return { dir: resolve(dir), firstFolder };
}

/**
 * Takes a layout away again in which nothing was stored, with the folders that were made for it. What is in use by others, or cannot
 * be removed, stays: an empty layout harms nobody.
 */
export async function unmakeLayout({ dir, firstFolder }: MadeLayout): Promise<void> {
  try {
    if ((await removeUnused(dir)) && firstFolder !== undefined) await removeFolders(dir, firstFolder);
  } catch {
    // See above: nobody's work fails for this.
  }
}

/** Folders go only while they are empty, and those for blobs first: a blob that has come meanwhile keeps everything. */
async function removeUnused(dir: string): Promise<boolean> {
  await using _lock = await lockFolder(dir, { waitMs: 0 });
  const isUsed = (await readdir(dir)).some((name) => !ownFiles.has(name)) || (await readIndex(dir)).size > 0;
  if (isUsed) return false;
  for (const folder of ['blobs/sha256', 'blobs/sha512', 'blobs']) await rmdir(join(dir, folder)).catch(ignoreAbsent);
  for (const name of ['oci-layout', 'index.json']) await unlink(join(dir, name));
  return true;
}

async function removeFolders(dir: string, first: string): Promise<void> {
  for (let folder = dir; folder.startsWith(first); folder = dirname(folder)) await rmdir(folder);
}

/** What is in a folder; for what is no folder, itself. */
async function entriesOf(dir: string): Promise<readonly string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (isAbsent(error)) return [dir];
    throw asReadFailure(error, dir);
  }
}

function holdsOtherThings(dir: string): TranshipError {
  return new TranshipError(
    'E_NOT_A_LAYOUT',
    'failed',
    'The folder holds other things and is not an OCI image layout.',
    { subject: dir, hint: 'Name an empty folder, or one that does not exist yet.' },
  );
}

function ignoreAbsent(error: unknown): void {
  if (!isAbsent(error)) throw error;
}
