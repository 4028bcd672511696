/**
 * Destinations that take nothing more: full, over quota, read-only. What is still planned for them is not begun, and the
 * others go on. One repository may be over its own quota; when several of a registry refuse, it is the registry.
 */
import type { RepositoryName } from '../../oci/names.ts';

/** So many repositories of a registry refuse before all of it counts as closed. */
const repositoriesOfAClosedRegistry = 3;

export class ClosedDestinations {
  readonly #repositories = new Map<string, Set<RepositoryName>>();

  refused(registry: string, repository: RepositoryName): void {
    const known = this.#repositories.get(registry) ?? new Set();
    this.#repositories.set(registry, known.add(repository));
  }

  isClosed(registry: string, repository: RepositoryName): boolean {
    const known = this.#repositories.get(registry);
    return known !== undefined && (known.has(repository) || known.size >= repositoriesOfAClosedRegistry);
  }
}
