/**
 * Destinations that take nothing more: full, over quota, read-only, or not ours to write to. What is still planned for them
 * is not begun, and the others go on. One repository may be over its own quota; when several of a registry refuse, it is the
 * registry.
 */
import type { FailureClass } from '../../oci/errors.ts';
import type { RepositoryName } from '../../oci/names.ts';

/** So many repositories of a registry refuse before all of it counts as closed. */
const repositoriesOfAClosedRegistry = 3;

export class ClosedDestinations {
  readonly #unwritable = new Map<string, Set<RepositoryName>>();
  readonly #denied = new Set<string>();

  /** Takes note of a failure, if it is one that further tries would meet too. */
  note(registry: string, repository: RepositoryName, failure: FailureClass): void {
    if (failure === 'auth') this.#denied.add(`${registry}/${repository}`);
    if (failure !== 'unwritable') return;
    const known = this.#unwritable.get(registry) ?? new Set();
    this.#unwritable.set(registry, known.add(repository));
  }

  /** Why a destination takes nothing more; `undefined` where it does. Rights are a repository's own. */
  why(registry: string, repository: RepositoryName): 'auth' | 'unwritable' | undefined {
    if (this.#denied.has(`${registry}/${repository}`)) return 'auth';
    const known = this.#unwritable.get(registry);
    if (known === undefined) return undefined;
    return known.has(repository) || known.size >= repositoriesOfAClosedRegistry ? 'unwritable' : undefined;
  }
}
