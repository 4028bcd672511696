/**
 * What earlier runs made of indexes whose platforms were chosen, so that the next run need not read them to compare. Only a
 * hint: an entry counts where a destination's tag names just that digest.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { type Digest, isDigest } from '../oci/digest.ts';
import { fileNameOf, readIfThere, writeWhole } from './files.ts';

export interface FilteredIndexRecord {
  find(index: Digest, platforms: string): Digest | undefined;
  /** Takes note; kept by `save`. */
  note(index: Digest, platforms: string, filtered: Digest): void;
  save(): Promise<void>;
}

/** The newest so many are kept, which is some 16 MB. */
const mostEntries = 100_000;

const stored = z.record(z.string(), z.string().refine(isDigest));

/** The record of a configuration. One that cannot be read counts as empty. */
export async function openFilteredIndexes(folder: string, scope: string): Promise<FilteredIndexRecord> {
  const path = join(folder, 'filtered', `${fileNameOf(scope)}.json`);
  const known = new Map(Object.entries(await read(path)));
  let changed = false;
  return {
    find: (index, platforms) => known.get(keyOf(index, platforms)),
    note(index, platforms, filtered) {
      const key = keyOf(index, platforms);
      if (known.get(key) === filtered) return;
      known.set(key, filtered);
      changed = true;
    },
    async save() {
      if (changed) await writeWhole(path, JSON.stringify(Object.fromEntries([...known].slice(-mostEntries))));
      changed = false;
    },
  };
}

function keyOf(index: Digest, platforms: string): string {
  return `${index} ${platforms}`;
}

async function read(path: string): Promise<Readonly<Record<string, Digest>>> {
  const text = await readIfThere(path);
  try {
    const { data } = stored.safeParse(JSON.parse(text ?? '{}'));
    return (data ?? {}) as Readonly<Record<string, Digest>>;
  } catch {
    return {};
  }
}
