/** How a server answers that does not do what it should. */
import { digestOf } from '../../../src/oci/digest.ts';
import type { Personality, Reply, Seen, Store } from '../../kit/scripted-registry.ts';

export const ociManifest = 'application/vnd.oci.image.manifest.v1+json';
export const ociIndex = 'application/vnd.oci.image.index.v1+json';

type Matches = (seen: Seen) => boolean;
type Answer = Reply | ((seen: Seen, next: () => Promise<Reply>, store: Store) => Reply | Promise<Reply>);

export const manifests: Matches = ({ path }) => path.includes('/manifests/');
export const blobs: Matches = ({ path }) => /\/blobs\/sha256:/.test(path);
export const uploads: Matches = ({ path }) => path.includes('/blobs/uploads/');
export const referrers: Matches = ({ path }) => path.includes('/referrers/');
export const tagList: Matches = ({ path }) => path.endsWith('/tags/list');

export function by(method: string, matches: Matches): Matches {
  return (seen) => seen.method === method && matches(seen);
}

/** Requests that match get this answer; the others are answered as usual. */
export function on(matches: Matches, answer: Answer): Personality {
  return (seen, next, store) => {
    if (!matches(seen)) return next();
    return typeof answer === 'function' ? answer(seen, next, store) : answer;
  };
}

export function always(answer: Answer): Personality {
  return on(() => true, answer);
}

export function saying(text: string, mediaType = 'application/json'): Reply {
  return { status: 200, headers: { 'content-type': mediaType }, body: text };
}

export const signIn = saying(
  '<!DOCTYPE html><title>Sign in</title><style>b{}</style><b>Please sign in to continue</b>',
  'text/html',
);

function acting(act: NonNullable<Reply['act']>): Reply {
  return { status: 0, act };
}

export const silence = acting(() => {});

/** Sends `head` and then a byte every so often, for ever. */
export function drip(head: string): Reply {
  return acting(({ socket }) => {
    socket?.write(head);
    const timer = setInterval(() => socket?.write('x'), 20);
    socket?.once('close', () => clearInterval(timer));
  });
}

export function head(headers: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 200 OK\r\n${lines.join('')}\r\n`;
}

/** A body that does not end, as fast as it is taken. */
export const endless = acting((response) => {
  response.writeHead(200, { 'content-type': ociManifest });
  const more = () => {
    while (response.write(Buffer.alloc(65_536, 0x20)));
  };
  response.on('drain', more);
  more();
});

/** The right bytes and one more, in chunks that do not tell how many come. */
export async function oneMoreInChunks(_seen: Seen, next: () => Promise<Reply>): Promise<Reply> {
  const { body = '' } = await next();
  return acting((response) => {
    response.writeHead(200);
    response.write(body);
    response.end('+');
  });
}

/** The usual answer, its body changed. */
export function spoiled(spoil: (body: Buffer) => Buffer): Answer {
  return async (_seen, next) => {
    const reply = await next();
    return { ...reply, headers: {}, body: spoil(Buffer.from(reply.body ?? '')) };
  };
}

/** The usual answer with other headers. */
export function relabelled(headers: NonNullable<Reply['headers']>): Answer {
  return async (_seen, next) => {
    const reply = await next();
    return { ...reply, headers: { ...reply.headers, ...headers } };
  };
}

/** Wants a token from `realm`, and gives that answer to who asks for one. */
export function wantingToken(answer: Reply, realm = '/token'): Personality {
  return (seen, next) => {
    if (seen.path === '/token') return answer;
    const { authorization = '', host } = seen.headers;
    if (/^Bearer (?!refused$)/.test(authorization)) return next();
    const challenge = `Bearer realm="${realm.startsWith('/') ? `http://${host}${realm}` : realm}",service="s"`;
    return { status: 401, headers: { 'www-authenticate': challenge }, body: '{"errors":[{"code":"UNAUTHORIZED"}]}' };
  };
}

/** A manifest of these bytes under the tag. */
export function holding(bytes: string | Buffer, mediaType = ociManifest): (store: Store) => void {
  return (store) => {
    const content = Buffer.from(bytes);
    store.manifests.set(digestOf(content), { bytes: content, mediaType });
    store.tags.set('app:v1', digestOf(content));
  };
}

/** An index around what is there, and one around that, … */
export function nested(depth: number): (store: Store) => void {
  return (store) => {
    for (let level = 0; level < depth; level++) {
      const digest = store.tags.get('app:v1') ?? '';
      const { bytes, mediaType } = store.manifests.get(digest) ?? { bytes: Buffer.alloc(0), mediaType: '' };
      holding(indexOf([{ mediaType, digest, size: bytes.length }]), ociIndex)(store);
    }
  };
}

export function indexOf(entries: readonly unknown[]): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests: entries });
}
