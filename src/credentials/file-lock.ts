import { open, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { CallOptions } from '../oci/ports.ts';

/** A lock is held while a small file is read and replaced. Whoever holds it longer was killed. */
const heldAtMostMs = 10_000;
const lookAgainMs = 20;

/** Keeps two runs of this program from changing the same file at once, so that the second sees what the first wrote. */
export async function withFileLock<T>(path: string, options: CallOptions, work: () => Promise<T>): Promise<T> {
  const lock = join(dirname(path), `.${basename(path)}.tranship-lock`);
  while (!(await create(lock))) {
    options.signal?.throwIfAborted();
    if (await isLeftOver(lock)) await rm(lock, { force: true });
    else await pause(lookAgainMs);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function create(lock: string): Promise<boolean> {
  try {
    await (await open(lock, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function isLeftOver(lock: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(lock)).mtimeMs > heldAtMostMs;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
