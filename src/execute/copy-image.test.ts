import { afterEach, describe, expect, it, vi } from 'vitest';
import { copying, destination, v1 } from '../../test/kit/copying.ts';
import { counting } from '../../test/kit/counting.ts';
import { missingBelow, tagName } from '../../test/kit/images.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import { TranshipError } from '../oci/errors.ts';
import { mediaTypes } from '../oci/media-type.ts';
import { copyImage } from './copy-image.ts';
import { Ledger } from './ledger.ts';

const writes = /^(pushBlob|pushManifest|mountBlob)/;

describe('an image that is new to the destination', () => {
  it('arrives with its bytes unchanged, and the copy says what moved', async () => {
    const { source, make, to, events } = copying();
    const root = make.index([make.image([make.blob('a'), make.blob('b')]), make.image([make.blob('a')])]);
    make.tag('v1', root);
    const place = destination();

    expect(await to(place)).toMatchObject({ ok: true, outcome: 'copied', digest: root.digest, bytesMoved: 4 });

    expect(missingBelow(place, root.digest)).toEqual([]);
    expect(place.manifests.get(root.digest)?.bytes).toBe(source.manifests.get(root.digest)?.bytes);
    expect(place.tags.get(tagName('v1'))).toBe(root.digest);
    expect(events[0]).toMatchObject({
      type: 'copy-started',
      copy: 'c',
      source: 'source.example.com/app:v1',
      destination: 'destination.example.com/app:v1',
    });
    expect(events).toContainEqual(expect.objectContaining({ type: 'copy-planned', blobs: 3, bytes: 4 }));
    expect(events.at(-1)).toMatchObject({ type: 'copy-finished', copy: 'c', bytesMoved: 4 });
  });

  it('is sent blobs first, then children, and the tag last of all', async () => {
    const { make, to } = copying();
    make.tag('v1', make.index([make.image([make.blob('a')]), make.index([make.image([make.blob('b')])])]));
    const { place, calls } = counting(destination());
    await to(place);
    const written = calls.log.filter((line) => writes.test(line)).map((line) => line.split(' ')[0]);
    expect(written).toEqual([...written].sort());
    expect(calls.log.filter((line) => line.endsWith(' v1') && writes.test(line))).toHaveLength(1);
    expect(calls.log.findLastIndex((line) => writes.test(line))).toBe(
      calls.log.findIndex((line) => writes.test(line) && line.endsWith(' v1')),
    );
  });

  it('asks a new repository for its smallest blob alone, and sends that before the others', async () => {
    const { make, to } = copying();
    const [large, small] = [make.blob('aa'.repeat(50)), make.blob('b')];
    make.tag('v1', make.image([large, small]));
    const { place, calls } = counting(destination());
    await to(place);
    expect(calls.counts).toMatchObject({ listTags: 1, hasBlob: 1, pushBlob: 3, pushManifest: 1 });
    expect(calls.log.filter((line) => /^(?:has|push)Blob/u.test(line)).slice(0, 3)).toEqual([
      `hasBlob ${small.digest}`,
      `pushBlob ${small.digest}`,
      `pushBlob ${large.digest}`,
    ]);
  });

  it('asks for every blob where an earlier copy was killed', async () => {
    const { source, make, to } = copying();
    const [small, large] = [make.blob('s'), make.blob('large')];
    make.tag('v1', make.image([small, large], { config: small }));
    const store = destination();
    for (const blob of [small, large]) store.blobs.set(blob.digest, source.blobs.get(blob.digest) as Uint8Array);
    const { place, calls } = counting(store);
    expect(await to(place)).toMatchObject({ ok: true, bytesMoved: 0, bytesPresent: 6 });
    expect(calls.counts).toMatchObject({ hasBlob: 2, pushManifest: 1 });
    expect(calls.counts['pushBlob']).toBeUndefined();
  });

  it('may go there without a tag', async () => {
    const { make, all } = copying();
    const root = make.image([make.blob('a')]);
    make.tag('v1', root);
    const place = destination();
    expect(await all([{ place, tags: [] }])).toMatchObject([{ ok: true, outcome: 'copied' }]);
    expect(place.tags.size).toBe(0);
    expect(missingBelow(place, root.digest)).toEqual([]);
    expect(await all([{ place, tags: [] }])).toMatchObject([{ ok: true, outcome: 'same' }]);
  });

  it('may get several tags at once', async () => {
    const { make, all } = copying();
    const root = make.image([]);
    make.tag('v1', root);
    const { place, calls } = counting(destination());
    await all([{ place, tags: [tagName('v1'), tagName('latest')] }]);
    expect(calls.log.filter((line) => line.startsWith('pushManifest'))).toEqual([
      `pushManifest ${root.digest} v1,latest`,
    ]);
  });
});

