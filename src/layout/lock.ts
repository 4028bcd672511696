import { stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { TranshipError } from '../oci/errors.ts';
import type { CallOptions } from '../oci/ports.ts';
import { asWriteFailure, isAbsent, systemCode } from './failures.ts';
import { openFile, readText } from './open-file.ts';
import { describeOwner, fateOf, type Owner } from './owner.ts';

const lockName = '.tranship-lock';

/** How often a held lock is looked at again. */
const lookAgainMs = 20;

/** A lock file without a readable owner is being written right now, unless it is older than this. */
const unreadableMs = 10_000;

export interface LockOptions extends CallOptions {
  /** How long to wait for another process, in milliseconds. Default 30 s. */
  readonly waitMs?: number;
}

/**
 * Keeps other processes of this program from writing to the folder until the result is disposed of. The lock of a process
 * that is gone is taken over; one that is still held after `waitMs` is `E_LOCKED`.
 */
export async function lockFolder(dir: string, options: LockOptions = {}): Promise<AsyncDisposable> {
  const path = join(dir, lockName);
  const deadline = performance.now() + (options.waitMs ?? 30_000);
  const mine = await describeOwner();
  for (;;) {
    options.signal?.throwIfAborted();
    if (await create(path, mine)) return { [Symbol.asyncDispose]: () => remove(path) };
    const holder = await readOwner(path);
    if (await isGone(path, holder)) {
      await takeAway(path, holder);
      if (await create(path, mine)) return { [Symbol.asyncDispose]: () => remove(path) };
    }
    if (performance.now() >= deadline) throw locked(dir, path, holder);
    await pauseOrStop(options.signal);
  }
}

/** Ends early when the caller gives up, whose reason then is the error. */
async function pauseOrStop(signal: AbortSignal | undefined): Promise<void> {
  try {
    await pause(lookAgainMs, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

async function create(path: string, owner: Owner): Promise<boolean> {
  try {
    const handle = await openFile(path, 'wx', 0o644);
    try {
      await handle.writeFile(JSON.stringify(owner));
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw asWriteFailure(error, dirname(path));
  }
}

async function readOwner(path: string): Promise<string | undefined> {
  return readText(path).catch((error: unknown) => {
    if (isAbsent(error)) return undefined;
    throw error;
  });
}

async function isGone(path: string, text: string | undefined): Promise<boolean> {
  if (text === undefined) return false;
  const owner = parseOwner(text);
  if (owner === undefined) return (await ageOf(path)) > unreadableMs;
  return (await fateOf(owner)) === 'gone';
}

/**
 * Removes an abandoned lock. Several may find it abandoned, and one that is slow must not remove the lock that a quicker one
 * has made since: so only who holds the guard removes, after looking again.
 */
async function takeAway(path: string, judged: string | undefined): Promise<void> {
  const guard = `${path}-takeover`;
  const handle = await openFile(guard, 'wx', 0o644).catch((error: unknown) => {
    if (systemCode(error) === 'EEXIST') return undefined;
    throw asWriteFailure(error, guard);
  });
  if (handle === undefined) {
    if ((await ageOf(guard)) > unreadableMs) await remove(guard);
    return;
  }
  try {
    if ((await readOwner(path)) === judged) await remove(path);
  } finally {
    await handle.close();
    await remove(guard);
  }
}

async function remove(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (!isAbsent(error)) throw error;
  });
}

async function ageOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? 0 : Date.now() - found.mtimeMs;
}

function parseOwner(text: string): Owner | undefined {
  try {
    const { host, space, pid, started } = JSON.parse(text) as Partial<Owner>;
    if (typeof host !== 'string' || typeof space !== 'string') return undefined;
    if (typeof pid !== 'number' || typeof started !== 'string') return undefined;
    return { host, space, pid, started };
  } catch {
    return undefined;
  }
}

function locked(dir: string, path: string, holder: string | undefined): TranshipError {
  const owner = parseOwner(holder ?? '');
  const who = owner === undefined ? 'another process' : `process ${owner.pid} on ${owner.host}`;
  return new TranshipError('E_LOCKED', 'temporary', `The layout is being written to by ${who}.`, {
    subject: dir,
    hint: `Wait for it, or, if it is gone for good, remove ${path}.`,
  });
}
