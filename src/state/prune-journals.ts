/** Keeps on disk what listings told, so that a later run knows how long a tag has been gone. A hint: losing it only makes pruning wait. */
import { join } from 'node:path';
import { isDigest } from '../oci/digest.ts';
import type { GoneTag, HeldTag, PruneJournal } from '../plan/prune.ts';
import { fileNameOf, readIfThere, writeWhole } from './files.ts';

export interface JournalStore {
  read(pair: string): Promise<PruneJournal>;
  write(pair: string, journal: PruneJournal): Promise<void>;
}

/** The journals below `folder`; `scope` keeps those of different configurations apart. */
export function openJournals(folder: string, scope: string): JournalStore {
  const pathOf = (pair: string) => join(folder, 'listings', `${fileNameOf(`${scope}\n${pair}`)}.json`);
  return {
    async read(pair) {
      const text = await readIfThere(pathOf(pair));
      return text === undefined ? { held: {}, gone: {} } : parseJournal(text, pair);
    },
    write: (pair, journal) => writeWhole(pathOf(pair), JSON.stringify({ version: 1, pair, ...journal })),
  };
}

/** What is not as it should be is left out: an entry too few keeps a tag, one too many might remove it. */
function parseJournal(text: string, pair: string): PruneJournal {
  const document = recordOf(parsed(text));
  if (document['version'] !== 1 || document['pair'] !== pair) return { held: {}, gone: {} };
  const held = entriesOf(document['held']).filter((entry): entry is [string, HeldTag] => isHeld(entry[1]));
  const gone = entriesOf(document['gone']).filter((entry): entry is [string, GoneTag] => isGone(entry[1]));
  return { held: Object.fromEntries(held), gone: Object.fromEntries(gone) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isHeld(value: unknown): value is HeldTag {
  const { tag, digest } = recordOf(value);
  return typeof tag === 'string' && typeof digest === 'string' && isDigest(digest);
}

function isGone(value: unknown): value is GoneTag {
  const { since } = recordOf(value);
  return isHeld(value) && typeof since === 'number' && Number.isFinite(since);
}

function entriesOf(value: unknown): readonly [string, unknown][] {
  return Object.entries(recordOf(value));
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