describe('an image that is there', () => {
  it('under the same tag costs one question at each side', async () => {
    const { make, to, source } = copying();
    make.tag('v1', make.image([make.blob('a')]));
    const store = destination();
    await to(store);
    const [counted, from] = [counting(store), counting(source)];
    expect(await to(counted.place, { referrers: 'changed' }, { source: from.place })).toMatchObject({
      outcome: 'same',
    });
    expect(counted.calls.log).toEqual(['resolve v1']);
    expect(from.calls.log).toEqual(['resolve v1']);
  });

  it('costs nothing at all where listings have told of both sides', async () => {
    const { make, all, source } = copying();
    const root = make.image([]);
    make.tag('v1', root);
    const { place, calls } = counting(destination());
    const from = counting(source);
    const request = [{ place, tags: v1, observed: root.digest }];
    await all(request, { referrers: 'never' }, { source: from.place, reference: root.digest });
    expect(calls.log).toEqual([]);
    expect(from.calls.log).toEqual([]);
  });

  it('under another name is tagged and not sent', async () => {
    const { make, to } = copying();
    const root = make.index([make.image([make.blob('a')])]);
    make.tag('v1', root);
    const store = destination();
    await to(store);
    store.tags.clear();
    store.tags.set(tagName('old'), root.digest);
    const { place, calls } = counting(store);
    expect(await to(place)).toMatchObject({ outcome: 'copied', bytesMoved: 0, bytesPresent: 3 });
    expect(calls.log.filter((line) => writes.test(line))).toEqual([`pushManifest ${root.digest} v1`]);
    expect(calls.counts['hasBlob']).toBeUndefined();
  });

  it('in part gets only what it lacks, and the tag that moves is told of', async () => {
    const { make, to } = copying();
    const shared = make.image([make.blob('shared')]);
    const old = make.index([shared]);
    make.tag('v1', old);
    const store = destination();
    await to(store);
    const next = make.index([shared, make.image([make.blob('new')])]);
    make.tag('v1', next);
    const { place, calls } = counting(store);
    expect(await to(place)).toMatchObject({
      outcome: 'updated',
      previous: old.digest,
      digest: next.digest,
      bytesMoved: 3,
    });
    expect(calls.counts).toMatchObject({ pushBlob: 1, pushManifest: 2, hasBlob: 2 });
  });
});

describe('one of two destinations that stands still', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  // More blobs than are in flight at once, of both kinds.
  const layers = Array.from({ length: 100 }, (_, at) => `${at} `.repeat(at < 20 ? 40_000 : 1));

  it.each(['resolve', 'hasBlob', 'pushBlob', 'pushManifest'])(
    'is waited for by nobody but itself: at %s',
    async (where) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const { source, make, events } = copying();
      make.tag('v1', make.image(layers.map((layer) => make.blob(layer))));
      const comes = Promise.withResolvers<void>();
      const good = destination('good.example.com/app');
      const silent = destination('silent.example.com/app');
      const standsStill = counting(silent, (method, _args, call) =>
        method === where ? comes.promise.then(call) : call(),
      );
      const copied = Promise.withResolvers<void>();
      const running = copyImage({
        id: 'c',
        source,
        reference: tagName('v1'),
        destinations: [
          { place: good, tags: [tagName('v1')] },
          { place: standsStill.place, tags: [tagName('v1')] },
        ],
        ledger: new Ledger(),
        now: () => 0,
        emit: (event) => {
          events.push(event);
          if (event.type === 'copy-finished') copied.resolve();
        },
      });
      await vi.advanceTimersByTimeAsync(30_000);
      await copied.promise;
      expect(good.tags.size).toBe(1);
      expect(silent.tags.size).toBe(0);
      comes.resolve();
      const { outcomes } = await running;
      expect(outcomes.map(({ ok }) => ok)).toEqual([true, true]);
      expect(silent.tags.size).toBe(1);
      expect(events.filter(({ type }) => type === 'copy-finished')).toHaveLength(2);
    },
  );
});

