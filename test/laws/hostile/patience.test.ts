/** Servers that fail for a while, or only in part: the image arrives whole, and nothing is left open. */
import { describe } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import type { Personality, Reply, Seen } from '../../kit/scripted-registry.ts';
import { arrives } from './check.ts';
import {
  blobs,
  by,
  indexOf,
  manifests,
  ociIndex,
  ociManifest,
  on,
  referrers,
  saying,
  uploads,
  wantingToken,
} from './replies.ts';

/** The first `times` requests that match get `reply`. */
function first(times: number, matches: (seen: Seen) => boolean, reply: Reply | ((seen: Seen) => Reply)): Personality {
  let left = times;
  return on(matches, (seen, next) => {
    if (left === 0) return next();
    left -= 1;
    return typeof reply === 'function' ? reply(seen) : reply;
  });
}

const anything = () => true;
const readBlob = by('GET', blobs);
const pushBytes = (seen: Seen) => uploads(seen) && /^P(UT|ATCH)$/.test(seen.method);
const cut = (seen: Seen) => seen.cut();
const soon: Reply = { status: 429, headers: { 'retry-after': '1' } };

describe('a source that', () => {
  arrives('is not available the first five times', { source: first(5, anything, { status: 503 }) });
  arrives('fails the first two times', { source: first(2, anything, { status: 500 }) });
  arrives('cuts the first three connections', { source: first(3, anything, cut) });
  arrives('asks for a pause three times', { source: first(3, anything, soon) });
  arrives('sends a page to sign in once', { source: first(1, manifests, saying('<html>', 'text/html')) });
  arrives('sends another manifest once', { source: first(1, by('GET', manifests), saying('{}')) });
  arrives('gives other bytes for a blob twice', {
    source: first(2, readBlob, { status: 200, body: Buffer.alloc(9_000_000) }),
  });

  arrives('cuts a blob at every tenth of it', {
    source: on(readBlob, async (_seen, next) => {
      const reply = await next();
      return (reply.body?.length ?? 0) > 900_000 ? { ...reply, cutAfter: 900_000 } : reply;
    }),
  });
});

describe.each(['source', 'destination'] as const)('a %s whose token service', (side) => {
  const giving = (answer: string) => ({ [side]: wantingToken(saying(answer)) });
  arrives('gives tokens that end at once', giving('{"token":"good","expires_in":0}'));
  arrives('gives tokens that ended before', giving('{"token":"good","expires_in":-300}'));
  arrives('gives tokens that never end', giving('{"token":"good","expires_in":1e300}'));
  arrives(
    'says nonsense about their end',
    giving('{"access_token":"good","expires_in":"soon","issued_at":"yesterday"}'),
  );
});

describe('a source whose list of referrers', () => {
  const listing = (text: string) => on(referrers, saying(text, ociIndex));
  arrives('names the image itself', {
    source: on(referrers, ({ path }) => {
      const entry = { mediaType: ociManifest, digest: path.split('/').at(-1), size: 2 };
      return saying(indexOf([entry]), ociIndex);
    }),
  });
  arrives('names what does not exist', {
    source: listing(indexOf([{ mediaType: ociManifest, digest: digestOf(Buffer.from('gone')), size: 2 }])),
  });
  arrives('holds what cannot be read', { source: listing(indexOf([null, 7, { digest: '../x' }])) });
  arrives('is null', { source: listing('{"schemaVersion":2,"manifests":null}') });
});

describe('a destination that', () => {
  arrives('is not available the first five times', { destination: first(5, anything, { status: 503 }) });
  arrives('cuts the first three connections', { destination: first(3, anything, cut) });
  arrives('cuts the first two uploads', { destination: first(2, pushBytes, cut) });
  arrives('fails the first two commits', { destination: first(2, by('PUT', uploads), { status: 500 }) });
  arrives('fails the first two manifests', { destination: first(2, by('PUT', manifests), { status: 500 }) });
  arrives('asks for a pause three times', { destination: first(3, uploads, soon) });
  arrives('loses its first upload', { destination: first(1, pushBytes, { status: 404 }) });
  arrives('takes no blob in one PUT', {
    destination: on((seen) => by('PUT', uploads)(seen) && seen.headers['content-length'] !== '0', {
      status: 405,
      body: '{"errors":[{"code":"UNSUPPORTED"}]}',
    }),
  });
  arrives('takes no blob above a megabyte in one piece', {
    destination: on((seen) => pushBytes(seen) && Number(seen.headers['content-length']) > 5_000_000, { status: 413 }),
  });
  arrives('says after a PATCH that less came than did', {
    destination: on(by('PATCH', uploads), async (_seen, next) => {
      const reply = await next();
      return { ...reply, headers: { ...reply.headers, range: '0-7' } };
    }),
  });
  arrives('takes a commit and does not say so', {
    destination: on(by('PUT', uploads), async (seen, next) => {
      const reply = await next();
      return reply.status === 201 ? seen.cut() : reply;
    }),
  });
});
