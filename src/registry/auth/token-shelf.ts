import type { RepositoryName } from '../../oci/names.ts';
import type { Access } from './access.ts';
import { covers, type Scope, scopeKey } from './scope.ts';
import type { Token } from './token.ts';

interface Kept {
  readonly asked: readonly Scope[];
  readonly token: Token;
}

/** Repositories whose tokens are kept at most; a JWT has a kilobyte or two. */
const mostRepositories = 4096;
const mostTokensPerRepository = 16;

/**
 * Tokens by repository. A wider token of the same repository serves a narrower request, because each new one costs the
 * server a password check; but never a token across repositories, which some registries answer with 403.
 */
export class TokenShelf {
  readonly #kept = new Map<RepositoryName | undefined, Kept[]>();

  find(access: Access, usable: (token: Token) => boolean): Token | undefined {
    return this.#kept.get(access.repository)?.find((kept) => serves(kept, access) && usable(kept.token))?.token;
  }

  keep(access: Access, token: Token): void {
    const key = scopeKey(access.scopes);
    const others = (this.#kept.get(access.repository) ?? []).filter(({ asked }) => scopeKey(asked) !== key);
    this.#kept.delete(access.repository);
    this.#kept.set(access.repository, [{ asked: access.scopes, token }, ...others].slice(0, mostTokensPerRepository));
    this.#forgetOldest();
  }

  drop(access: Access, token: Token): void {
    const kept = this.#kept.get(access.repository) ?? [];
    this.#kept.set(
      access.repository,
      kept.filter((one) => one.token !== token),
    );
  }

  #forgetOldest(): void {
    if (this.#kept.size <= mostRepositories) return;
    for (const oldest of this.#kept.keys()) {
      this.#kept.delete(oldest);
      return;
    }
  }
}

function serves({ asked, token }: Kept, { scopes }: Access): boolean {
  if (scopeKey(asked) === scopeKey(scopes)) return true;
  if (scopes.length === 0 || !covers(asked, scopes)) return false;
  return token.granted === undefined ? asked.length === 1 : covers(token.granted, scopes);
}
