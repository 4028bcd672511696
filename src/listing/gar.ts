import { z } from 'zod';
import { eachBounded } from '../kit/bounded.ts';
import { TranshipError } from '../oci/errors.ts';
import { isRepositoryName, type RepositoryName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import { documentOf } from './api.ts';
import { listedTags, type RawTag, timeOf } from './entries.ts';
import { namespaceNeeded } from './errors.ts';
import { linkedPages } from './pages.ts';
import type { Adapter, ListedTag, ListingDeps } from './types.ts';

const manifestShape = z.looseObject({
  tag: z.array(z.string()).nullish(),
  mediaType: z.string().nullish(),
  imageSizeBytes: z.union([z.string(), z.number()]).nullish(),
  timeUploadedMs: z.union([z.string(), z.number()]).nullish(),
});

const page = z.looseObject({
  child: z.array(z.string()).nullish(),
  manifest: z.record(z.string(), manifestShape),
  tags: z.array(z.string()).nullish(),
});
type Page = z.infer<typeof page>;

/** Everything of a repository comes in one answer. */
const largestAnswer = 128 * 1024 * 1024;
const mostFolders = 50_000;
const foldersAtOnce = 8;

/**
 * Google's registries (Artifact Registry and gcr.io) add to the plain tag listing the manifests with their digests and tags, and
 * the names one level below. Times: the older one writes them as texts, the newer one as numbers.
 */
export function garAdapter(deps: ListingDeps): Adapter {
  const { host } = deps;
  return {
    kind: 'gar',
    async listTags(repository, options) {
      const pages = await read(deps, repository, options);
      return tagsOf(pages, `${host}/${repository}`);
    },
    async *listRepositories(namespace, options) {
      if (namespace === undefined || !isRepositoryName(namespace)) throw namespaceNeeded(host);
      yield* walk(deps, namespace, options);
    },
  };
}

async function read(deps: ListingDeps, repository: RepositoryName, options: CallOptions): Promise<readonly Page[]> {
  const listing = { what: 'The listing of tags', subject: `${deps.host}/${repository}` };
  const scopes = [{ type: 'repository', name: repository, actions: ['pull'] }];
  const path = `/v2/${repository}/tags/list`;
  const ask = (query: string) =>
    deps.ask({ method: 'GET', path: path + query, repository, scopes, bodyLimit: largestAnswer, ...options });
  const pages: Page[] = [];
  for await (const answer of linkedPages('', ask, listing)) pages.push(documentOf(answer, page, listing));
  return pages;
}

/** A tag that no manifest claims keeps its place, without a digest. */
function tagsOf(pages: readonly Page[], subject: string): readonly ListedTag[] {
  const claimed: RawTag[] = pages.flatMap(({ manifest }) =>
    Object.entries(manifest).flatMap(([digest, { tag, mediaType, imageSizeBytes, timeUploadedMs }]) =>
      (tag ?? []).map((name) => ({
        name,
        digest,
        mediaType,
        updatedAt: timeOf(timeUploadedMs),
        size: imageSizeBytes === null || imageSizeBytes === undefined ? undefined : Number(imageSizeBytes),
      })),
    ),
  );
  const names = new Set(claimed.map(({ name }) => name));
  const unclaimed = pages.flatMap(({ tags }) => tags ?? []).filter((name) => !names.has(name));
  return listedTags([...claimed, ...unclaimed.map((name) => ({ name }))], subject);
}

/** From a folder down, one level after another. A folder that holds images itself is a repository too. */
async function* walk(deps: ListingDeps, from: RepositoryName, options: CallOptions): AsyncGenerator<RepositoryName> {
  let level: readonly RepositoryName[] = [from];
  for (let folders = 1; level.length > 0; folders += level.length) {
    if (folders > mostFolders) throw tooMany(deps.host);
    const found = await eachBounded(level, foldersAtOnce, async (name) => ({
      name,
      pages: await read(deps, name, options),
    }));
    for (const { name, pages } of found) if (pages.some(holdsImages)) yield name;
    level = found.flatMap(({ name, pages }) => childrenOf(name, pages));
  }
}

function holdsImages({ manifest, tags }: Page): boolean {
  return Object.keys(manifest).length > 0 || (tags ?? []).length > 0;
}

function childrenOf(name: RepositoryName, pages: readonly Page[]): readonly RepositoryName[] {
  return pages
    .flatMap(({ child }) => child ?? [])
    .map((child) => `${name}/${child}`)
    .filter(isRepositoryName);
}

function tooMany(host: string): TranshipError {
  return new TranshipError('E_LIMIT', 'refused', `The registry holds more than ${mostFolders} folders.`, {
    subject: host,
  });
}
