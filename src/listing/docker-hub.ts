import { z } from 'zod';
import { TranshipError } from '../oci/errors.ts';
import { isRepositoryName, parseRepositoryName, type RepositoryName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import { type Api, documentOf, openApi } from './api.ts';
import { listedTags } from './entries.ts';
import { namespaceNeeded, refused } from './errors.ts';
import { hubAuthorization } from './hub-token.ts';
import { type NumberedPage, numberedEntries } from './pages.ts';
import { quotaIn } from './quota.ts';
import type { Adapter, ListedTag, ListingDeps, PullQuota, RepositoryWishes } from './types.ts';

const pageSize = 100;

const tag = z.looseObject({
  name: z.string(),
  digest: z.string().nullish(),
  media_type: z.string().nullish(),
  tag_last_pushed: z.string().nullish(),
  last_updated: z.string().nullish(),
  full_size: z.number().nullish(),
});
const repository = z.looseObject({ name: z.string() });
const pageOf = <Entry extends z.ZodType>(entry: Entry) =>
  z.looseObject({ count: z.number().nullish(), results: z.array(entry) });

/**
 * Docker Hub's own API is on another host than its registry, with limits of its own, and is not counted as pulls. Each tag has
 * the digests of its images and, beside them, the one of what the tag names: only that one counts. A tag without it is asked
 * for with HEAD. Source: the Hub API's reference (`/v2/namespaces/…/repositories/…/tags`).
 */
export function dockerHubAdapter(deps: ListingDeps): Adapter {
  const { host } = deps;
  const counted: Adapter = { kind: 'docker-hub', pullsLeft: (options) => pullsLeft(deps, options) };
  const base = deps.api?.url ?? (isDockerHub(host) ? new URL('https://hub.docker.com/') : undefined);
  if (base === undefined) return counted;
  const api = openApi({ base, http: deps.http, authorization: hubAuthorization(deps, base) });
  return {
    ...counted,
    standsElsewhere: true,
    listTags: (name, options) => listTags(api, host, name, options),
    async *listRepositories(namespace, options) {
      if (namespace === undefined) throw namespaceNeeded(host);
      const owner = namespace.split('/')[0] ?? namespace;
      const listing = { what: 'The listing of repositories', subject: `${host}/${owner}` };
      const path = `/v2/namespaces/${encodeURIComponent(owner)}/repositories`;
      for (const { name } of await everyPage(api, { path, ...listing, ...options }, repository)) {
        if (isRepositoryName(`${owner}/${name}`)) yield `${owner}/${name}` as RepositoryName;
      }
    },
    createRepository: (name, wishes, options) => create(api, host, name, wishes, options),
  };
}

/** Another registry's credentials must not go to Docker, whatever the configuration calls that registry. */
function isDockerHub(host: string): boolean {
  return /^(?:index\.|registry-1\.)?docker\.io$/.test(host);
}

async function listTags(
  api: Api,
  host: string,
  name: RepositoryName,
  options: CallOptions,
): Promise<readonly ListedTag[]> {
  const subject = `${host}/${name}`;
  const path = `${repositoryPath(name, host)}/tags`;
  const call = { what: 'The listing of tags', path, subject, repository: name, ...options };
  const tags = await everyPage(api, call, tag);
  const raw = tags.map((entry) => ({
    name: entry.name,
    digest: entry.digest,
    mediaType: entry.media_type,
    updatedAt: entry.tag_last_pushed ?? entry.last_updated,
    size: entry.full_size,
  }));
  return listedTags(raw, subject);
}

function everyPage<Entry extends z.ZodType<{ readonly name: string }>>(
  api: Api,
  call: Parameters<Api['ask']>[0],
  entry: Entry,
): Promise<readonly z.infer<Entry>[]> {
  return numberedEntries<z.infer<Entry>>({
    what: call.what,
    subject: call.subject,
    async read(number): Promise<NumberedPage<z.infer<Entry>>> {
      const answer = await api.ask({ ...call, path: `${call.path}?page=${number}&page_size=${pageSize}` });
      // Behind the last page there is none.
      if (answer.status === 404 && number > 1) return { entries: [], total: undefined };
      const { results, count } = documentOf(answer, pageOf(entry), call);
      return { entries: results, total: count ?? undefined };
    },
    keyOf: ({ name }) => name,
  });
}

async function create(
  api: Api,
  host: string,
  name: RepositoryName,
  { visibility = 'private', description = '' }: RepositoryWishes,
  options: CallOptions,
): Promise<void> {
  const path = repositoryPath(name, host);
  const call = { what: `The repository ${name}`, subject: `${host}/${name}`, repository: name, ...options };
  const there = await api.ask({ ...call, path });
  if (there.status === 200) return;
  if (there.status !== 404) throw refused(there, call.what, call.subject);
  const [namespace = '', repositoryName = ''] = name.split('/');
  const document = { name: repositoryName, namespace, description, is_private: visibility === 'private' };
  await api.create({ ...call, path: `/v2/namespaces/${namespace}/repositories`, document, also: [409] });
}

/** A HEAD of the image that Docker made for this question; it is not counted. */
async function pullsLeft({ ask }: ListingDeps, options: CallOptions): Promise<PullQuota | undefined> {
  const preview = parseRepositoryName('ratelimitpreview/test');
  if (preview === undefined) throw new Error('the name is a constant');
  const scopes = [{ type: 'repository', name: preview, actions: ['pull'] }];
  const path = `/v2/${preview}/manifests/latest`;
  const { headers } = await ask({ method: 'HEAD', path, repository: preview, scopes, ...options });
  return quotaIn(headers);
}

function repositoryPath(name: RepositoryName, host: string): string {
  const [namespace, repositoryName, ...more] = name.split('/');
  if (repositoryName !== undefined && more.length === 0)
    return `/v2/namespaces/${namespace}/repositories/${repositoryName}`;
  throw new TranshipError('E_UNSUPPORTED', 'failed', 'On Docker Hub a name has exactly two parts.', {
    subject: `${host}/${name}`,
    hint: 'Name it NAMESPACE/REPOSITORY; official images are in the namespace library.',
  });
}
