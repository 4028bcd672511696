import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and what is missing above it, for this user alone. Node's own way tries for ever where nothing can be made in a
 * folder that is there: /proc answers so, and automounted homes.
 */
export async function makePrivateFolder(path: string): Promise<void> {
  if ((await tryMake(path)) === undefined) return;
  await makePrivateFolder(dirname(path));
  const error = await tryMake(path);
  if (error !== undefined) throw error;
}

/**
 * The error of a folder above that is missing, or none. What is there, perhaps made by another run just now, is taken for a
 * folder: writing into it tells otherwise.
 */
async function tryMake(path: string): Promise<Error | undefined> {
  try {
    await mkdir(path, { mode: 0o700 });
    return undefined;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code === 'EEXIST') return undefined;
    if (error.code !== 'ENOENT' || dirname(path) === path) throw error;
    return error;
  }
}
