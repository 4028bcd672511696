/**
 * GitLab's container registry on its metadata database, and the part of GitLab that knows of it, at one address.
 * - the registry's "HTTP API V1", https://gitlab.com/gitlab-org/container-registry/-/blob/master/docs/spec/gitlab/api.md
 *   ("List Repository Tags": `n` to 1000, `last`, `Link`, the fields of a tag);
 * - https://docs.gitlab.com/api/container_registry/ ("List registry repositories" within a project and within a group), paging
 *   by https://docs.gitlab.com/api/rest/#pagination.
 */
import {
  type DoubleOptions,
  numberIn,
  pageBehind,
  startDouble,
  type VendorDouble,
  type VendorReply,
  type VendorRequest,
} from './double.ts';
import { Gate, needsOfDistribution } from './gate.ts';
import type { Shelf, ShelvedTag } from './shelf.ts';

export interface GitLabOptions extends DoubleOptions {
  readonly users?: Readonly<Record<string, string>>;
  /** Tokens that GitLab's API takes. Default: none is needed. */
  readonly accessTokens?: readonly string[];
  /** Without it there is no `/gitlab/v1/`. Default true. */
  readonly metadataDatabase?: boolean;
}

export function startGitLab(options: GitLabOptions = {}): Promise<VendorDouble> {
  const { users = {}, accessTokens, metadataDatabase = true, ...rest } = options;
  const gate = new Gate({ path: '/jwt/auth', service: 'container_registry', users, anonymous: true, needs });
  return startDouble((request, shelf) => {
    if (!request.path.startsWith('/api/v4/')) {
      return gate.check(request) ?? (metadataDatabase ? tags(request, shelf) : undefined);
    }
    const token = /^Bearer (.+)$/.exec(request.authorization ?? '')?.[1] ?? '';
    if (accessTokens?.includes(token) === false) return { status: 401, document: { message: '401 Unauthorized' } };
    return repositories(request, shelf);
  }, rest);
}

const listPath = /^\/gitlab\/v1\/repositories\/(.+)\/tags\/list\/$/;

function needs(request: VendorRequest): readonly string[] | undefined {
  const name = listPath.exec(request.path)?.[1];
  return name === undefined ? needsOfDistribution(request) : [`repository:${name}:pull`];
}

function tags({ method, path, query, origin }: VendorRequest, shelf: Shelf): VendorReply | undefined {
  const name = listPath.exec(path)?.[1];
  if (name === undefined || method !== 'GET') return undefined;
  if (!shelf.has(name)) {
    return {
      status: 404,
      document: { errors: [{ code: 'NAME_UNKNOWN', message: 'repository name not known to registry' }] },
    };
  }
  const size = numberIn(query, 'n', 100, 1000);
  const { entries, more } = pageBehind(shelf.tags(name), (tag) => tag.name, query.get('last'), size);
  const next = `<${origin}${path}?n=${size}&last=${entries.at(-1)?.name}>; rel="next"`;
  const previous = query.has('last') ? `<${origin}${path}?n=${size}&before=${entries[0]?.name}>; rel="previous"` : '';
  const link = [previous, more ? next : ''].filter((part) => part !== '').join(', ');
  return { status: 200, headers: link === '' ? {} : { link }, document: entries.map(tagOf) };
}

function tagOf({ name, digest, mediaType, size, createdAt, updatedAt }: ShelvedTag): object {
  return {
    name,
    digest,
    media_type: mediaType,
    size_bytes: size,
    created_at: new Date(createdAt).toISOString(),
    ...(updatedAt !== createdAt && { updated_at: new Date(updatedAt).toISOString() }),
    published_at: new Date(updatedAt).toISOString(),
  };
}

/** A project is the first two parts of a repository's path, a group the first one. */
function repositories({ method, path, query, origin }: VendorRequest, shelf: Shelf): VendorReply {
  const [, kind, encoded = ''] = /^\/api\/v4\/(groups|projects)\/([^/]+)\/registry\/repositories$/.exec(path) ?? [];
  const place = decodeURIComponent(encoded);
  const depth = kind === 'groups' ? 1 : 2;
  const known = shelf.repositories.filter((name) => name.split('/').slice(0, depth).join('/') === place);
  if (method !== 'GET' || kind === undefined || known.length === 0) {
    return { status: 404, document: { message: `404 ${kind === 'groups' ? 'Group' : 'Project'} Not Found` } };
  }
  const size = numberIn(query, 'per_page', 20, 100);
  const page = numberIn(query, 'page', 1, Number.MAX_SAFE_INTEGER);
  const more = known.length > page * size;
  const document = known.slice((page - 1) * size, page * size).map((name, index) => ({
    id: (page - 1) * size + index + 1,
    name: name.split('/').slice(2).join('/'),
    path: name,
    location: `registry.example.com/${name}`,
  }));
  const link = `<${origin}${path}?page=${page + 1}&per_page=${size}>; rel="next"`;
  return { status: 200, headers: more ? { link } : {}, document };
}
