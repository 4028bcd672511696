import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** For the user of the process alone. */
export const privateMode = 0o700;

/**
 * Makes a folder and what is missing above it, each with `mode` less what the process's mask takes. Returns the first that had to be
 * made, if any. Throws the system's error.
 *
 * Node's own recursive `mkdir` never comes back where a file system answers ENOENT to making a folder in one that is there: `/proc`
 * does, and so do automounted homes.
 */
export async function makeFolders(path: string, mode?: number): Promise<string | undefined> {
  try {
    return await makeOne(path, mode);
  } catch (error) {
    const parent = dirname(path);
    if (!hasCode(error, 'ENOENT') || parent === path) throw error;
    const first = await makeFolders(parent, mode);
    // With its parent there, being refused once more is the answer.
    const made = await makeOne(path, mode);
    return first ?? made;
  }
}

/** `undefined` where there is such a folder, or a link to one. */
async function makeOne(path: string, mode: number | undefined): Promise<string | undefined> {
  try {
    await mkdir(path, { mode });
    return path;
  } catch (error) {
    if (!hasCode(error, 'EEXIST') || !(await stat(path)).isDirectory()) throw error;
    return undefined;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
