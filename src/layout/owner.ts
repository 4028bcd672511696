import { createHash } from 'node:crypto';
import { readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { isAbsent, systemCode } from './failures.ts';
import { readText } from './open-file.ts';

/** What a process is called in what it leaves in a folder that others use too. */
export interface Owner {
  readonly host: string;
  /** Where process numbers mean the same: containers may share a host's name and not its numbers. */
  readonly space: string;
  readonly pid: number;
  /** When the process started, as the system counts it: a number that comes again means another process. */
  readonly started: string;
}

/** `elsewhere`: a process that cannot be seen from here. */
export type Fate = 'alive' | 'gone' | 'elsewhere';

export async function describeOwner(pid: number = process.pid): Promise<Owner> {
  const [space, started] = await Promise.all([readlink('/proc/self/ns/pid').catch(() => ''), startOf(pid)]);
  return { host: hostname(), space, pid, started };
}

export async function fateOf({ host, space, pid, started }: Owner): Promise<Fate> {
  const here = await describeOwner(pid);
  if (here.host !== host || here.space !== space) return 'elsewhere';
  return here.started === started ? 'alive' : 'gone';
}

let own: Promise<string> | undefined;

/** This process, for the name of a file or folder: `<where>-<pid>-<started>`. */
export function ownMark(): Promise<string> {
  own ??= describeOwner().then(markOf);
  return own;
}

/** What {@link ownMark} gives, for patterns. */
export const markPattern = '[0-9a-f]{8}-[0-9]+-[0-9a-z]+';

export async function fateOfMark(mark: string): Promise<Fate> {
  const [place, pid, started] = mark.split('-');
  const here = await describeOwner(Number(pid));
  if (markOf(here).split('-')[0] !== place) return 'elsewhere';
  return here.started === started ? 'alive' : 'gone';
}

function markOf({ host, space, pid, started }: Owner): string {
  const place = createHash('sha256').update(`${host}\n${space}`).digest('hex').slice(0, 8);
  return `${place}-${pid}-${started}`;
}

/** `/proc/<pid>/stat`, field 22, where there is one; elsewhere only whether the process lives. */
async function startOf(pid: number): Promise<string> {
  const text = await readText(`/proc/${pid}/stat`).catch(undefinedWhereGone);
  if (text !== undefined) return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  try {
    process.kill(pid, 0);
    return 'alive';
  } catch (error) {
    return systemCode(error) === 'EPERM' ? 'alive' : 'gone';
  }
}

/** A process may end while its file is read. Any other failure must not make a living process look gone. */
function undefinedWhereGone(error: unknown): undefined {
  if (isAbsent(error) || systemCode(error) === 'ESRCH') return undefined;
  throw error;
}
