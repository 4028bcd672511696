import { isRepositoryName, type RepositoryName } from '../oci/names.ts';

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
