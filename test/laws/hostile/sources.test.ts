/** Sources that do what they should not: one clear error in bounded time, and nothing at the destination. */
import { describe } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import { errorReply } from '../../kit/scripted-registry.ts';
import { ends } from './check.ts';
import {
  always,
  blobs,
  by,
  drip,
  endless,
  head,
  indexOf,
  manifests,
  ociIndex,
  ociManifest,
  on,
  oneMoreInChunks,
  referrers,
  relabelled,
  saying,
  signIn,
  silence,
  spoiled,
  tagList,
  wantingToken,
} from './replies.ts';

const readManifest = by('GET', manifests);
const readBlob = by('GET', blobs);

describe('a source that is silent or slow', () => {
  ends('E_TIMEOUT 75', 'accepts and never answers', { source: always(silence), says: /no answer/ });
  ends('E_TIMEOUT 75', 'drips the head of a manifest', { source: on(manifests, drip('HTTP/1.1 200 O')) });
  ends('E_TIMEOUT 75', 'drips a manifest', {
    source: on(readManifest, drip(head({ 'content-type': ociManifest, 'content-length': 4_000_000 }))),
  });
  ends('E_CUT 75', 'drips a blob', {
    source: on(readBlob, async (_seen, next) => {
      const reply = await next();
      const length = reply.body?.length ?? 0;
      return length < 1000 ? reply : drip(head({ 'content-length': length }));
    }),
    quietMs: 200,
    says: /again and again/,
  });
  ends('E_TIMEOUT 75', 'drips a list of tags', {
    source: on(tagList, drip(head({ 'content-length': 4_000_000 }))),
    allTags: true,
  });
  ends('E_CUT 75', 'cuts every connection', { source: (seen) => seen.cut() });
  ends('E_CUT 75', 'cuts every blob at its first byte', {
    source: on(readBlob, async (_seen, next) => ({ ...(await next()), cutAfter: 0 })),
  });
});

describe('a source that does not end', () => {
  const linking = (path: string) => ({ 'content-type': 'application/json', link: `<${path}>; rel="next"` });
  ends('E_ANSWER_TOO_LARGE 1', 'in a manifest', { source: on(readManifest, endless) });
  ends('E_ANSWER_TOO_LARGE 1', 'in a list of tags', { source: on(tagList, endless), allTags: true });
  ends('E_ENDLESS_LISTING 1', 'names a page as its own next', {
    source: on(tagList, { status: 200, headers: linking('/v2/app/tags/list?n=1000'), body: '{"tags":["v1"]}' }),
    allTags: true,
  });
  ends('E_ENDLESS_LISTING 1', 'leads through pages in a circle', {
    source: on(tagList, ({ query }) => {
      const last = query.get('last');
      const headers = linking(`/v2/app/tags/list?last=${last === 'b' ? 'a' : 'b'}`);
      return { status: 200, headers, body: JSON.stringify({ tags: [`v${last}`] }) };
    }),
    allTags: true,
  });
  ends('E_ENDLESS_LISTING 1', 'leads from page to page without a new tag', {
    source: on(tagList, ({ query }) => {
      const headers = linking(`/v2/app/tags/list?last=${Number(query.get('last')) + 1}`);
      return { status: 200, headers, body: '{"tags":["v1"]}' };
    }),
    allTags: true,
  });
  ends('E_LIMIT 6', 'invents new tags on page after page', {
    source: on(tagList, ({ query }) => {
      const from = Number(query.get('last'));
      const tags = Array.from({ length: 50_000 }, (_, at) => `v${from + at}`);
      return {
        status: 200,
        headers: linking(`/v2/app/tags/list?last=${from + 50_000}`),
        body: JSON.stringify({ tags }),
      };
    }),
    allTags: true,
  });
  ends('E_TOO_MANY_REDIRECTS 1', 'redirects in a circle', {
    source: on(manifests, ({ path }) => ({ status: 307, headers: { location: path } })),
  });
});

describe('a source that sends something else', () => {
  const packed = Buffer.from('1f8b0800000000000003', 'hex');
  ends('E_NOT_A_MANIFEST 75', 'a page to sign in for everything', { source: always(signIn) });
  ends('E_LISTING 1', 'a page to sign in for its tags', {
    source: on(tagList, signIn),
    allTags: true,
    says: /Please sign in/,
  });
  ends('E_LISTING 1', 'tags that are no list', { source: on(tagList, saying('{"tags":{"v1":1}}')), allTags: true });
  ends('E_REPOSITORY_UNKNOWN 1', 'tags that are none', {
    source: on(tagList, saying('{"tags":[null,"../x","sha256:0","a b",7,"",".hidden"]}')),
    allTags: true,
  });
  ends('E_DIGEST_MISMATCH 75', 'a packed manifest', {
    source: on(readManifest, {
      status: 200,
      headers: { 'content-type': ociManifest, 'content-encoding': 'gzip' },
      body: packed,
    }),
    says: /content-encoding: gzip/,
  });
  ends('E_SIZE_MISMATCH 75', 'a packed blob', {
    source: on(readBlob, { status: 200, headers: { 'content-encoding': 'gzip' }, body: packed }),
  });
  ends('E_MANIFEST_UNKNOWN 1', 'a digest in its header of what it does not have', {
    source: on(manifests, relabelled({ 'docker-content-digest': digestOf(Buffer.from('other')) })),
  });
  ends('E_DIGEST_MISMATCH 75', 'another manifest than was asked for', {
    source: on(readManifest, saying('{"schemaVersion":2}', ociManifest)),
  });
  ends('E_SIZE_MISMATCH 75', 'a blob that is short', {
    source: on(
      readBlob,
      spoiled((body) => body.subarray(1)),
    ),
  });
  ends('E_SIZE_MISMATCH 75', 'a blob that is long', {
    source: on(
      readBlob,
      spoiled((body) => Buffer.concat([body, Buffer.from('+')])),
    ),
  });
  ends('E_SIZE_MISMATCH 1', 'a blob that is long, in chunks', { source: on(readBlob, oneMoreInChunks) });
  ends('E_DIGEST_MISMATCH 75', 'a blob of other bytes', {
    source: on(
      readBlob,
      spoiled((body) => body.fill(0x21)),
    ),
  });
  ends('E_BLOB_UNKNOWN 1', 'no blob', { source: on(readBlob, errorReply(404, 'BLOB_UNKNOWN')) });
});

