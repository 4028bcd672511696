import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The plain registry outside from which the recorded Quay mirrored: Basic login, pushes and pulls, no more. */
export interface SourceRegistry extends AsyncDisposable {
  readonly host: string;
  /** Loses a blob, as a registry with a broken disk does. */
  loseBlob(digest: string): void;
}

const login = `Basic ${Buffer.from('puller:srcpass').toString('base64')}`;

interface Store {
  readonly blobs: Map<string, Buffer>;
  readonly manifests: Map<string, { readonly bytes: Buffer; readonly mediaType: string }>;
  readonly tags: Map<string, Map<string, string>>;
  readonly uploads: Set<string>;
}

export async function startSourceRegistry(): Promise<SourceRegistry> {
  const store: Store = { blobs: new Map(), manifests: new Map(), tags: new Map(), uploads: new Set() };
  const server = createServer((message, response) => {
    void answer(store, message, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    loseBlob: (digest) => {
      store.blobs.delete(digest);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(store: Store, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(Buffer.from(chunk as Uint8Array));
  if (message.headers.authorization !== login) {
    const challenge = { 'WWW-Authenticate': 'Basic realm="Registry Realm"' };
    respond(response, 401, errorBody('UNAUTHORIZED', 'authentication required'), challenge);
    return;
  }
  const url = new URL(message.url ?? '/', 'http://localhost');
  const path = url.pathname;
  if (path === '/v2/') return respond(response, 200, '{}');
  const [, repository = '', kind = '', reference = ''] =
    /^\/v2\/(.+)\/(blobs\/uploads|blobs|manifests|tags)\/(.*)$/.exec(path) ?? [];
  const call = { store, message, response, url, repository, reference, body: Buffer.concat(chunks) };
  if (kind === 'blobs/uploads') return upload(call);
  if (kind === 'blobs') return sendBlob(call);
  if (kind === 'manifests') return manifest(call);
  return listTags(call);
}

interface SourceCall {
  readonly store: Store;
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly repository: string;
  readonly reference: string;
  readonly body: Buffer;
}

function upload({ store, message, response, url, repository, reference, body }: SourceCall): void {
  if (message.method === 'POST') {
    const uuid = randomUUID();
    store.uploads.add(uuid);
    const location = `http://${message.headers.host}/v2/${repository}/blobs/uploads/${uuid}?_state=${uuid}`;
    return respond(response, 202, '', { Location: location, 'Docker-Upload-UUID': uuid, Range: '0-0' });
  }
  const digest = url.searchParams.get('digest') ?? '';
  if (!store.uploads.delete(reference) || digest !== digestOf(body)) {
    return respond(response, 400, errorBody('DIGEST_INVALID', 'provided digest did not match uploaded content'));
  }
  store.blobs.set(digest, body);
  respond(response, 201, '', { 'Docker-Content-Digest': digest, Location: `/v2/${repository}/blobs/${digest}` });
}

function sendBlob({ store, response, reference }: SourceCall): void {
  const blob = store.blobs.get(reference);
  if (blob === undefined) return respond(response, 404, errorBody('BLOB_UNKNOWN', 'blob unknown to registry'));
  respond(response, 200, blob, { 'Content-Type': 'application/octet-stream', 'Docker-Content-Digest': reference });
}

function manifest({ store, message, response, repository, reference, body }: SourceCall): void {
  const tags = store.tags.get(repository) ?? new Map<string, string>();
  if (message.method === 'PUT') {
    const digest = digestOf(body);
    store.manifests.set(digest, { bytes: body, mediaType: message.headers['content-type'] ?? '' });
    if (!reference.includes(':')) tags.set(reference, digest);
    store.tags.set(repository, tags);
    return respond(response, 201, '', { 'Docker-Content-Digest': digest });
  }
  const digest = reference.includes(':') ? reference : (tags.get(reference) ?? '');
  const found = store.manifests.get(digest);
  if (found === undefined) return respond(response, 404, errorBody('MANIFEST_UNKNOWN', 'manifest unknown'));
  if (message.method === 'DELETE') {
    for (const [tag, target] of tags) if (target === digest) tags.delete(tag);
    return respond(response, 202, '');
  }
  respond(response, 200, found.bytes, { 'Content-Type': found.mediaType, 'Docker-Content-Digest': digest });
}

function listTags({ store, response, repository }: SourceCall): void {
  const tags = store.tags.get(repository);
  if (tags === undefined)
    return respond(response, 404, errorBody('NAME_UNKNOWN', 'repository name not known to registry'));
  respond(response, 200, JSON.stringify({ name: repository, tags: [...tags.keys()].sort() }));
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function errorBody(code: string, message: string): string {
  return JSON.stringify({ errors: [{ code, message, detail: null }] });
}

function respond(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', ...headers });
  response.end(body);
}
