import { request as httpRequest, STATUS_CODES } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { World } from '../model/world.ts';

/** The small client with which mirrors and proxy caches read from another registry. */
export interface Upstream {
  /** `valid` when the credentials are taken, `refused` when not, `unreachable` when nobody answers as a registry. */
  ping(): Promise<'valid' | 'refused' | 'unreachable'>;
  tags(repository: string): Promise<readonly string[]>;
  manifest(repository: string, reference: string): Promise<{ readonly bytes: Buffer; readonly mediaType: string }>;
  blob(repository: string, digest: string): Promise<Buffer>;
  /** Calls `path` of the same host's API. */
  api(path: string): Promise<Answer>;
}

interface Source {
  /** `host[:port]`, with or without a path behind. */
  readonly upstream: string;
  readonly username: string | null;
  readonly password: string | null;
  readonly insecure: boolean;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** What went wrong, in the words that skopeo would use. */
export class UpstreamError extends Error {
  readonly status: number;
  /** The blob at which it went wrong. */
  readonly blob: string | undefined;

  constructor(status: number, message: string, blob?: string) {
    super(message);
    this.status = status;
    this.blob = blob;
  }
}

const accept = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

export function upstreamOf(world: World, source: Source): Upstream {
  const host = source.upstream.replace(/^https?:\/\//, '').split('/')[0] ?? '';
  const address = world.settings.resolveHost(host === new URL(world.origin).host ? world.address : host);
  const scheme = source.insecure || source.upstream.startsWith('http://') ? 'http' : 'https';
  const base = `${scheme}://${address}`;
  const tokens = new Map<string, string>();
  const basic =
    source.username === null
      ? undefined
      : `Basic ${Buffer.from(`${source.username}:${source.password ?? ''}`).toString('base64')}`;

  const get = async (path: string, repository?: string): Promise<Answer> => {
    const key = repository ?? '';
    const first = await send(base, path, tokens.get(key) ?? undefined, host);
    if (first.status !== 401) return first;
    const authorization = await answerChallenge(first, address, basic);
    if (authorization === undefined) return first;
    tokens.set(key, authorization);
    return send(base, path, authorization, host);
  };

  return {
    async ping() {
      try {
        const { status } = await get('/v2/');
        if (status === 200) return 'valid';
        return status === 401 ? 'refused' : 'unreachable';
      } catch (error) {
        if (!(error instanceof UpstreamError)) throw error;
        return error.status === 401 ? 'refused' : 'unreachable';
      }
    },
    async tags(repository) {
      const names: string[] = [];
      let path: string | undefined = `/v2/${repository}/tags/list`;
      while (path !== undefined) {
        const answer: Answer = await get(path, repository);
        if (answer.status !== 200) throw failed(answer, 'fetching tags list');
        const { tags } = JSON.parse(answer.body.toString('utf8')) as { tags: string[] | null };
        names.push(...(tags ?? []));
        path = /<([^>]+)>/.exec(String(answer.headers['link'] ?? ''))?.[1];
      }
      return names;
    },
    async manifest(repository, reference) {
      const answer = await get(`/v2/${repository}/manifests/${reference}`, repository);
      if (answer.status !== 200) throw failed(answer, `reading manifest ${reference}`);
      return { bytes: answer.body, mediaType: String(answer.headers['content-type']) };
    },
    async blob(repository, digest) {
      const answer = await get(`/v2/${repository}/blobs/${digest}`, repository);
      if (answer.status !== 200) throw failed(answer, `reading blob ${digest}: Error fetching blob`, digest);
      return answer.body;
    },
    api: (path) => send(base, path, source.password === null ? undefined : `Bearer ${source.password}`),
  };
}

function failed(answer: Answer, what: string, blob?: string): UpstreamError {
  const { status } = answer;
  if (status === 401) {
    const message = `unable to retrieve auth token: invalid username/password: unauthorized: ${serversWords(answer)}`;
    return new UpstreamError(status, message, blob);
  }
  const text = `${status} (${STATUS_CODES[status]})`;
  return new UpstreamError(status, `${what}: invalid status code from registry ${text}`, blob);
}

function serversWords(answer: Answer): string {
  try {
    const { errors } = JSON.parse(answer.body.toString('utf8')) as { errors: { message: string }[] };
    return errors[0]?.message ?? '';
  } catch {
    return answer.body.toString('utf8');
  }
}

/** The error of a connection that no registry answered on, as Go's HTTP client words it. */
function unanswered(error: NodeJS.ErrnoException, url: URL, shown: string): UpstreamError {
  const target = `${url.protocol}//${shown}/v2/`;
  const isPlain = error.code === 'EPROTO' || /wrong version number|packet length/.test(error.message);
  const reason = isPlain
    ? 'http: server gave HTTP response to HTTPS client'
    : `dial tcp ${shown}: connect: connection refused`;
  return new UpstreamError(0, `pinging container registry ${shown}: Get "${target}": ${reason}`);
}

async function answerChallenge(
  answer: Answer,
  address: string,
  basic: string | undefined,
): Promise<string | undefined> {
  const header = String(answer.headers['www-authenticate'] ?? '');
  if (/^Basic/i.test(header)) return basic;
  const realm = /realm="([^"]+)"/.exec(header)?.[1];
  if (realm === undefined) return undefined;
  const url = new URL(realm);
  const service = /service="([^"]+)"/.exec(header)?.[1];
  const scope = /scope="([^"]+)"/.exec(header)?.[1];
  if (service !== undefined) url.searchParams.set('service', service);
  if (scope !== undefined) url.searchParams.set('scope', scope);
  const token = await send(`${url.protocol}//${address}`, `${url.pathname}${url.search}`, basic);
  if (token.status !== 200) throw failed({ ...token, status: 401 }, 'unable to retrieve auth token');
  const parsed = JSON.parse(token.body.toString('utf8')) as { token?: string; access_token?: string };
  return `Bearer ${parsed.token ?? parsed.access_token}`;
}

function send(base: string, path: string, authorization: string | undefined, shown = ''): Promise<Answer> {
  const url = new URL(path, base);
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const headers = { accept, 'user-agent': 'skopeo/1.9.3', ...(authorization === undefined ? {} : { authorization }) };
    const outgoing = request(url, { headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) }),
      );
    });
    outgoing.on('error', (error) => reject(unanswered(error, url, shown)));
    outgoing.end();
  });
}
