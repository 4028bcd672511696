import { expect, test } from 'vitest';
import { collect, HurriedClock, repositoryName, tagName } from '../../test/kit/client.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import { TranshipError } from '../oci/errors.ts';
import type { TagName } from '../oci/names.ts';
import { withFallback } from './fallback.ts';
import type { ListedTag, ListingDeps } from './types.ts';

const app = repositoryName('apps/api');
const digest = digestOf(Buffer.from('content'));

/** A place that knows these tags and counts how many of them are asked for at the same time. */
function world(listTags: (signal: AbortSignal | undefined) => Promise<readonly ListedTag[]>, known: readonly string[]) {
  const heads = { now: 0, most: 0, all: [] as string[] };
  const warnings: string[] = [];
  const deps = {
    host: 'registry.example.com',
    clock: new HurriedClock(),
    emit: (event) => void warnings.push(event.type === 'warning' ? event.message : event.type),
    open: () => ({
      location: 'registry.example.com/apps/api',
      async *listTags() {
        for (const name of known) yield tagName(name);
      },
      fetchManifest: () => Promise.reject(new Error('no manifest is ever fetched to list')),
      openBlob: () => Promise.reject(new Error('no blob is ever read to list')),
      async resolve(tag: TagName | Digest) {
        heads.all.push(tag);
        heads.most = Math.max(heads.most, (heads.now += 1));
        await new Promise(setImmediate);
        heads.now -= 1;
        return tag === 'gone' ? undefined : { digest, mediaType: 'application/x', size: 1 };
      },
    }),
  } as Partial<ListingDeps> as ListingDeps;
  const listing = withFallback({ kind: 'harbor', listTags: (_, { signal }) => listTags(signal) }, deps);
  return { listing: listing(app), heads, warnings };
}

const denied = () =>
  Promise.reject(new TranshipError('E_DENIED', 'auth', 'The listing is not allowed.', { serverSaid: 'HTTP 403 no' }));

test('a listing with all digests asks for nothing more', async () => {
  const { listing, heads } = world(async () => [{ tag: tagName('a'), digest, size: 5 }], []);
  expect(await collect(listing.listTagsWithDigests())).toEqual([{ tag: 'a', digest, size: 5 }]);
  expect(heads.all).toEqual([]);
});

test('a listing beyond all measure is refused, and not made up for by a HEAD for each tag', async () => {
  const refusal = new TranshipError('E_LIMIT', 'refused', 'The repository has too many tags.');
  const { listing, heads } = world(() => Promise.reject(refusal), ['a']);
  await expect(collect(listing.listTagsWithDigests())).rejects.toBe(refusal);
  expect(heads.all).toEqual([]);
});

test('thousands of HEADs are on their way a few at a time, in the order of the listing', async () => {
  const names = Array.from({ length: 2500 }, (_, at) => `v${at}`);
  const { listing, heads } = world(denied, names);
  expect((await collect(listing.listTagsWithDigests())).map((tag) => tag.tag)).toEqual(names);
  expect(heads.most).toBeGreaterThan(8);
  expect(heads.most).toBeLessThanOrEqual(32);
});

test('only names are told cheaply, so that a caller asks for what its rules select', async () => {
  const { listing, heads, warnings } = world(denied, ['a', 'b']);
  expect(await collect(listing.listTagsCheaply())).toEqual([{ tag: 'a' }, { tag: 'b' }]);
  expect(heads.all).toEqual([]);
  expect(warnings).toEqual([
    'registry.example.com does not list tags with their digests: The listing is not allowed. (HTTP 403 no) Each tag is asked for by itself with HEAD.',
  ]);
});

test('a tag that went away between the listing and its HEAD is left out', async () => {
  const { listing } = world(denied, ['a', 'gone']);
  expect((await collect(listing.listTagsWithDigests())).map((tag) => tag.tag)).toEqual(['a']);
});

test('a listing that was called off is no refusal', async () => {
  const stop = new AbortController();
  const { listing, heads } = world(
    async (signal) => {
      stop.abort(new TranshipError('E_CANCELLED', 'cancelled', 'Stopped.'));
      signal?.throwIfAborted();
      return [];
    },
    ['a'],
  );
  await expect(collect(listing.listTagsCheaply({ signal: stop.signal }))).rejects.toMatchObject({
    code: 'E_CANCELLED',
  });
  expect(heads.all).toEqual([]);
});

test('a listing that worked once is tried again after any number of refusals', async () => {
  let calls = 0;
  const { listing, warnings } = world(() => ((calls += 1) === 1 ? Promise.resolve([]) : denied()), ['a']);
  for (let round = 0; round < 6; round += 1) await collect(listing.listTagsCheaply());
  expect(calls).toBe(6);
  expect(warnings).toHaveLength(1);
});
