import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { algorithmOf, type Digest, digestOf, isDigest } from '../../src/oci/digest.ts';

/** A request as a personality sees it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The body, or its first `limit` bytes: the rest is then left unread. */
  body(limit?: number): Promise<Buffer>;
  /** Whether the body came to its end, rather than being broken off. */
  complete(): boolean;
  /** Cuts the connection without an answer. */
  cut(): Reply;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
  /** Cut the connection after so many bytes of the body. */
  readonly cutAfter?: number;
  /** Does what no plain answer does: it has the response to itself, and status, headers and body above do not matter. */
  readonly act?: (response: ServerResponse) => void;
}

/** What a registry does otherwise than the plain one below. `next` is the plain one, and `store` what that holds. */
export type Personality = (seen: Seen, next: () => Promise<Reply>, store: Store) => Promise<Reply> | Reply;

/** What a plain registry holds. */
export interface Store {
  readonly blobs: Map<string, Buffer>;
  readonly uploads: Map<string, Buffer>;
  readonly manifests: Map<string, { readonly bytes: Buffer; readonly mediaType: string }>;
  /** `repository:tag` → digest. */
  readonly tags: Map<string, Digest>;
}

export interface ScriptedRegistry extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly url: string;
  readonly store: Store;
  /** Every request so far: `METHOD /path?query`. */
  readonly log: readonly string[];
  /** The requests of the log that begin with `start`. */
  seen(start: string): readonly string[];
}

/**
 * A registry for tests of a client: small, plain, in memory, and bent by personalities, the first outermost. It checks
 * digests and nothing else; what real registries do differently, each test says.
 */
export async function startScripted(...personalities: readonly Personality[]): Promise<ScriptedRegistry> {
  const store: Store = { blobs: new Map(), uploads: new Map(), manifests: new Map(), tags: new Map() };
  const log: string[] = [];
  const server = createServer((request, response) => {
    log.push(`${request.method} ${request.url}`);
    const seen = seenOf(request);
    const chain = personalities.reduceRight<() => Promise<Reply>>(
      (next, personality) => async () => personality(seen, next, store),
      () => plain(store, seen),
    );
    chain().then(
      (reply) => send(request, response, reply),
      () => response.destroy(),
    );
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: `http://${host}`,
    store,
    log,
    seen: (start) => log.filter((line) => line.startsWith(start)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The error document of the distribution specification. */
export function errorReply(status: number, code: string, message = '', detail?: unknown): Reply {
  const body = JSON.stringify({ errors: [{ code, message, ...(detail !== undefined && { detail }) }] });
  return { status, headers: { 'content-type': 'application/json' }, body };
}

const cutReply: Reply = { status: 0 };

function seenOf(request: IncomingMessage): Seen {
  const url = new URL(request.url ?? '/', 'http://scripted.example.com');
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers as Record<string, string | undefined>,
    body: (limit = Number.POSITIVE_INFINITY) => readBody(request, limit),
    complete: () => request.complete,
    cut: () => cutReply,
  };
}

function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let size = 0;
    const done = () => resolve(Buffer.concat(parts).subarray(0, limit));
    request.on('data', (part: Buffer) => {
      parts.push(part);
      size += part.length;
      if (size >= limit) {
        request.pause();
        request.removeAllListeners('data');
        if (size > limit) request.unshift(Buffer.concat(parts).subarray(limit));
        done();
      }
    });
    request.on('end', done);
    request.on('error', done);
    request.on('close', done);
    // Paused by whoever read the first part.
    request.resume();
  });
}

function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  if (reply === cutReply) {
    request.socket.destroy();
    return;
  }
  if (reply.act !== undefined) return reply.act(response);
  const body = Buffer.from(reply.body ?? '');
  const bodiless = reply.status === 204 || reply.status === 304;
  response.writeHead(reply.status, { ...(!bodiless && { 'content-length': String(body.length) }), ...reply.headers });
  if (reply.cutAfter === undefined) response.end(request.method === 'HEAD' || bodiless ? undefined : body);
  else response.write(body.subarray(0, reply.cutAfter), () => request.socket.destroySoon());
  request.resume();
}

