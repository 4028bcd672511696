import { isTranshipError, type TranshipError } from '../oci/errors.ts';
import type { RepositoryName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import type { Adapter, ListingDeps } from './types.ts';

/**
 * The repositories of a registry, below `namespaces` where these are given. The registry's own discovery first; where that is
 * refused for good, the catalog. Throws what the discovery said where the catalog is not to be had either.
 */
export async function* discover(
  adapter: Adapter | undefined,
  deps: ListingDeps,
  namespaces: readonly string[] | undefined,
  options: CallOptions,
): AsyncGenerator<RepositoryName> {
  const seen = new Set<RepositoryName>();
  for await (const name of found(adapter, deps, namespaces, options)) {
    if (seen.has(name) || !isWanted(name, namespaces)) continue;
    seen.add(name);
    yield name;
  }
}

async function* found(
  adapter: Adapter | undefined,
  deps: ListingDeps,
  namespaces: readonly string[] | undefined,
  options: CallOptions,
): AsyncGenerator<RepositoryName> {
  if (adapter?.listRepositories === undefined) return yield* deps.catalog(options);
  const names: RepositoryName[] = [];
  try {
    for (const namespace of namespaces ?? [undefined]) {
      for await (const name of adapter.listRepositories(namespace, options)) names.push(name);
    }
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return yield* catalogInstead(deps, error, options);
  }
  yield* names;
}

async function* catalogInstead(
  deps: ListingDeps,
  refusal: TranshipError,
  options: CallOptions,
): AsyncGenerator<RepositoryName> {
  const names: RepositoryName[] = [];
  try {
    for await (const name of deps.catalog(options)) names.push(name);
  } catch (error) {
    if (!isTranshipError(error) || error.failure === 'cancelled') throw error;
    throw refusal;
  }
  const said = refusal.serverSaid === undefined ? '' : ` (${refusal.serverSaid})`;
  const message = `${refusal.message}${said} The catalog is read instead, which may show only a part.`;
  deps.emit({ type: 'warning', at: deps.clock.wall(), code: 'W_LISTING', message, subject: deps.host });
  yield* names;
}

/** What may pass is no refusal: another try gives the whole listing, the catalog perhaps a part. */
function isRefusal(error: unknown): error is TranshipError {
  if (!isTranshipError(error) || error.code === 'E_LIMIT') return false;
  return error.failure !== 'cancelled' && error.failure !== 'temporary';
}

/** A namespace holds what is below it, and a repository that has its very name. */
function isWanted(name: RepositoryName, namespaces: readonly string[] | undefined): boolean {
  return namespaces?.some((namespace) => name === namespace || name.startsWith(`${namespace}/`)) ?? true;
}
