import { isRepositoryName, type RepositoryName } from '../../oci/names.ts';
import type { Action } from '../access.ts';
import type { Caller } from './users.ts';

/** What a token lets its bearer do, as the claim `access` says it. */
export interface Grant {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

const known: readonly Action[] = ['pull', 'push', 'delete'];

/** Scopes beyond these in one request are not looked at. */
const mostScopes = 64;

/** Reads `repository:<name>:<action>,<action>`; a name may hold a port and so a colon. Beside it, `registry:catalog:*` is known. */
export function parseScopes(texts: readonly string[]): readonly Grant[] {
  const scopes = texts.flatMap((text) => text.split(' ')).filter((text) => text !== '');
  return scopes.slice(0, mostScopes).map((scope) => {
    const [first, last] = [scope.indexOf(':'), scope.lastIndexOf(':')];
    return {
      type: scope.slice(0, first),
      name: scope.slice(first + 1, last),
      actions: scope.slice(last + 1).split(','),
    };
  });
}

/** What of the wanted a caller gets: fewer actions without a word, as token servers do. */
export function grantTo(caller: Caller, wanted: readonly Grant[]): readonly Grant[] {
  return wanted.flatMap(({ type, name, actions }) => {
    if (type === 'registry' && name === 'catalog') return [{ type, name, actions: ['*'] }];
    if (type !== 'repository' || !isRepositoryName(name)) return [];
    const granted = expand(actions).filter((action) => caller.may(action, name));
    return granted.length === 0 ? [] : [{ type, name, actions: granted }];
  });
}

/** Whether a token is good for the listing of repositories, which shows those that its user may pull. */
export function listsRepositories(grants: readonly Grant[]): boolean {
  return grants.some(({ type, name }) => type === 'registry' && name === 'catalog');
}

export function allows(grants: readonly Grant[], action: Action, repository: RepositoryName): boolean {
  return grants.some(
    ({ type, name, actions }) => type === 'repository' && name === repository && actions.includes(action),
  );
}

function expand(actions: readonly string[]): readonly Action[] {
  return known.filter((action) => actions.includes(action) || actions.includes('*'));
}
