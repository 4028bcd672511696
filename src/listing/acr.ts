import { z } from 'zod';
import type { HttpAnswer } from '../http/types.ts';
import type { RepositoryName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import { documentOf } from './api.ts';
import { gatheredTags, type RawTag } from './entries.ts';
import { endless } from './errors.ts';
import { linkedPages } from './pages.ts';
import type { Adapter, ListedTag, ListingDeps } from './types.ts';

const page = z.object({
  tags: z
    .array(
      z.object({
        name: z.string(),
        digest: z.string().nullish(),
        createdTime: z.string().nullish(),
        lastUpdateTime: z.string().nullish(),
      }),
    )
    .nullish(),
});

/**
 * Azure's registry lists tags at `/acr/v1/NAME/_tags`, a hundred a page, in the order of their names, for a token with the right
 * `metadata_read`. Its catalog is the distribution specification's. Source: the REST reference "Tag - Get List".
 */
export function acrAdapter({ ask, host }: ListingDeps): Adapter {
  return { kind: 'acr', listTags: (repository, options) => listTags(ask, host, repository, options) };
}

function listTags(
  ask: ListingDeps['ask'],
  host: string,
  repository: RepositoryName,
  options: CallOptions,
): Promise<readonly ListedTag[]> {
  const subject = `${host}/${repository}`;
  const scopes = [{ type: 'repository', name: repository, actions: ['metadata_read'] }];
  const read = (query: string) =>
    ask({ method: 'GET', path: `/acr/v1/${repository}/_tags${query}`, repository, scopes, ...options });
  return gatheredTags(tagsOf(read, subject), subject);
}

async function* tagsOf(read: (query: string) => Promise<HttpAnswer>, subject: string): AsyncGenerator<RawTag> {
  const listing = { what: 'The listing of tags', subject };
  for await (const answer of linkedPages('?n=100', read, listing)) {
    const found = documentOf(answer, page, listing).tags ?? [];
    if (found.length === 0 && answer.headers.get('link') !== undefined) throw endless(listing.what, subject);
    for (const { name, digest, createdTime, lastUpdateTime } of found)
      yield { name, digest, createdAt: createdTime, updatedAt: lastUpdateTime };
  }
}
