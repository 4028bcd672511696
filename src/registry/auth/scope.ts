import type { RepositoryName } from '../../oci/names.ts';

/**
 * One thing that a token may do, in the token protocol's words: `repository:apps/api:pull,push`. Its name may hold
 * colons (a port), so it is cut at the first and the last one.
 */
export interface Scope {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

/** The most scopes of one challenge that are looked at. */
const mostScopes = 64;

export const pullFrom = (repository: RepositoryName): Scope => ofRepository(repository, 'pull');
export const pushTo = (repository: RepositoryName): Scope => ofRepository(repository, 'pull', 'push');
export const deleteIn = (repository: RepositoryName): Scope => ofRepository(repository, 'pull', 'delete');
export const everythingIn = (repository: RepositoryName): Scope => ofRepository(repository, '*');
export const catalog: Scope = { type: 'registry', name: 'catalog', actions: ['*'] };

/** The scope as the token protocol writes it. */
export function formatScope(scope: Scope): string {
  return `${scope.type}:${scope.name}:${scope.actions.join(',')}`;
}

/** One text for a set of scopes: the key under which its token is kept. Order matters to some servers, so it stays. */
export function scopeKey(scopes: readonly Scope[]): string {
  return scopes.map(formatScope).join(' ');
}

/** The scopes of a challenge's `scope` parameter; what is none is left out. */
export function parseScopes(text: string): Scope[] {
  return text
    .split(/\s+/, mostScopes)
    .map(parseScope)
    .filter((scope) => scope !== undefined);
}

function parseScope(text: string): Scope | undefined {
  const first = text.indexOf(':');
  const last = text.lastIndexOf(':');
  if (first < 1 || last <= first) return undefined;
  const actions = text.slice(last + 1).split(',');
  return { type: text.slice(0, first), name: text.slice(first + 1, last), actions };
}

/** Whether a token asked for with `held` serves `wanted`. */
export function covers(held: readonly Scope[], wanted: readonly Scope[]): boolean {
  return wanted.every((want) => want.actions.every((action) => held.some((have) => allows(have, want, action))));
}

/**
 * What to ask for, given what an operation needs and what the server's challenge named.
 *
 * The server knows its names best (a repository may be called otherwise inside), but it never widens an act: asking for
 * a push creates the repository on Quay, so a read that is challenged with one still asks for its own actions only.
 */
export function narrow(needed: readonly Scope[], challenged: readonly Scope[]): readonly Scope[] {
  const actions = new Set(needed.flatMap((scope) => scope.actions));
  const offered = challenged
    .map((scope) => ({ ...scope, actions: scope.actions.filter((action) => actions.has(action)) }))
    .filter((scope) => scope.actions.length > 0);
  return needed.length === 1 && offered.length === 1 && offered[0]?.type === needed[0]?.type ? offered : needed;
}

function ofRepository(repository: RepositoryName, ...actions: string[]): Scope {
  return { type: 'repository', name: repository, actions };
}

function allows(have: Scope, want: Scope, action: string): boolean {
  if (have.type !== want.type || have.name !== want.name) return false;
  return have.actions.includes(action) || have.actions.includes('*');
}