describe('what cannot be copied', () => {
  it('a tag that does not exist: which, and how to see those that do', async () => {
    const { to, events } = copying();
    const outcome = await to(destination());
    expect(outcome).toMatchObject({
      ok: false,
      error: {
        code: 'E_MANIFEST_UNKNOWN',
        side: 'source',
        subject: 'source.example.com/app:v1',
        hint: expect.any(String),
      },
    });
    expect(events.at(-1)).toMatchObject({ type: 'copy-failed', error: { code: 'E_MANIFEST_UNKNOWN', side: 'source' } });
  });

  it('Docker schema 1', async () => {
    const { make, to } = copying();
    make.tag('v1', make.manifest({ schemaVersion: 1, fsLayers: [] }, mediaTypes.dockerSchema1Signed));
    expect(await to(destination())).toMatchObject({ ok: false, error: { code: 'E_SCHEMA1', side: 'source' } });
  });

  it('an ambiguous manifest', async () => {
    const { make, to } = copying();
    make.tag('v1', make.manifest({ layers: [], manifests: [] }, mediaTypes.ociManifest));
    const place = destination();
    expect(await to(place)).toMatchObject({ ok: false, error: { code: 'E_MANIFEST_AMBIGUOUS', side: 'source' } });
    expect(place.blobs.size + place.manifests.size).toBe(0);
  });

  it('an index that lacks a child at the source', async () => {
    const { source, make, to } = copying();
    const child = make.image([make.blob('a')]);
    make.tag('v1', make.index([child]));
    source.manifests.delete(child.digest);
    const place = destination();
    expect(await to(place)).toMatchObject({ ok: false, error: { code: 'E_MANIFEST_UNKNOWN', side: 'source' } });
    expect(place.tags.size).toBe(0);
  });

  it('indexes nested too deep', async () => {
    const { make, to } = copying();
    let node = make.image([]);
    for (let depth = 0; depth < 6; depth++) node = make.index([node]);
    make.tag('v1', node);
    expect(await to(destination())).toMatchObject({ ok: false, error: { code: 'E_LIMIT', failure: 'refused' } });
    make.tag('v1', make.index([make.index([make.index([make.index([make.index([make.image([])])])])])]));
    expect(await to(destination())).toMatchObject({ ok: true });
  });

  it('a tag that is immutable with other content: the registry\u2019s word, and no other try', async () => {
    const { make, to } = copying();
    make.tag('v1', make.image([make.blob('a')]));
    const { place, calls } = counting(destination(), (method, args, call) => {
      if (method === 'pushManifest' && (args[1] as string[]).length > 0) {
        throw new TranshipError('E_TAG_IMMUTABLE', 'refused', 'v1 is immutable', { serverSaid: 'TAG_IMMUTABLE' });
      }
      return call();
    });
    expect(await to(place)).toMatchObject({
      ok: false,
      error: { code: 'E_TAG_IMMUTABLE', side: 'destination', serverSaid: 'TAG_IMMUTABLE' },
    });
    expect(calls.counts['pushManifest']).toBe(1);
  });
});

