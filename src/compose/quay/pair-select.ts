/** Which repositories a run over two Quays is about: listed by name, or all that the token sees, by patterns. */
import type { RepositoryRules } from '../../config/types.ts';
import { isRepositoryName, type RepositoryName } from '../../oci/names.ts';
import type { CallOptions } from '../../oci/ports.ts';
import { type Inventory, inventoryOf, namespacesSeen } from '../../quay/pair/inventory.ts';
import { guardRepositories, namespacesOf, selectRepositories } from '../../select/repositories.ts';
import type { OpenSide, QuayPair } from './pair.ts';
import type { PairSyncInput } from './pair-sync.ts';

export interface Selected {
  readonly repositories: readonly RepositoryName[];
  readonly namespaces: readonly string[];
  /** The entries of the source's listing that were selected. */
  readonly wanted: Inventory;
}

export async function selectForPair(pair: QuayPair, input: PairSyncInput): Promise<Selected> {
  const { signal, list } = input;
  const { quay } = pair.source.connection;
  if (list !== undefined) {
    const repositories = [...list.keys()];
    const namespaces = namespacesIn(repositories);
    const all = await inventoryOf(quay, namespaces, { signal });
    return { repositories, namespaces, wanted: only(all, repositories) };
  }
  const rules = rulesOf(input);
  const named = namespacesOf(rules);
  const seen = named ? { names: namespacesIn(named), isMember: false } : await namespacesSeen(quay, { signal });
  const all = await inventoryOf(quay, seen.names, { signal });
  const selection = selectRepositories([...all.keys()].filter(isRepositoryName), rules);
  const failure = guardRepositories(selection, rules, pair.source.host);
  if (failure) throw failure.at('source', pair.source.host);
  const used = namespacesIn(selection.kept);
  const everything = seen.isMember && rules.include.length === 0 && rules.exclude.length === 0;
  const organizations = everything ? await organizationsAmong(pair.source, seen.names, used, { signal }) : used;
  return { repositories: selection.kept, namespaces: organizations, wanted: only(all, selection.kept) };
}

/** Empty organisations go along where everything does; a person's namespace without repositories is nothing to copy. */
async function organizationsAmong(
  { connection: { quay } }: OpenSide,
  namespaces: readonly string[],
  used: readonly string[],
  { signal }: CallOptions,
): Promise<readonly string[]> {
  const kept: string[] = [];
  for (const name of namespaces) {
    const isUsed = used.includes(name);
    if (isUsed || (await quay.find('getOrganization', { parameters: { organization: name }, signal }))) kept.push(name);
  }
  return kept;
}

function rulesOf({
  include = [],
  exclude = [],
  atLeast = 1,
}: PairSyncInput): Extract<RepositoryRules, { kind: 'several' }> {
  return { kind: 'several', include, exclude, atLeast };
}

function namespacesIn(repositories: readonly string[]): readonly string[] {
  return [...new Set(repositories.flatMap((name) => name.split('/', 1)))];
}

function only(all: Inventory, names: readonly string[]): Inventory {
  const wanted = new Set(names);
  return new Map([...all].filter(([name]) => wanted.has(name)));
}

export function isSelected({ wanted }: Selected, repository: string): boolean {
  return wanted.has(repository);
}

/** Repositories that the selection would take and only destinations have, by `host/name`. */
export function onlyThere(
  pair: QuayPair,
  { wanted, namespaces }: Selected,
  thereOf: (side: OpenSide) => Inventory,
  input: PairSyncInput,
): readonly string[] {
  if (input.list !== undefined) return [];
  return pair.destinations.flatMap((side) => {
    const names = [...thereOf(side).keys()].filter(isRepositoryName);
    const meant = selectRepositories(names, rulesOf(input)).kept;
    const extra = meant.filter((name) => !wanted.has(name) && namespaces.includes(name.split('/', 1)[0] ?? ''));
    return extra.map((name) => `${side.host}/${name}`);
  });
}
