import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fateOfMark, markPattern } from './owner.ts';

/** Temporary files in a layout's top folder: `.tranship-<owner>-<random>.part`. */
const partName = new RegExp(`^\\.tranship-(${markPattern})-[0-9a-f]+\\.part$`);

/** Folders beside an archive in which its new content is gathered: `.tranship-archive-<owner>-<random>`. */
const stagingName = new RegExp(`^\\.tranship-archive-(${markPattern})-\\w+$`);

/** What a process that cannot be seen from here has not touched for this long is in nobody's use: no transfer pauses so long. */
const abandonedMs = { part: 10 * 60 * 1000, staging: 24 * 60 * 60 * 1000 };

/** Removes temporary files that killed processes left in a layout. */
export function sweepParts(layout: string, now: number = Date.now()): Promise<void> {
  return sweep(layout, { name: partName, abandonedMs: abandonedMs.part, now });
}

/** Removes folders that killed processes left beside archives. */
export function sweepStaging(folder: string, now: number = Date.now()): Promise<void> {
  return sweep(folder, { name: stagingName, abandonedMs: abandonedMs.staging, now });
}

interface Rules {
  readonly name: RegExp;
  readonly abandonedMs: number;
  readonly now: number;
}

/** What may not be seen or removed, another user's for instance, stays: nobody's work fails for a leftover. */
async function sweep(folder: string, rules: Rules): Promise<void> {
  for (const entry of await namesIn(folder)) {
    const mark = rules.name.exec(entry)?.[1];
    const path = join(folder, entry);
    if (mark === undefined || !(await isAbandoned(path, mark, rules))) continue;
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function isAbandoned(path: string, mark: string, { abandonedMs, now }: Rules): Promise<boolean> {
  const fate = await fateOfMark(mark);
  return fate === 'gone' || (fate === 'elsewhere' && now - (await lastTouched(path)) > abandonedMs);
}

/** Of a folder, when what is in it was written last. */
async function lastTouched(path: string): Promise<number> {
  const inside = (await namesIn(path)).map((name) => join(path, name));
  return Math.max(...(await Promise.all([path, ...inside].map(touched))));
}

/** What is not there any more was touched just now: somebody uses the place. */
async function touched(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found?.mtimeMs ?? Number.POSITIVE_INFINITY;
}

/** None for a file, and none for a folder that may not be read. */
function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}
