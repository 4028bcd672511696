import { constants } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { systemCode } from './failures.ts';

/** Too many open files, of the process or of the system: others of ours will be closed in a moment. */
const crowded: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE']);

const lookAgainMs = 10;

/** No file could be opened for this long: then nobody of ours will close one. */
const patienceMs = 5000;

/** Opens a file, and waits for its turn where too many are open. */
export function openFile(path: string, flags: string | number, mode?: number): Promise<FileHandle> {
  return inTurn(() => open(path, flags, mode));
}

/**
 * Opens what is there for reading. Never waits for it: at a named pipe one would wait for ever, and could not be stopped. Never
 * through a link, unless `followLinks`.
 */
export function openToRead(path: string, { followLinks = false } = {}): Promise<FileHandle> {
  return openFile(path, withoutWaiting | (followLinks ? 0 : (constants.O_NOFOLLOW ?? 0)));
}

/** The text of a small file, with the same patience. */
export function readText(path: string): Promise<string> {
  return inTurn(() => readFile(path, 'utf8'));
}

const withoutWaiting = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Those who found no room, in their order: all looking again at once would only take it from each other. */
let queue: Promise<unknown> = Promise.resolve();
let foundRoomAt = 0;

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isCrowded(error)) throw error;
    const since = performance.now();
    const turn = queue.then(() => untilRoom(work, since));
    queue = turn.catch(() => undefined);
    return await turn;
  }
}

async function untilRoom<T>(work: () => Promise<T>, since: number): Promise<T> {
  for (;;) {
    try {
      const result = await work();
      foundRoomAt = performance.now();
      return result;
    } catch (error) {
      if (!isCrowded(error) || performance.now() - Math.max(since, foundRoomAt) > patienceMs) throw error;
      await pause(lookAgainMs);
    }
  }
}

function isCrowded(error: unknown): boolean {
  return crowded.has(systemCode(error) ?? '');
}