describe('a source whose list of referrers', () => {
  const entry = (text: string) => ({ mediaType: ociManifest, digest: digestOf(Buffer.from(text)), size: 2 });
  ends('E_ANSWER_TOO_LARGE 1', 'does not end', { source: on(referrers, endless) });
  ends('E_LISTING 1', 'is a page to sign in', { source: on(referrers, signIn), says: /--no-referrers/ });
  ends('E_ENDLESS_LISTING 1', 'names itself as its next page', {
    source: on(referrers, ({ path }) => ({
      status: 200,
      headers: { 'content-type': ociIndex, link: `<${path}>; rel="next"` },
      body: indexOf([]),
    })),
  });
  ends('E_LIMIT 6', 'is longer than any', {
    source: on(referrers, saying(indexOf(Array.from({ length: 2000 }, (_, at) => entry(`${at}`))), ociIndex)),
  });
  ends('E_SERVER 75', 'fails always', { source: on(referrers, { status: 500 }) });
});

describe('a source that leads elsewhere', () => {
  describe.each([
    'file:///etc/passwd',
    'gopher://127.0.0.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://[::ffff:169.254.169.254]/',
    'http://2852039166/',
    'http://user:pass@127.0.0.1/',
    '//\\evil',
  ])('to %s', (location) => {
    ends('E_URL_REFUSED 6', 'for a blob', { source: on(readBlob, { status: 307, headers: { location } }) });
    ends('E_URL_REFUSED 6', 'for a manifest', { source: on(manifests, { status: 307, headers: { location } }) });
  });
  describe.each([
    'file:///etc/passwd',
    'http://169.254.169.254/token',
    'http://[::ffff:169.254.169.254]/token',
    'http://user:pass@127.0.0.1/token',
    'null://host/v2/token',
  ])('to %s', (realm) => {
    ends('E_URL_REFUSED 6', 'for a token', { source: wantingToken({ status: 200 }, realm) });
  });
  ends('E_URL_REFUSED 6', 'for more tags', {
    source: on(tagList, {
      status: 200,
      headers: { 'content-type': 'application/json', link: '<http://169.254.169.254/x?last=v1>; rel="next"' },
      body: '{"tags":["v1"]}',
    }),
    allTags: true,
  });
});

describe('a source that wants time', () => {
  const throttled = (retryAfter: string) => always({ status: 429, headers: { 'retry-after': retryAfter } });
  ends('E_THROTTLED 75', 'asks for fewer requests for ever', { source: always(errorReply(429, 'TOOMANYREQUESTS')) });
  ends('E_THROTTLED 75', 'asks for a pause of eleven days', { source: throttled('999999') });
  ends('E_THROTTLED 75', 'asks for a pause until yesterday', { source: throttled('Sat, 28 Feb 2026 12:00:00 GMT') });
  ends('E_THROTTLED 75', 'asks for a pause in words', { source: throttled('soon') });
  ends('E_THROTTLED 75', 'asks for a pause of minus one second', { source: throttled('-1') });
  ends('E_THROTTLED 75', 'is not available for eleven days', {
    source: always({ status: 503, headers: { 'retry-after': '999999' } }),
  });
  ends('E_SERVER 75', 'is never available', { source: always({ status: 503 }), says: /HTTP 503/ });
  ends('E_SERVER 75', 'fails always', { source: always({ status: 500, body: 'panic: no' }), says: /HTTP 500/ });
});

describe('a token service', () => {
  const service = (body: string) => wantingToken(saying(body));
  ends('E_UNAUTHORIZED 4', 'whose every token is refused', { source: service('{"token":"refused"}') });
  ends('E_UNAUTHORIZED 4', 'whose every token ended before it began', {
    source: service('{"token":"refused","expires_in":-5}'),
  });
  ends('E_TOKEN_ANSWER 1', 'that gives no token', { source: service('{"expires_in":300}') });
  ends('E_TOKEN_ANSWER 1', 'whose token is no text', { source: service('{"token":{"a":1}}') });
  ends('E_TOKEN_ANSWER 1', 'whose token breaks out of its header', { source: service('{"token":"a\\r\\nx: y"}') });
  ends('E_TOKEN_ANSWER 1', 'that answers with a page', { source: wantingToken(signIn) });
  ends('E_ANSWER_TOO_LARGE 1', 'whose token has ten megabytes', {
    source: service(`{"token":"${'a'.repeat(10_000_000)}"}`),
  });
  ends('E_REFUSED 1', 'that sends us elsewhere', {
    source: wantingToken({ status: 307, headers: { location: '/elsewhere' } }),
  });
  ends('E_TIMEOUT 75', 'that never answers', { source: wantingToken(silence) });
});
