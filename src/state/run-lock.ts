/**
 * Keeps two runs of one configuration apart on one machine (decision "overlap"). Unlocked runs are correct too, only dearer: so what
 * is in doubt is taken over, as after the restart of a container, where the lock of a layout, which content depends on, is kept.
 */
import { open, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../kit/clock.ts';
import { makeFolders, privateMode } from '../kit/folders.ts';
import { TranshipError } from '../oci/errors.ts';
import type { CallOptions } from '../oci/ports.ts';
import { fileNameOf, stateFailure, systemCode } from './files.ts';

export interface RunLockOptions extends CallOptions {
  /** How long to wait for the other run, in milliseconds. Default 0. */
  readonly waitMs?: number;
  readonly clock?: Clock;
}

/** How often a lock that is held is looked at again. */
const lookAgainMs = 250;

/** A lock or guard whose owner cannot be read is being written just now, unless it is older. */
const unreadableMs = 10_000;

interface Owner {
  readonly host: string;
  readonly boot: string;
  readonly pid: number;
  /** When the process began, as its system counts it: process numbers come again. */
  readonly began: string;
}

/** Holds the lock of `subject` until disposed of. Throws `E_LOCKED`, which is temporary, when another run keeps it too long. */
export async function lockRun(folder: string, subject: string, options: RunLockOptions = {}): Promise<AsyncDisposable> {
  const { waitMs = 0, clock = systemClock, signal } = options;
  const path = join(folder, 'locks', `${fileNameOf(subject)}.lock`);
  await makeFolders(join(folder, 'locks'), privateMode).catch((error: unknown) => {
    throw stateFailure(path, error);
  });
  const text = JSON.stringify(await self());
  const until = clock.now() + waitMs;
  for (;;) {
    signal?.throwIfAborted();
    if (await create(path, text)) return { [Symbol.asyncDispose]: () => release(path, text) };
    const holder = await holderOf(path);
    if (holder === undefined || (await isAbandoned(path, holder))) {
      if (await takeAway(path, holder)) continue;
    }
    if (clock.now() >= until) throw locked(path, holder);
    await clock.sleep(Math.min(lookAgainMs, Math.max(1, until - clock.now())), { signal });
  }
}

async function create(path: string, text: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx', 0o600);
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw stateFailure(path, error);
  }
}

/** Only our own: who was suspended so long that somebody took the lock over must not remove theirs. */
async function release(path: string, text: string): Promise<void> {
  if ((await holderOf(path)) === text) await rm(path, { force: true });
}

async function holderOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

async function isAbandoned(path: string, text: string): Promise<boolean> {
  const owner = ownerOf(text);
  if (owner === undefined) return (await ageOf(path)) > unreadableMs;
  const here = await self();
  if (owner.host !== here.host) return false;
  return owner.boot !== here.boot || (await beginOf(owner.pid)) !== owner.began;
}

/**
 * Several may find the lock abandoned, and a slow one must not remove the lock that a quick one has made since. So only who
 * made the guard removes, after looking once more. `false`: somebody else is at it.
 */
async function takeAway(path: string, judged: string | undefined): Promise<boolean> {
  const guard = `${path}.guard`;
  if (!(await create(guard, ''))) {
    if ((await ageOf(guard)) > unreadableMs) await rm(guard, { force: true });
    return false;
  }
  try {
    if ((await holderOf(path)) === judged) await rm(path, { force: true });
    return true;
  } catch (error) {
    throw stateFailure(path, error);
  } finally {
    await rm(guard, { force: true });
  }
}

async function ageOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? 0 : Date.now() - found.mtimeMs;
}

async function self(): Promise<Owner> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return { host: hostname(), boot: boot.trim(), pid: process.pid, began: await beginOf(process.pid) };
}

/** From `/proc/PID/stat`, the 22nd field; where there is no such thing, only whether the process lives. */
async function beginOf(pid: number): Promise<string> {
  const fields = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The second field is the program's name in brackets and may hold anything.
  if (fields !== undefined) return fields.slice(fields.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  return isAlive(pid) ? 'alive' : 'gone';
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

function ownerOf(text: string): Owner | undefined {
  try {
    const { host, boot, pid, began } = JSON.parse(text) as Partial<Owner>;
    if (typeof host !== 'string' || typeof boot !== 'string') return undefined;
    if (typeof pid !== 'number' || typeof began !== 'string') return undefined;
    return { host, boot, pid, began };
  } catch {
    return undefined;
  }
}

function locked(path: string, holder: string | undefined): TranshipError {
  const owner = ownerOf(holder ?? '');
  const who = owner === undefined ? 'Another run' : `Process ${owner.pid} on ${owner.host}`;
  return new TranshipError('E_LOCKED', 'temporary', `${who} carries out this configuration already.`, {
    subject: path,
    hint: 'Wait for it, with --lock-timeout 10m for instance. Where that process is gone for good, remove the file.',
  });
}
