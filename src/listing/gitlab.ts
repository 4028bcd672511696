import { z } from 'zod';
import type { Secret } from '../kit/secret.ts';
import { isRepositoryName, type RepositoryName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import { type Api, type ApiCall, type Authorizing, documentOf, openApi } from './api.ts';
import { accountOf, bearer } from './authorization.ts';
import { listedTags, type RawTag } from './entries.ts';
import { namespaceNeeded, refused } from './errors.ts';
import { linkedPages } from './pages.ts';
import type { Adapter, ListedTag, ListingDeps } from './types.ts';

const tags = z.array(
  z.looseObject({
    name: z.string(),
    digest: z.string().nullish(),
    media_type: z.string().nullish(),
    size_bytes: z.number().nullish(),
    created_at: z.string().nullish(),
    updated_at: z.string().nullish(),
    published_at: z.string().nullish(),
  }),
);

const repositories = z.array(z.looseObject({ path: z.string() }));

/**
 * GitLab's registry lists tags with digests at `/gitlab/v1/…`, up to a thousand a page, for its usual tokens, where it stands on
 * its metadata database (on gitlab.com it does). Which repositories there are, only GitLab itself knows, at another host.
 * Sources: the registry's "HTTP API V1" (List Repository Tags), GitLab's REST API (Container registry).
 */
export function gitlabAdapter(deps: ListingDeps): Adapter {
  const { host } = deps;
  const base = deps.api?.url ?? (host === 'registry.gitlab.com' ? new URL('https://gitlab.com/') : undefined);
  const tagAdapter: Adapter = {
    kind: 'gitlab',
    listTags: (repository, options) => listTags(deps, repository, options),
  };
  if (base === undefined) return tagAdapter;
  const api = openApi({
    base: new URL(base.href.replace(/\/+(?:api\/v4\/*)?$/, '')),
    http: deps.http,
    authorization: (options) => authorization(deps, options),
  });
  return { ...tagAdapter, listRepositories: (namespace, options) => listRepositories(api, host, namespace, options) };
}

async function listTags(
  { ask, host }: ListingDeps,
  repository: RepositoryName,
  options: CallOptions,
): Promise<readonly ListedTag[]> {
  const listing = { what: 'The listing of tags', subject: `${host}/${repository}` };
  const scopes = [{ type: 'repository', name: repository, actions: ['pull'] }];
  const path = `/gitlab/v1/repositories/${repository}/tags/list/`;
  const read = (query: string) => ask({ method: 'GET', path: path + query, repository, scopes, ...options });
  const found: RawTag[] = [];
  for await (const answer of linkedPages('?n=1000', read, listing)) {
    for (const tag of documentOf(answer, tags, listing)) found.push(rawTag(tag));
  }
  return listedTags(found, listing.subject);
}

function rawTag(tag: z.infer<typeof tags>[number]): RawTag {
  return {
    name: tag.name,
    digest: tag.digest,
    mediaType: tag.media_type,
    createdAt: tag.created_at,
    updatedAt: tag.published_at ?? tag.updated_at ?? tag.created_at,
    size: tag.size_bytes,
  };
}

/** A namespace may be a group, a project, or a repository below one: the longest path that GitLab knows holds it. */
async function* listRepositories(
  api: Api,
  host: string,
  namespace: string | undefined,
  options: CallOptions,
): AsyncGenerator<RepositoryName> {
  if (namespace === undefined) throw namespaceNeeded(host);
  const listing = { what: 'The listing of repositories', subject: `${host}/${namespace}` };
  for (const place of placesFor(namespace)) {
    const found = await repositoriesAt(api, place, { ...listing, ...options });
    if (found !== undefined) return yield* found;
  }
  throw refused({ status: 404, body: Buffer.from('') }, listing.what, listing.subject);
}

/** `undefined` where GitLab knows no such group or project, or does not show it to this account. */
async function repositoriesAt(
  api: Api,
  place: string,
  call: Omit<ApiCall, 'path'>,
): Promise<readonly RepositoryName[] | undefined> {
  const read = (query: string) => api.ask({ ...call, path: `${place}/registry/repositories${query}` });
  const names: string[] = [];
  for await (const answer of linkedPages('?per_page=100', read, call)) {
    if (answer.status === 404) return undefined;
    names.push(...documentOf(answer, repositories, call).map(({ path }) => path));
  }
  return names.filter(isRepositoryName);
}

function placesFor(namespace: string): readonly string[] {
  const parts = namespace.split('/');
  return parts.flatMap((_, dropped) => {
    const path = encodeURIComponent(parts.slice(0, parts.length - dropped).join('/'));
    const group = `/api/v4/groups/${path}`;
    return dropped < parts.length - 1 ? [group, `/api/v4/projects/${path}`] : [group];
  });
}

/** An access token of GitLab; it is also what people sign in to the registry with. */
async function authorization(
  deps: ListingDeps,
  { repository, signal, renewed }: Authorizing,
): Promise<Secret | undefined> {
  if (renewed) return undefined;
  if (deps.api?.token !== undefined) return bearer(deps.api.token);
  const account = await accountOf(deps, repository, { signal });
  return account && bearer(account.password);
}
