import { TranshipError } from '../oci/errors.ts';
import { isRepositoryName, type RepositoryName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import { toList } from './auth/access.ts';
import { listAt } from './json.ts';
import { jsonOf, type Listing, pagesOf, unreadable } from './pages.ts';
import type { Wire } from './wire.ts';

const mostRepositories = 500_000;

/**
 * Every repository that the registry lists to this account, none twice. Some registries list nothing to anybody, and some
 * silently list only what the account may see.
 */
export async function* listRepositories(wire: Wire, options: CallOptions = {}): AsyncGenerator<RepositoryName> {
  const listing: Listing = {
    wire,
    path: '/v2/_catalog',
    query: '?n=100',
    access: toList,
    act: 'list-repositories',
    subject: wire.host,
  };
  const seen = new Set<string>();
  for await (const answer of pagesOf(listing, () => false, options)) {
    const names = listAt(jsonOf(answer, listing), 'repositories');
    if (names === undefined) throw unreadable(answer, listing);
    for (const name of names) {
      if (typeof name !== 'string' || seen.has(name)) continue;
      if (seen.size >= mostRepositories) throw tooMany(wire.host);
      seen.add(name);
      if (isRepositoryName(name)) yield name;
      else wire.warn('W_ODD_REPOSITORY', 'The catalog holds names that are no repository names; they are left out.');
    }
  }
}

function tooMany(host: string): TranshipError {
  return new TranshipError('E_LIMIT', 'refused', `The registry lists more than ${mostRepositories} repositories.`, {
    subject: host,
  });
}
