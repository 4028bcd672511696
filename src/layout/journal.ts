import { constants } from 'node:fs';
import { type FileHandle, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from './durable.ts';
import { asReadFailure, isAbsent, unsafe } from './failures.ts';
import type { IndexChange, LayoutIndex } from './layout-index.ts';
import { openFile, openToRead } from './open-file.ts';

/**
 * The changes of a layout's index since its `index.json` was written, one JSON object a line. A registry that takes
 * thousands of pushes appends to it instead of writing the whole index each time; the next reader of this program
 * adds it to the index, and closing the registry puts it into `index.json`, where every tool sees it.
 */
const journalName = '.tranship-journal';

/** Opened by the first change. */
export class Journal {
  readonly #dir: string;
  #handle: FileHandle | undefined;
  #size = 0;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Bytes appended since the last {@link remove}. */
  get size(): number {
    return this.#size;
  }

  /**
   * Appends and makes durable. It begins on a line of its own, so that the rest of an append that failed spoils nothing.
   */
  async append(changes: readonly IndexChange[]): Promise<void> {
    const bytes = Buffer.from(`\n${changes.map((change) => `${JSON.stringify(change)}\n`).join('')}`);
    const created = this.#handle === undefined;
    this.#handle ??= await openFile(join(this.#dir, journalName), appendOnly, 0o644);
    await this.#handle.appendFile(bytes);
    await this.#handle.datasync();
    if (created) await syncFolder(this.#dir);
    this.#size += bytes.length;
  }

  /** Once `index.json` holds everything. */
  async remove(): Promise<void> {
    await this.close();
    this.#size = 0;
    await unlink(join(this.#dir, journalName)).catch((error: unknown) => {
      if (!isAbsent(error)) throw error;
    });
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }
}

const appendOnly = constants.O_CREAT | constants.O_APPEND | constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0);

/**
 * Adds the journal to `index`. A last line that was cut off by a crash was never promised to anyone and is left out.
 *
 * @returns whether there was one
 */
export async function replayJournal(dir: string, index: LayoutIndex): Promise<boolean> {
  const text = await readJournal(dir);
  if (text === undefined) return false;
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    const change = parseChange(line);
    if (change !== undefined) index.apply(change);
  }
  return true;
}

async function readJournal(dir: string): Promise<string | undefined> {
  const path = join(dir, journalName);
  const handle = await openToRead(path).catch((error: unknown) => {
    if (isAbsent(error)) return undefined;
    throw asReadFailure(error, path);
  });
  if (handle === undefined) return undefined;
  try {
    if (!(await handle.stat()).isFile()) throw unsafe(path, 'it is not a plain file');
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

function parseChange(line: string): IndexChange | undefined {
  if (line === '') return undefined;
  try {
    return JSON.parse(line) as IndexChange;
  } catch {
    return undefined;
  }
}
