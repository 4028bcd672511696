/** What copies of one run share: blobs within a registry, one reading for several destinations, and no failure. */
import { describe, expect, it } from 'vitest';
import { copying, destination, v1 } from '../../test/kit/copying.ts';
import { counting } from '../../test/kit/counting.ts';
import { missingBelow, tagName } from '../../test/kit/images.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { TranshipError } from '../oci/errors.ts';
import type { MemoryRepository } from '../oci/memory.ts';
import type { BlobSource, CallOptions, ContentWriter } from '../oci/ports.ts';
import { Ledger } from './ledger.ts';

const down = () => new TranshipError('E_UNREACHABLE', 'temporary', 'no route');

/** Fifty images with one base, to fifty repositories of one registry. */
function family(count: number) {
  const set = copying();
  const base = set.make.blob('base'.repeat(500));
  const tags = Array.from({ length: count }, (_, at) =>
    set.make.tag(`v${at}`, set.make.image([base, set.make.blob(`own ${at}`)])),
  );
  return { ...set, base, tags };
}

describe('copies of one run', () => {
  it('send a blob once per registry: who comes at the same time waits, and mounts', async () => {
    const { tags, base, all } = family(50);
    const registry = {};
    const ledger = new Ledger();
    const sent: string[] = [];
    const outcomes = await Promise.all(
      tags.map(async (tag, at) => {
        const { place, calls } = counting(destination(`app${at}`, { registry }));
        const [outcome] = await all([{ place, tags: [tag] }], {}, { reference: tag, ledger });
        sent.push(...calls.log.filter((line) => line.startsWith('pushBlob')));
        return outcome;
      }),
    );
    expect(outcomes.every((outcome) => outcome?.ok)).toBe(true);
    expect(sent.filter((line) => line.includes(base.digest))).toHaveLength(1);
    expect(new Set(sent).size).toBe(sent.length);
  });

  it('send it once to one repository, too', async () => {
    const { tags, all, base } = family(20);
    const ledger = new Ledger();
    const { place, calls } = counting(destination());
    await Promise.all(tags.map((tag) => all([{ place, tags: [tag] }], {}, { reference: tag, ledger })));
    expect(calls.log.filter((line) => line === `pushBlob ${base.digest}`)).toHaveLength(1);
    expect(calls.counts).toMatchObject({ listTags: 1, hasBlob: 1 });
  });

  it('do not fail together: when the one that sends breaks, another does', async () => {
    const { tags, all, base } = family(3);
    const registry = {};
    const ledger = new Ledger();
    let broken = 1;
    const outcomes = await Promise.all(
      tags.map((tag, at) => {
        const { place } = counting(destination(`app${at}`, { registry }), (method, args, call) => {
          const isBase = (args[0] as { digest?: string } | undefined)?.digest === base.digest;
          if (method === 'pushBlob' && isBase && broken-- > 0) throw down();
          return call();
        });
        return all([{ place, tags: [tag] }], {}, { reference: tag, ledger });
      }),
    );
    expect(outcomes.flat().filter((outcome) => !outcome.ok)).toHaveLength(1);
  });

  it.each(['the shared blob', 'the first blob, by which a new repository is known'])(
    'nor in one repository, where %s breaks once',
    async (which) => {
      const { tags, all, base } = family(4);
      let broken = 1;
      const { place } = counting(destination(), (method, args, call) => {
        const isBase = (args[0] as { digest?: string } | undefined)?.digest === base.digest;
        if (method === 'pushBlob' && (isBase || which !== 'the shared blob') && broken-- > 0) throw down();
        return call();
      });
      const ledger = new Ledger();
      const outcomes = await Promise.all(
        tags.map((tag) => all([{ place, tags: [tag] }], {}, { reference: tag, ledger })),
      );
      expect(outcomes.flat().filter(({ ok }) => !ok)).toHaveLength(1);
    },
  );

  it('do not fail together for a manifest that several of them hold', async () => {
    const { make, all } = copying();
    const child = make.image([make.blob('shared')]);
    const tags = ['a', 'b', 'c'].map((name) => make.tag(name, make.index([child, make.image([make.blob(name)])])));
    let broken = 1;
    const { place } = counting(destination(), (method, args, call) => {
      const isChild = (args[0] as { descriptor?: Descriptor } | undefined)?.descriptor?.digest === child.digest;
      if (method === 'pushManifest' && isChild && broken-- > 0) throw down();
      return call();
    });
    const ledger = new Ledger();
    const outcomes = await Promise.all(
      tags.map((tag) => all([{ place, tags: [tag] }], {}, { reference: tag, ledger })),
    );
    expect(outcomes.flat().filter(({ ok }) => !ok)).toHaveLength(1);
  });

  it('ask for each blob where a destination does not let its tags be listed: it may hold anything', async () => {
    const { make, source, to } = copying();
    const layer = make.blob('layer'.repeat(1000));
    make.tag('v1', make.image([layer]));
    const store = destination();
    store.blobs.set(layer.digest, source.blobs.get(layer.digest) ?? Buffer.alloc(0));
    const { place, calls } = counting(store, (method, _args, call) => {
      if (method === 'listTags') throw new TranshipError('E_DENIED', 'auth', 'no listing');
      return call();
    });
    expect(await to(place)).toMatchObject({ ok: true, bytesPresent: layer.size });
    expect(calls.log).not.toContain(`pushBlob ${layer.digest}`);
  });

  it('stop trying to mount where a registry never does', async () => {
    const { tags, all } = family(12);
    const registry = {};
    const ledger = new Ledger();
    let mounts = 0;
    for (const [at, tag] of tags.entries()) {
      const { place } = counting(destination(`app${at}`, { registry }), (method, _args, call) => {
        if (method !== 'mountBlob') return call();
        mounts += 1;
        return Promise.resolve(false);
      });
      const [outcome] = await all([{ place, tags: [tag] }], {}, { reference: tag, ledger });
      expect(outcome).toMatchObject({ ok: true });
    }
    expect(mounts).toBeLessThanOrEqual(6);
  });

  it('wait for another\u2019s upload without taking the place of those who have something to send', async () => {
    const { tags, all, base } = family(6);
    const registry = {};
    const ledger = new Ledger({ blobsInFlight: 2 });
    const stalled = Promise.withResolvers<void>();
    const others = Promise.withResolvers<void>();
    let own = 0;
    const copies = tags.map((tag, at) => {
      const place = destination(`app${at}`, { registry });
      const push = place.pushBlob.bind(place);
      place.pushBlob = async (blob, source) => {
        if (blob.digest === base.digest) await stalled.promise;
        else if (++own > tags.length) others.resolve();
        return push(blob, source);
      };
      return all([{ place, tags: [tag] }], {}, { reference: tag, ledger });
    });
    await others.promise;
    stalled.resolve();
    expect((await Promise.all(copies)).flat().every(({ ok }) => ok)).toBe(true);
  });

  it('mount straight from the source when that is the same registry', async () => {
    const { make, to, source } = copying();
    make.tag('v1', make.image([make.blob('a')]));
    const { place, calls } = counting(destination('app', { registry: source.registry }));
    expect(await to(place)).toMatchObject({ ok: true, bytesMoved: 0, bytesMounted: 3 });
    expect(calls.counts['pushBlob']).toBeUndefined();
  });

  it('bound the blobs in flight over all images', async () => {
    const { tags, all } = family(12);
    const ledger = new Ledger({ blobsInFlight: 3 });
    let inFlight = 0;
    let most = 0;
    const place = destination();
    const push = place.pushBlob.bind(place);
    place.pushBlob = async (...args) => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      await push(...args);
      inFlight -= 1;
    };
    await Promise.all(tags.map((tag) => all([{ place, tags: [tag] }], {}, { reference: tag, ledger })));
    expect(most).toBe(3);
  });
});

