import type { Digest } from '../oci/digest.ts';
import { mediaTypes } from '../oci/media-type.ts';
import type { RepositoryName } from '../oci/names.ts';
import { type Context, existing } from './context.ts';
import { numberIn, sendJson } from './exchange.ts';
import { type Page, pageOf } from './paging.ts';

/** Entries of one page where the client names no number, and the most it can ask for. */
const mostTags = 10_000;
const mostNames = 1_000;
const mostReferrers = 1_000;

/** Tags in ASCII order (distribution-spec, end-8). */
export async function listTags(context: Context, name: RepositoryName): Promise<void> {
  const repository = await existing(context.storage, name);
  const page = paged(context, repository.tags(), mostTags);
  sendJson(context, 200, { name, tags: page.items }, linkTo(`/v2/${name}/tags/list`, page));
}

/** Repositories that the caller may see, in ASCII order. */
export async function listRepositories(context: Context): Promise<void> {
  const names = (await context.storage.names()).filter((name) => context.access.sees(name));
  const page = paged(context, names, mostNames);
  sendJson(context, 200, { repositories: page.items }, linkTo('/v2/_catalog', page));
}

/** Who refers to a digest, existing or not, as an index (end-12). */
export async function listReferrers(context: Context, name: RepositoryName, subject: Digest): Promise<void> {
  const repository = await context.storage.find(name);
  const all = (await repository?.referrers(subject)) ?? [];
  const type = context.query.get('artifactType');
  const wanted = type === null ? all : all.filter(({ artifactType }) => artifactType === type);
  const byDigest = new Map(wanted.map((referrer) => [String(referrer.digest), referrer]));
  const page = paged(context, [...byDigest.keys()], mostReferrers);
  const manifests = page.items.map((digest) => byDigest.get(digest));
  sendJson(
    context,
    200,
    { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests },
    {
      'content-type': mediaTypes.ociIndex,
      ...(type !== null && { 'oci-filters-applied': 'artifactType' }),
      ...linkTo(`/v2/${name}/referrers/${subject}`, page, type === null ? {} : { artifactType: type }),
    },
  );
}

function paged({ query }: Context, items: readonly string[], most: number): Page & { readonly n: number } {
  const n = Math.min(numberIn(query, 'n') ?? most, most);
  return { ...pageOf(items, n, query.get('last') ?? undefined), n };
}

function linkTo(
  path: string,
  { items, more, n }: Page & { readonly n: number },
  further: Record<string, string> = {},
): Record<string, string> {
  const last = items.at(-1);
  if (!more || last === undefined) return {};
  const query = new URLSearchParams({ ...further, n: String(n), last });
  return { link: `<${path}?${query.toString()}>; rel="next"` };
}
