/**
 * What earlier runs wrote to a Quay: digests by `repository:tag`, with their times. A hint for telling our tags from those
 * that someone else set; the destination's own history has to agree with it.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { type Digest, isDigest } from '../oci/digest.ts';
import { fileNameOf, readIfThere, writeWhole } from './files.ts';

export interface WrittenTag {
  readonly digest: Digest;
  /** Seconds since the epoch. */
  readonly at: number;
}

export interface QuayRecord {
  find(repository: string, tag: string): WrittenTag | undefined;
  /** Takes note; kept by `save`. */
  note(repository: string, tag: string, written: WrittenTag): void;
  save(): Promise<void>;
}

const Stored = z.record(z.string(), z.object({ digest: z.string().refine(isDigest), at: z.number() }));

/** The record of a pair of servers. One that cannot be read counts as empty: it is a hint and no more. */
export async function openQuayRecord(folder: string, source: string, destination: string): Promise<QuayRecord> {
  const path = join(folder, 'quay', `${fileNameOf(`${source} ${destination}`)}.json`);
  const written = new Map<string, WrittenTag>(Object.entries(await read(path)));
  let changed = false;
  return {
    find: (repository, tag) => written.get(`${repository}:${tag}`),
    note(repository, tag, one) {
      written.set(`${repository}:${tag}`, one);
      changed = true;
    },
    async save() {
      if (changed) await writeWhole(path, JSON.stringify(Object.fromEntries(written)));
      changed = false;
    },
  };
}

async function read(path: string): Promise<Readonly<Record<string, WrittenTag>>> {
  const text = await readIfThere(path);
  if (text === undefined) return {};
  try {
    const parsed = Stored.safeParse(JSON.parse(text));
    return parsed.success ? (parsed.data as Record<string, WrittenTag>) : {};
  } catch {
    return {};
  }
}