describe('one source to several destinations', () => {
  it('reads each blob once, whatever its size', async () => {
    const { make, source, all } = copying();
    const root = make.image([make.blob('small'), make.blob('large'.repeat(30_000))]);
    make.tag('v1', root);
    const from = counting(source);
    const places = ['a', 'b', 'c'].map((name) => destination(name));
    const outcomes = await all(
      places.map((place) => ({ place, tags: v1 })),
      {},
      { source: from.place },
    );
    expect(outcomes.map(({ ok, id }) => [ok, id])).toEqual([
      [true, 'c/1'],
      [true, 'c/2'],
      [true, 'c/3'],
    ]);
    for (const place of places) expect(missingBelow(place, root.digest)).toEqual([]);
    expect(from.calls.counts).toMatchObject({ openBlob: 3, resolve: 2, fetchManifest: 1 });
  });

  it('lets one fail by itself, at whatever call', async () => {
    for (const broken of ['resolve', 'listTags', 'hasBlob', 'pushBlob', 'pushManifest']) {
      const { make, all } = copying();
      const root = make.image([make.blob('large'.repeat(30_000))]);
      make.tag('v1', root);
      const store = destination('bad');
      if (broken === 'hasBlob') store.tags.set(tagName('old'), root.digest);
      const bad = counting(store, (method, _args, call) => {
        if (method === broken) throw down();
        return call();
      });
      const good = destination('good');
      const outcomes = await all([bad.place, good].map((place) => ({ place, tags: v1 })));
      expect(outcomes[1], broken).toMatchObject({ ok: true });
      expect(missingBelow(good, root.digest)).toEqual([]);
      if (broken === 'listTags') continue;
      expect(outcomes[0], broken).toMatchObject({ ok: false, error: { code: 'E_UNREACHABLE', side: 'destination' } });
    }
  });

  it('gives a destination that has to try again its bytes from where it was', async () => {
    const { make, all } = copying();
    const large = make.blob('0123456789'.repeat(30_000));
    make.tag('v1', make.image([large]));
    const flaky: MemoryRepository & ContentWriter = destination('flaky');
    const push = flaky.pushBlob.bind(flaky);
    flaky.pushBlob = async (blob: Descriptor, source: BlobSource, options?: CallOptions) => {
      if (blob.digest !== large.digest) return push(blob, source);
      const parts: Uint8Array[] = [];
      const read = async (offset: number, most: number) => {
        let left = most;
        for await (const chunk of await source.open(offset, options)) {
          parts.push(Uint8Array.from(chunk.bytes));
          chunk.release();
          left -= chunk.bytes.length;
          if (left <= 0) return;
        }
      };
      await read(0, 100_000);
      await read(
        parts.reduce((sum, part) => sum + part.length, 0),
        Number.POSITIVE_INFINITY,
      );
      flaky.blobs.set(blob.digest, Buffer.concat(parts));
    };
    const outcomes = await all([flaky, destination('steady')].map((place) => ({ place, tags: v1 })));
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
    expect(Buffer.from(flaky.blobs.get(large.digest) ?? []).toString()).toBe('0123456789'.repeat(30_000));
  });

  it('sends nothing to the one that has it', async () => {
    const { make, all } = copying();
    make.tag('v1', make.image([make.blob('a')]));
    const [has, lacks] = [destination('has'), destination('lacks')];
    await all([{ place: has, tags: v1 }]);
    const counted = counting(has);
    const outcomes = await all([counted.place, lacks].map((place) => ({ place, tags: v1 })));
    expect(outcomes).toMatchObject([
      { outcome: 'same', bytesMoved: 0 },
      { outcome: 'copied', bytesMoved: 3 },
    ]);
    expect(counted.calls.counts['pushBlob']).toBeUndefined();
  });
});
