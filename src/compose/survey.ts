/** What the files of a folder are, for whoever names the folder instead of one of them. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { identify } from '../compat/identify.ts';
import { longestText } from '../config/document.ts';
import { isAbsent } from '../layout/failures.ts';
import type { CallOptions } from '../oci/ports.ts';
import { readUpTo } from './read-file.ts';

export interface SurveyedFile {
  readonly file: string;
  /** `a file of regsync` */
  readonly what: string;
  /** Whether `plan`, `sync` and `convert` take it. */
  readonly takes: 'as it is' | 'with --to' | 'no';
}

export interface Survey {
  readonly files: readonly SurveyedFile[];
  /** Further files, which by their names hold no configuration, or were too many. */
  readonly others: number;
}

const mostFiles = 500;
const mostSeen = 20_000;
const deepest = 4;
const mayHold = /\.(?:ya?ml|json|csv)$/i;

/** Files in and below a folder, in the order of their names. */
export async function surveyFolder(folder: string, { signal }: CallOptions = {}): Promise<Survey> {
  const all = await filesIn(folder, 1);
  const candidates = all.filter((file) => mayHold.test(file)).slice(0, mostFiles);
  const files: SurveyedFile[] = [];
  for (const file of candidates) {
    signal?.throwIfAborted();
    files.push({ file, ...(await lookAt(file)) });
  }
  return { files, others: all.length - candidates.length };
}

/** Whether a path is a folder, as far as can be told. */
export async function isFolder(path: string): Promise<boolean> {
  return readdir(path).then(
    () => true,
    () => false,
  );
}

/** Hidden files and installed packages are nobody's configuration. Whatever is linked counts as what it leads to, but for folders. */
async function filesIn(folder: string, depth: number, found: string[] = []): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (isAbsent(error)) return [];
    throw error;
  });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules' || found.length >= mostSeen) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth < deepest) await filesIn(path, depth + 1, found);
    else if (entry.isFile() || (entry.isSymbolicLink() && (await leadsToFile(path)))) found.push(path);
  }
  return found;
}

/** A ConfigMap that is mounted is a folder of links. */
function leadsToFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function lookAt(file: string): Promise<Omit<SurveyedFile, 'file'>> {
  const bytes = await readUpTo(file, { limit: longestText }).catch(() => undefined);
  if (bytes === undefined) return { what: 'may not be read', takes: 'no' };
  if (bytes.byteLength > longestText && !/\.csv$/i.test(file))
    return { what: 'larger than any configuration', takes: 'no' };
  const found = identify(new TextDecoder().decode(bytes));
  if (found.kind === 'own') {
    // One of that name with mistakes in it is still ours, and its reader says best what is wrong.
    const isOurs = found.sure || /^tranship\.ya?ml$/i.test(basename(file));
    return isOurs ? { what: 'a tranship.yaml', takes: 'as it is' } : { what: 'nothing that is known', takes: 'no' };
  }
  if (found.kind === 'other') return { what: found.what, takes: 'no' };
  return { what: `a file of ${found.tool}`, takes: found.tool === 'skopeo' ? 'with --to' : 'as it is' };
}
