import { z } from 'zod';
import type { HttpAnswer } from '../http/types.ts';
import type { Secret } from '../kit/secret.ts';
import { TranshipError } from '../oci/errors.ts';
import { isRepositoryName, type RepositoryName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import { type Api, type Authorizing, documentOf, openApi } from './api.ts';
import { accountOf, basic, bearer } from './authorization.ts';
import { listedTags, type RawTag } from './entries.ts';
import { createProject, partsOf, proxyProjects } from './harbor-projects.ts';
import { type NumberedPage, numberedEntries } from './pages.ts';
import type { Adapter, ListedTag, ListingDeps } from './types.ts';

const pageSize = 100;

const artifact = z.looseObject({
  digest: z.string(),
  manifest_media_type: z.string().nullish(),
  size: z.number().nullish(),
  tags: z.array(z.looseObject({ name: z.string(), push_time: z.string().nullish() })).nullish(),
  accessories: z.array(z.unknown()).nullish(),
});
type Artifact = z.infer<typeof artifact>;

const repositories = z.array(z.looseObject({ name: z.string() })).nullable();

/**
 * Harbor lists artifacts, each with its tags, a hundred a page. What Harbor takes for an accessory of another artifact (a cosign
 * signature, say) is not among them, although its tag is in the plain listing: where an artifact has accessories, the plain
 * listing is read as well. Source: Harbor's API description (`/api/v2.0/swagger.json`, listArtifacts).
 */
export function harborAdapter(deps: ListingDeps): Adapter {
  const { host } = deps;
  const api = openApi({
    base: new URL('api/v2.0', withSlash(deps.api?.url ?? new URL(`https://${host}/`))),
    http: deps.http,
    authorization: (options) => authorization(deps, options),
  });
  const isProxy = proxyProjects(api);
  return {
    kind: 'harbor',
    async listTags(repository, options) {
      const { project } = partsOf(repository, host);
      if (await isProxy(project, `${host}/${project}`, options)) throw onlyCached(`${host}/${project}`);
      return listTags(api, deps, repository, options);
    },
    async *listRepositories(namespace, options) {
      const project = namespace?.split('/')[0];
      const path = project === undefined ? '/repositories' : `/projects/${encodeURIComponent(project)}/repositories`;
      const listing = { what: 'The listing of repositories', subject: host };
      const found = await numberedEntries({
        ...listing,
        read: async (number) =>
          pageOf(await api.ask({ path: `${path}?${paged(number)}`, ...listing, ...options }), repositories, listing),
        keyOf: ({ name }) => name,
      });
      for (const { name } of found) if (isRepositoryName(name)) yield name;
    },
    createRepository: (repository, wishes, options) => createProject(api, host, repository, wishes, options),
  };
}

async function listTags(
  api: Api,
  { host, open }: ListingDeps,
  repository: RepositoryName,
  options: CallOptions,
): Promise<readonly ListedTag[]> {
  const listing = { what: 'The listing of artifacts', subject: `${host}/${repository}`, repository };
  const path = `${repositoryPath(repository, host)}/artifacts?with_tag=true&with_accessory=true&q=tags%3D*&sort=push_time`;
  const artifacts = await numberedEntries<Artifact>({
    ...listing,
    read: async (number) =>
      pageOf(await api.ask({ path: `${path}&${paged(number)}`, ...listing, ...options }), z.array(artifact), listing),
    keyOf: ({ digest }) => digest,
  });
  const tags = artifacts.flatMap(tagsOf);
  const hasAccessories = artifacts.some(({ accessories }) => (accessories ?? []).length > 0);
  if (hasAccessories) tags.push(...(await unlisted(tags, open(repository).listTags(options))));
  return listedTags(tags, listing.subject);
}

function tagsOf({ digest, manifest_media_type, size, tags }: Artifact): readonly RawTag[] {
  return (tags ?? []).map(({ name, push_time }) => ({
    name,
    digest,
    mediaType: manifest_media_type,
    updatedAt: push_time,
    size,
  }));
}

async function unlisted(listed: readonly RawTag[], all: AsyncIterable<string>): Promise<readonly RawTag[]> {
  const names = new Set(listed.map(({ name }) => name));
  const others: RawTag[] = [];
  for await (const name of all) if (!names.has(name)) others.push({ name });
  return others;
}

function onlyCached(subject: string): TranshipError {
  return new TranshipError(
    'E_UNSUPPORTED',
    'failed',
    'The project is a proxy cache, whose artifacts are only a part.',
    {
      subject,
    },
  );
}

function pageOf<Entry>(
  answer: HttpAnswer,
  shape: z.ZodType<readonly Entry[] | null>,
  listing: { readonly what: string; readonly subject: string },
): NumberedPage<Entry> {
  const entries = documentOf(answer, shape, listing) ?? [];
  const total = Number(answer.headers.get('x-total-count') ?? Number.NaN);
  return { entries, total: Number.isSafeInteger(total) ? total : undefined };
}

function paged(number: number): string {
  return `page=${number}&page_size=${pageSize}`;
}

/** A slash within the repository's part is encoded twice: `library/a/b` is `/projects/library/repositories/a%252Fb`. */
function repositoryPath(repository: RepositoryName, host: string): string {
  const { project, rest } = partsOf(repository, host);
  return `/projects/${encodeURIComponent(project)}/repositories/${encodeURIComponent(encodeURIComponent(rest))}`;
}

async function authorization(deps: ListingDeps, { repository, signal }: Authorizing): Promise<Secret | undefined> {
  if (deps.api?.token !== undefined) return bearer(deps.api.token);
  const account = await accountOf(deps, repository, { signal });
  return account && basic(account);
}

function withSlash(url: URL): URL {
  return new URL(url.href.endsWith('/') ? url.href : `${url.href}/`);
}