async function plain(store: Store, seen: Seen): Promise<Reply> {
  if (seen.path === '/v2/') return { status: 200, body: '{}' };
  const [, repository = '', kind = '', rest = ''] =
    /^\/v2\/(.+?)\/(blobs\/uploads|blobs|manifests|tags|referrers)\/(.*)$/.exec(seen.path) ?? [];
  if (kind === 'blobs/uploads') return upload(store, seen, repository, rest);
  if (kind === 'blobs') return blob(store, seen, rest);
  if (kind === 'manifests') return manifest(store, seen, repository, rest);
  if (kind === 'tags') return tagList(store, repository);
  return { status: 404, headers: { 'content-type': 'text/plain' }, body: '404 page not found\n' };
}

async function upload(store: Store, seen: Seen, repository: string, id: string): Promise<Reply> {
  const location = (name: string) => ({ location: `/v2/${repository}/blobs/uploads/${name}` });
  if (seen.method === 'POST') {
    const name = `u${store.uploads.size + 1}-${Math.random().toString(36).slice(2)}`;
    store.uploads.set(name, Buffer.alloc(0));
    return { status: 202, headers: { ...location(name), range: '0-0' } };
  }
  const held = store.uploads.get(id);
  if (held === undefined) return errorReply(404, 'BLOB_UPLOAD_UNKNOWN');
  if (seen.method === 'DELETE') {
    store.uploads.delete(id);
    return { status: 204 };
  }
  if (seen.method === 'GET') return { status: 204, headers: { ...location(id), range: rangeOf(held) } };
  const from = /^(\d+)-/.exec(seen.headers['content-range'] ?? '')?.[1];
  if (from !== undefined && Number(from) !== held.length) return { status: 416, headers: { range: rangeOf(held) } };
  const all = Buffer.concat([held, await seen.body()]);
  // Cancelled while its bytes still came in.
  if (!store.uploads.has(id)) return errorReply(404, 'BLOB_UPLOAD_UNKNOWN');
  store.uploads.set(id, all);
  if (seen.method === 'PATCH') return { status: 202, headers: { ...location(id), range: rangeOf(all) } };
  const digest = seen.query.get('digest') ?? '';
  if (!isDigest(digest) || digestOf(all) !== digest) return errorReply(400, 'DIGEST_INVALID');
  store.uploads.delete(id);
  store.blobs.set(digest, all);
  return { status: 201, headers: { location: `/v2/${repository}/blobs/${digest}`, 'docker-content-digest': digest } };
}

function rangeOf(held: Buffer): string {
  return `0-${Math.max(held.length - 1, 0)}`;
}

function blob(store: Store, seen: Seen, digest: string): Reply {
  const bytes = store.blobs.get(digest);
  if (bytes === undefined) return errorReply(404, 'BLOB_UNKNOWN');
  const from = /^bytes=(\d+)-$/.exec(seen.headers.range ?? '')?.[1];
  if (from === undefined) return { status: 200, body: bytes };
  const range = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
  return { status: 206, headers: range, body: bytes.subarray(Number(from)) };
}

async function manifest(store: Store, seen: Seen, repository: string, reference: string): Promise<Reply> {
  const key = isDigest(reference) ? reference : store.tags.get(`${repository}:${reference}`);
  if (seen.method === 'PUT') {
    const bytes = await seen.body();
    const digest = digestOf(bytes, isDigest(reference) ? algorithmOf(reference) : 'sha256');
    if (isDigest(reference) && reference !== digest) return errorReply(400, 'DIGEST_INVALID');
    store.manifests.set(digest, { bytes, mediaType: seen.headers['content-type'] ?? '' });
    if (!isDigest(reference)) store.tags.set(`${repository}:${reference}`, digest);
    return {
      status: 201,
      headers: { 'docker-content-digest': digest, location: `/v2/${repository}/manifests/${digest}` },
    };
  }
  const held = key && store.manifests.get(key);
  if (!held || !key) return errorReply(404, 'MANIFEST_UNKNOWN');
  if (seen.method === 'DELETE') {
    if (isDigest(reference)) store.manifests.delete(reference);
    for (const [tag, digest] of store.tags) {
      if (isDigest(reference) ? digest === reference : tag === `${repository}:${reference}`) store.tags.delete(tag);
    }
    return { status: 202 };
  }
  return {
    status: 200,
    headers: { 'content-type': held.mediaType, 'docker-content-digest': key },
    body: held.bytes,
  };
}

function tagList(store: Store, repository: string): Reply {
  const tags = [...store.tags.keys()]
    .filter((key) => key.startsWith(`${repository}:`))
    .map((key) => key.slice(repository.length + 1))
    .sort();
  if (tags.length === 0) return errorReply(404, 'NAME_UNKNOWN');
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: repository, tags }),
  };
}
