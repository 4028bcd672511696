/** Files that only their owner may read: where tokens are kept. */
import { chmod, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolders, privateMode } from '../kit/folders.ts';
import { TranshipError } from '../oci/errors.ts';

/** Larger ones are not ours. */
const largestFile = 1024 * 1024;

/**
 * Puts `text` into `path` with mode 0600, in one step: there is either the old file or the whole new one. `unique` makes the
 * name of the temporary file that nobody else uses. Throws `E_QUAY_TOKEN_FILE`.
 */
export async function writePrivateFile(path: string, text: string, unique: string): Promise<void> {
  const temporary = `${path}.${unique}.tmp`;
  try {
    await makeFolders(dirname(path), privateMode);
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    // The process's mask may have taken rights away; it never adds any.
    await chmod(temporary, 0o600);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw unusable(path, 'cannot be written', error);
  }
}

/** The file's text; `undefined` where there is none. Throws `E_QUAY_TOKEN_FILE`. */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  try {
    const bytes = await readFile(path);
    if (bytes.length <= largestFile) return bytes.toString('utf8');
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return undefined;
    throw unusable(path, 'cannot be read', error);
  }
  throw unusable(path, 'is larger than 1 MiB');
}

function unusable(path: string, why: string, cause?: unknown): TranshipError {
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
  const reason = typeof code === 'string' ? ` (${code})` : '';
  return new TranshipError('E_QUAY_TOKEN_FILE', 'failed', `The file for the token ${why}${reason}`, {
    subject: path,
    hint: 'Check the path and its rights, or name another file.',
    cause,
  });
}
