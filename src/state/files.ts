import { createHash, randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolders, privateMode } from '../kit/folders.ts';
import { TranshipError } from '../oci/errors.ts';

/** A larger file was not written by us. */
const largestFile = 256 * 1024 * 1024;

/** The whole of a text file, or `undefined` where there is none that can be read. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return (await stat(path)).size > largestFile ? undefined : await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Puts a file in place all at once: who reads sees the old one or the new one. Throws `E_STATE`. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await makeFolders(dirname(path), privateMode);
    await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
    await rename(draft, path);
  } catch (cause) {
    // Where the folder is none, the draft cannot be removed either; the first failure is the one to tell.
    await rm(draft, { force: true }).catch(() => undefined);
    throw stateFailure(path, cause);
  }
}

/** A file name for a text of any length and signs. */
export function fileNameOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

export function stateFailure(path: string, cause: unknown): TranshipError {
  return new TranshipError('E_STATE', 'failed', 'What should outlast the run cannot be kept.', {
    subject: path,
    hint: 'Check the folder, its rights and its space; XDG_STATE_HOME names another one.',
    cause,
  });
}

export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : undefined;
}
