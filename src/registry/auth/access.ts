import type { RepositoryName } from '../../oci/names.ts';
import { catalog, deleteIn, everythingIn, pullFrom, pushTo, type Scope } from './scope.ts';

/** What a request needs to be allowed: the least that serves it. */
export interface Access {
  /** Whose credential is used; absent for the registry's own pages. */
  readonly repository: RepositoryName | undefined;
  readonly scopes: readonly Scope[];
  /** What to ask for where the token service does not know such scopes (HTTP 400), one after another, or the challenge asks for one of these. */
  readonly otherwise?: readonly (readonly Scope[])[];
}

export const toRead = (repository: RepositoryName): Access => ({ repository, scopes: [pullFrom(repository)] });

/** Asking for this creates the repository on Quay: only where a write follows. */
export const toWrite = (repository: RepositoryName): Access => ({ repository, scopes: [pushTo(repository)] });

/** Some registries honour only the first scope, and the right to read `from` is the one that a writer may not have yet. */
export const toMount = (repository: RepositoryName, from: RepositoryName): Access => ({
  repository,
  scopes: [pullFrom(from), pushTo(repository)],
});

/** Quay's scopes know push, pull and `*`, and it refuses the whole request for a token that names another. */
export const toDelete = (repository: RepositoryName): Access => ({
  repository,
  scopes: [deleteIn(repository)],
  otherwise: [[pushTo(repository)], [everythingIn(repository)]],
});

export const toList: Access = { repository: undefined, scopes: [catalog], otherwise: [[]] };

export const toPing: Access = { repository: undefined, scopes: [] };
