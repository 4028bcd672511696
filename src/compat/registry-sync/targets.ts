import { type Digest, isDigest } from '../../oci/digest.ts';
import { isRepositoryName, isTagName } from '../../oci/names.ts';
import { CsvError, readCsv } from '../csv.ts';
import type { NativeStage } from '../native.ts';

/** What a `tags.csv` says of one repository. */
export interface CsvRepository {
  /** `host[:port]`, where the file has that column. */
  readonly registry: string;
  /** With its namespace, where it has one. */
  readonly repository: string;
  /** The name below the namespace. */
  readonly name: string;
  /** In the order of the file, none twice, each with the digest that it had when the file was written. */
  readonly tags: ReadonlyMap<string, Digest | undefined>;
}

/**
 * Reads `tags.csv`; the digest may be missing. Throws a `CsvError`, when `strict` also for a name or a digest that is none: a
 * tag would be copied as it is now, where its digest was asked for.
 */
export function readTagsCsv(text: string, only?: string, { strict = false } = {}): readonly CsvRepository[] {
  const found = new Map<
    string,
    { registry: string; repository: string; name: string; tags: Map<string, Digest | undefined> }
  >();
  for (const { namespace, repo_name: name, name: tag, digest = '', registry = '' } of readCsv(text, [
    'namespace',
    'repo_name',
    'name',
  ])) {
    if (only !== undefined && namespace !== only) continue;
    if (name === '' || tag === '') throw new CsvError('a row has no repository or no tag');
    const repository = namespace === '' ? name : `${namespace}/${name}`;
    if (strict) checkRow(repository, tag, digest);
    const key = `${registry}/${repository}`;
    const known = found.get(key) ?? { registry, repository, name, tags: new Map<string, Digest | undefined>() };
    known.tags.set(tag, isDigest(digest) ? digest : undefined);
    found.set(key, known);
  }
  return [...found.values()];
}

function checkRow(repository: string, tag: string, digest: string): void {
  const row = `the row of ${shown(`${repository}:${tag}`)}`;
  if (!isRepositoryName(repository)) throw new CsvError(`${shown(repository)} in ${row} is no name of a repository`);
  if (!isTagName(tag)) throw new CsvError(`${shown(tag)} in ${row} is no tag`);
  if (digest !== '' && !isDigest(digest)) throw new CsvError(`${shown(digest)} in ${row} is no digest`);
}

function shown(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}

/** The repository that each goes to: below the namespace as it is named, or by its last part alone. */
function targetOf({ name }: CsvRepository, namespace: string, flat: boolean): string {
  const below = flat ? name.slice(name.lastIndexOf('/') + 1) : name;
  return namespace === '' ? below : `${namespace}/${below}`;
}

/** Repositories that would be copied onto each other, told in pairs. */
export function collisions(
  repositories: readonly CsvRepository[],
  namespace: string,
  flat: boolean,
): readonly string[] {
  const first = new Map<string, string>();
  return repositories.flatMap((one) => {
    const target = targetOf(one, namespace, flat);
    const other = first.get(target);
    if (other === undefined) first.set(target, one.repository);
    return other === undefined ? [] : [`${other} and ${one.repository} would both be copied to ${target}`];
  });
}

/** Stages of the registries `source` and `target`. */
export function stagesOf(
  repositories: readonly CsvRepository[],
  namespace: string,
  flat: boolean,
): readonly NativeStage[] {
  return repositories.map((one) => ({
    from: { registry: 'source', repository: one.repository },
    tags: [...one.tags.keys()],
    to: [{ registry: 'target', repository: targetOf(one, namespace, flat) }],
  }));
}