describe('odd content', () => {
  it('an entry of unknown kind is copied as the manifest it is, and told of', async () => {
    const { make, to, warnings } = copying();
    const odd = make.manifest({ what: 'ever' }, 'application/vnd.example.future+json');
    const root = make.index([odd]);
    make.tag('v1', root);
    const place = destination();
    expect(await to(place)).toMatchObject({ ok: true });
    expect(place.manifests.has(odd.digest)).toBe(true);
    expect(warnings()).toEqual(['W_UNKNOWN_KIND']);
  });

  it('but is no image by itself', async () => {
    const { make, to } = copying();
    make.tag('v1', make.manifest({ what: 'ever' }, 'application/vnd.example.future+json'));
    expect(await to(destination())).toMatchObject({ ok: false, error: { code: 'E_MANIFEST_KIND', side: 'source' } });
  });

  it('or as the blob it is', async () => {
    const { make, to, warnings } = copying();
    const odd = make.blob('stray', 'application/vnd.example.stray');
    make.tag('v1', make.index([odd]));
    const place = destination();
    expect(await to(place)).toMatchObject({ ok: true, bytesMoved: 5 });
    expect(place.blobs.has(odd.digest)).toBe(true);
    expect(warnings()).toEqual(['W_UNKNOWN_KIND']);
  });

  it('an empty blob and an empty index', async () => {
    const { make, all } = copying();
    make.tag('v1', make.index([]));
    make.tag('v2', make.image([make.blob('')]));
    const place = destination();
    expect(await all([{ place, tags: v1 }])).toMatchObject([{ ok: true, outcome: 'copied' }]);
    expect(await all([{ place, tags: v1 }], {}, { reference: tagName('v2') })).toMatchObject([{ outcome: 'updated' }]);
    expect(place.blobs.has(digestOf(Buffer.alloc(0)))).toBe(true);
  });

  it('foreign layers keep their descriptor, and their bytes stay unless asked for: which is told once', async () => {
    const { make, to, events } = copying();
    const told = () => events.filter((event) => event.type === 'warning');
    const foreign = make.blob('foreign', 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip');
    const other = make.blob('another', 'application/vnd.oci.image.layer.nondistributable.v1.tar');
    const images = [make.image([foreign, make.blob('own')]), make.image([foreign, other])];
    make.tag('v1', make.index(images));
    const [without, withThem] = [destination(), destination()];
    expect(await to(without)).toMatchObject({ ok: true });
    expect(without.blobs.has(foreign.digest)).toBe(false);
    expect(told()).toMatchObject([
      {
        code: 'W_FOREIGN_LAYERS',
        message: expect.stringMatching(/^2 foreign layers were left out/),
        subject: 'source.example.com/app:v1',
      },
    ]);
    expect(await to(withThem, { foreignLayers: true })).toMatchObject({ ok: true });
    expect(withThem.blobs.has(foreign.digest)).toBe(true);
    expect(told()).toHaveLength(1);
  });

  it('a copy that finds everything there says nothing of foreign layers', async () => {
    const { make, to, events, warnings } = copying();
    make.tag('v1', make.image([make.blob('foreign', 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip')]));
    const place = destination();
    expect(await to(place)).toMatchObject({ ok: true });
    events.length = 0;
    expect(await to(place)).toMatchObject({ ok: true, outcome: 'same' });
    expect(warnings()).toEqual([]);
  });

  it('foreign layers that the source has not got either are told of, and the image arrives without them', async () => {
    const { source, make, to, events } = copying();
    const foreign = make.blob('x', 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip');
    make.tag('v1', make.image([foreign, make.blob('own layer')]));
    source.blobs.delete(foreign.digest);
    const place = destination();
    expect(await to(place, { foreignLayers: true })).toMatchObject({ ok: true });
    expect(place.tags.has(tagName('v1'))).toBe(true);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'warning', code: 'W_FOREIGN_LAYERS', subject: foreign.digest }),
    );
  });
});

describe('a registry that wants foreign layers', () => {
  const foreignType = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';
  const wanting = (digests: readonly Digest[]) =>
    counting(destination(), (method, _args, call) => {
      if (method !== 'pushManifest') return call();
      throw new TranshipError('E_BLOB_MISSING', 'temporary', 'not here', { digests, serverSaid: 'HTTP 500' });
    });

  it.each([false, true])('and names them is told apart, whether they were to be sent or not: %s', async (send) => {
    const { source, make, to } = copying();
    const foreign = make.blob('x', foreignType);
    make.tag('v1', make.image([foreign, make.blob('own layer')]));
    source.blobs.delete(foreign.digest);
    const { place, calls } = wanting([foreign.digest]);
    expect(await to(place, { foreignLayers: send })).toMatchObject({
      ok: false,
      error: { code: 'E_FOREIGN_LAYERS', failure: 'failed', side: 'destination', serverSaid: 'HTTP 500' },
    });
    expect(calls.counts['pushManifest']).toBe(send ? 3 : 1);
  });

  it('and names none gets all the others again first', async () => {
    const { make, to } = copying();
    make.tag('v1', make.image([make.blob('x', foreignType), make.blob('own layer')]));
    const { place, calls } = wanting([]);
    expect(await to(place)).toMatchObject({ ok: false, error: { code: 'E_FOREIGN_LAYERS' } });
    expect(calls.counts['pushManifest']).toBe(3);
  });
});

describe('a registry that contradicts itself', () => {
  it('said it had a blob: the blob is sent all the same, once the manifest is refused', async () => {
    const { make, to } = copying();
    const layer = make.blob('layer');
    make.tag('v1', make.image([layer, make.blob('other')]));
    const store = destination();
    store.tags.set(tagName('other'), layer.digest);
    const { place, calls } = counting(store, (method, _args, call) => (method === 'hasBlob' ? true : call()));
    expect(await to(place)).toMatchObject({ ok: true });
    expect(calls.counts).toMatchObject({ pushManifest: 2, pushBlob: 3 });
  });

  it('said it had a child: the child is sent with all that is below it', async () => {
    const { make, to } = copying();
    const child = make.index([make.image([make.blob('a')])]);
    const root = make.index([child]);
    make.tag('v1', root);
    const store = destination();
    store.tags.set(tagName('other'), child.digest);
    const { place } = counting(store, (method, args, call) =>
      method === 'resolve' && args[0] === child.digest ? child : call(),
    );
    expect(await to(place)).toMatchObject({ ok: true });
    expect(missingBelow(store, root.digest)).toEqual([]);
  });

  it('threw the blobs away before their manifest came, as Quay does after an hour', async () => {
    const { make, to } = copying();
    const root = make.index([make.image([make.blob('a')]), make.image([make.blob('b')])]);
    make.tag('v1', root);
    const store = destination();
    let collected = false;
    const { place } = counting(store, (method, _args, call) => {
      if (method === 'pushManifest' && !collected) store.blobs.clear();
      collected ||= method === 'pushManifest';
      return call();
    });
    expect(await to(place)).toMatchObject({ ok: true });
    expect(missingBelow(store, root.digest)).toEqual([]);
  });

  it('says so for ever: two further tries, then its word is the error', async () => {
    const { make, to } = copying();
    const layer = make.blob('layer');
    make.tag('v1', make.image([layer]));
    const { place, calls } = counting(destination(), (method, _args, call) => {
      if (method !== 'pushManifest') return call();
      throw new TranshipError('E_BLOB_MISSING', 'failed', 'not here', { digests: [layer.digest] });
    });
    expect(await to(place)).toMatchObject({ ok: false, error: { code: 'E_BLOB_MISSING', side: 'destination' } });
    expect(calls.counts['pushManifest']).toBe(3);
  });

  it('misses what was never to be sent: no use in trying', async () => {
    const { make, to } = copying();
    make.tag('v1', make.image([make.blob('layer')]));
    const { place, calls } = counting(destination(), (method, _args, call) => {
      if (method !== 'pushManifest') return call();
      throw new TranshipError('E_BLOB_MISSING', 'failed', 'not here', { digests: [digestOf(Buffer.from('foreign'))] });
    });
    expect(await to(place)).toMatchObject({ ok: false, error: { code: 'E_BLOB_MISSING' } });
    expect(calls.counts['pushManifest']).toBe(1);
  });

  it('took the tag and names something else: not verified', async () => {
    const { make, to } = copying();
    make.tag('v1', make.image([make.blob('a')]));
    const store = destination();
    const push = store.pushManifest.bind(store);
    store.pushManifest = async (manifest, tags) => {
      await push(manifest, tags);
      store.tags.set(tagName('v1'), digestOf(Buffer.from('else')));
    };
    const place = store;
    expect(await to(place)).toMatchObject({ ok: false, error: { code: 'E_NOT_VERIFIED', side: 'destination' } });
  });
});

describe('a source that', () => {
  it('moves its tag meanwhile: what was first seen is copied whole, and the move is told', async () => {
    const { source, make, to, warnings } = copying();
    const [first, second] = [make.image([make.blob('first')]), make.image([make.blob('second')])];
    make.tag('v1', first);
    const from = counting(source, (method, _args, call) => {
      if (method === 'openBlob') make.tag('v1', second);
      return call();
    });
    const place = destination();
    expect(await to(place, {}, { source: from.place })).toMatchObject({ ok: true, digest: first.digest });
    expect(place.tags.get(tagName('v1'))).toBe(first.digest);
    expect(warnings()).toEqual(['W_SOURCE_MOVED']);
  });

  it('sends wrong bytes twice and right ones then, is read three times', async () => {
    const { source, make, to } = copying();
    const layer = make.blob('layer');
    make.tag('v1', make.image([layer]));
    let wrong = 2;
    const from = counting(source, (method, args, call) => {
      if (method !== 'openBlob' || (args[0] as { digest: string }).digest !== layer.digest || wrong-- <= 0)
        return call();
      return chunks(Buffer.from('LAYER'));
    });
    const place = destination();
    expect(await to(place, { referrers: 'never' }, { source: from.place })).toMatchObject({ ok: true });
    expect(place.blobs.get(layer.digest)).toEqual(Buffer.from('layer'));
  });

  it('sends wrong bytes always, fails the copy and leaves no tag', async () => {
    const { source, make, to } = copying();
    const layer = make.blob('layer');
    make.tag('v1', make.image([layer]));
    source.blobs.set(layer.digest, Buffer.from('LAYER'));
    const from = counting(source);
    const place = destination();
    expect(await to(place, {}, { source: from.place })).toMatchObject({
      ok: false,
      error: { code: 'E_DIGEST_MISMATCH', side: 'source', failure: 'temporary' },
    });
    expect(from.calls.log.filter((line) => line === `openBlob ${layer.digest}`)).toHaveLength(3);
    expect(place.tags.size).toBe(0);
    expect(place.blobs.has(layer.digest)).toBe(false);
  });
});

describe('a dry run', () => {
  it('tells what would happen and writes nothing', async () => {
    const { make, to } = copying();
    const root = make.image([make.blob('abc')]);
    make.tag('v1', root);
    make.image([make.blob('sbom')], { subject: root });
    const { place, calls } = counting(destination());
    expect(await to(place, { dryRun: true })).toMatchObject({
      ok: true,
      outcome: 'copied',
      bytesMoved: 9,
      referrers: 1,
    });
    expect(calls.log.filter((line) => writes.test(line))).toEqual([]);
  });
});

describe('a stop', () => {
  it('in the middle of a blob leaves no tag, sends nothing more, and is no failure of either side', async () => {
    const { make, to } = copying();
    make.tag('v1', make.image([make.blob('a'.repeat(5000)), make.blob('b'.repeat(5000))]));
    const stop = new AbortController();
    const store = destination();
    const { place, calls } = counting(store, (method, args, call) => {
      if (method !== 'pushBlob') return call();
      stop.abort(new Error('SIGINT'));
      (args[2] as { signal: AbortSignal }).signal.throwIfAborted();
      return call();
    });
    const outcome = await to(place, {}, { signal: stop.signal });
    expect(outcome).toMatchObject({ ok: false, error: { code: 'E_CANCELLED', failure: 'cancelled' } });
    expect(calls.counts['pushBlob']).toBe(1);
    expect(calls.counts['pushManifest']).toBeUndefined();
    expect(store.tags.size).toBe(0);
  });

  it('before the beginning asks nobody', async () => {
    const { make, to } = copying();
    make.tag('v1', make.image([]));
    const { place, calls } = counting(destination());
    const outcome = await to(place, {}, { signal: AbortSignal.abort(), ledger: new Ledger() });
    expect(outcome).toMatchObject({ ok: false, error: { code: 'E_CANCELLED' } });
    expect(calls.log).toEqual([]);
  });
});

async function* chunks(bytes: Uint8Array) {
  yield { bytes, release: () => undefined };
}
