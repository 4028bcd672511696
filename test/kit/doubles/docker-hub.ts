/**
 * Docker Hub: its registry and, at the same address, the API that really stands at hub.docker.com. As described at
 * https://docs.docker.com/reference/api/hub/latest/ (AuthCreateAccessToken, ListRepositoryTags, listNamespaceRepositories,
 * CreateRepository, GetRepository) and, for the headers that count pulls, https://docs.docker.com/docker-hub/usage/pulls/.
 * The reference's example of a tag has digests within `images` only; the service also sends one for the tag itself.
 */
import { digestOf } from '../../../src/oci/digest.ts';
import {
  type DoubleOptions,
  numberIn,
  startDouble,
  type VendorDouble,
  type VendorReply,
  type VendorRequest,
} from './double.ts';
import { Gate, needsOfDistribution } from './gate.ts';
import type { Shelf, ShelvedTag } from './shelf.ts';

export interface DockerHubOptions extends DoubleOptions {
  readonly users?: Readonly<Record<string, string>>;
  /** How many manifests may be pulled in six hours. Default: not counted. */
  readonly pulls?: number;
  /** Whether a tag shows the digest of what it names. Default: all do. */
  readonly showsDigest?: (tag: string) => boolean;
}

export interface DockerHubDouble extends VendorDouble {
  readonly created: ReadonlyMap<string, { readonly is_private?: boolean; readonly description?: string }>;
  /** Access tokens given out by the API. */
  readonly signIns: { count: number };
  /** The API's tokens are not taken any more. */
  expireTokens(): void;
}

export async function startDockerHub(options: DockerHubOptions = {}): Promise<DockerHubDouble> {
  const { users = {}, pulls, showsDigest = () => true, ...rest } = options;
  const gate = new Gate({
    path: '/token',
    service: 'registry.docker.io',
    users,
    anonymous: true,
    needs: (request) => (isApi(request.path) ? undefined : needsOfDistribution(request)),
  });
  const created = new Map<string, { is_private?: boolean; description?: string }>();
  const tokens = new Set<string>();
  const signIns = { count: 0 };
  let left = pulls ?? 0;

  const quota = (): Record<string, string> =>
    pulls === undefined
      ? {}
      : {
          'ratelimit-limit': `${pulls};w=21600`,
          'ratelimit-remaining': `${left};w=21600`,
          'docker-ratelimit-source': '203.0.113.7',
        };

  async function api(request: VendorRequest, shelf: Shelf): Promise<VendorReply | undefined> {
    const { method, path } = request;
    if (path === '/v2/auth/token') return signIn(await request.body());
    const member = tokens.has(/^Bearer (.+)$/.exec(request.authorization ?? '')?.[1] ?? '');
    if (request.authorization !== undefined && !member) return problem(401, 'token is invalid or expired');
    const [, namespace = '', name, tags] =
      /^\/v2\/namespaces\/([^/]+)\/repositories(?:\/([^/]+)(\/tags)?)?$/.exec(path) ?? [];
    if (name === undefined && method === 'POST') return create(namespace, await request.body(), member);
    const own = (repository: string) => repository.startsWith(`${namespace}/`);
    const all = [...new Set([...shelf.repositories, ...created.keys()])].filter(own);
    if (name === undefined)
      return paged(
        request,
        all.map((repository) => ({ namespace, name: repository.slice(namespace.length + 1) })),
      );
    const repository = `${namespace}/${name}`;
    if (!all.includes(repository)) return problem(404, 'object not found');
    if (tags === undefined) return { status: 200, document: { namespace, name, is_private: false } };
    return paged(
      request,
      shelf.tags(repository).map((tag) => tagOf(tag, showsDigest(tag.name))),
    );
  }

  function signIn(body: Buffer): VendorReply {
    const { identifier = '', secret } = JSON.parse(String(body)) as { identifier?: string; secret?: string };
    if (users[identifier] !== secret) return problem(401, 'incorrect authentication credentials');
    const token = `hub-${(signIns.count += 1)}`;
    tokens.add(token);
    return { status: 200, document: { access_token: token } };
  }

  function create(namespace: string, body: Buffer, member: boolean): VendorReply {
    if (!member) return problem(401, 'authentication credentials were not provided');
    const wish = JSON.parse(String(body)) as { name: string; is_private?: boolean; description?: string };
    created.set(`${namespace}/${wish.name}`, wish);
    return { status: 201, document: { namespace, ...wish } };
  }

  function pull({ method, path }: VendorRequest): VendorReply | undefined {
    if (pulls === undefined || !/\/manifests\//.test(path)) return undefined;
    if (method === 'GET') left -= 1;
    if (path !== '/v2/ratelimitpreview/test/manifests/latest') return undefined;
    return { status: 200, headers: quota() };
  }

  const double = await startDouble(
    async (request, shelf) => (isApi(request.path) ? api(request, shelf) : (gate.check(request) ?? pull(request))),
    rest,
  );
  return Object.assign(double, { created, signIns, expireTokens: () => tokens.clear() });
}

function isApi(path: string): boolean {
  return path === '/v2/auth/token' || /^\/v2\/namespaces\/[^/]+\/repositories(\/|$)/.test(path);
}

/** Every tag has an image for one platform within, whose digest is not that of what the tag names. */
function tagOf({ name, digest, mediaType, size, updatedAt }: ShelvedTag, showsDigest: boolean): object {
  const time = new Date(updatedAt).toISOString();
  return {
    name,
    full_size: size,
    images: [
      {
        architecture: 'amd64',
        os: 'linux',
        size,
        status: 'active',
        digest: digestOf(Buffer.from(`image of ${digest}`)),
      },
    ],
    last_updated: time,
    tag_last_pushed: time,
    media_type: mediaType,
    content_type: 'image',
    ...(showsDigest && { digest }),
  };
}

function paged({ query, origin, path }: VendorRequest, entries: readonly object[]): VendorReply {
  const size = numberIn(query, 'page_size', 10, 100);
  const page = numberIn(query, 'page', 1, Number.MAX_SAFE_INTEGER);
  const results = entries.slice((page - 1) * size, page * size);
  if (results.length === 0 && page > 1) return problem(404, 'object not found');
  const next = page * size < entries.length ? `${origin}${path}?page=${page + 1}&page_size=${size}` : null;
  return { status: 200, document: { count: entries.length, next, previous: null, results } };
}

function problem(status: number, message: string): VendorReply {
  return { status, document: { message, detail: message } };
}
