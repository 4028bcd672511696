/** Which folder of a registry on disk is whose. */
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isAbsent } from '../layout/failures.ts';
import { isRepositoryName, parseRepositoryName, type RepositoryName } from '../oci/names.ts';

/**
 * The folder of a repository: its name with `+`, which no name holds, for each `/`. One level, because `a/blobs` is a
 * repository as well and would stand in the way of the blobs of `a`.
 */
export function folderOf(name: RepositoryName): string {
  return name.replaceAll('/', '+');
}

/** The repository that a folder belongs to; `undefined` for a folder of someone else. */
export function nameOfFolder(folder: string): RepositoryName | undefined {
  const name = folder.replaceAll('+', '/');
  return isRepositoryName(name) ? name : undefined;
}

/** The repositories that have a folder below `root`, in ASCII order. */
export async function repositoriesIn(root: string): Promise<readonly RepositoryName[]> {
  const folders = await readdir(join(root, 'repositories')).catch((error: unknown) => {
    if (isAbsent(error)) return [];
    throw error;
  });
  return folders
    .map(nameOfFolder)
    .filter((name) => name !== undefined)
    .sort();
}

/** What the one repository of a root that is a layout itself is called. */
export function nameOfLayout(root: string): RepositoryName {
  return parseRepositoryName(basename(root).toLowerCase()) ?? ('layout' as RepositoryName);
}
