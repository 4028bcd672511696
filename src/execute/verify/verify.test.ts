import { beforeEach, describe, expect, it } from 'vitest';
import { forPlatform, imageMaker, tagName } from '../../../test/kit/images.ts';
import {
  config,
  destination,
  fromOne,
  MemoryWorld,
  type MemoryWorldOptions,
  stage,
  unavailable,
} from '../../../test/kit/memory-world.ts';
import type { Config, StageConfig } from '../../config/types.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { TranshipError } from '../../oci/errors.ts';
import type { ManifestContent } from '../../oci/ports.ts';
import { exitCodeOfVerification } from '../../report/verification.ts';
import { runSync } from '../run/run.ts';
import { type VerifyOptions, verifySync } from './verify.ts';

const arm = { os: 'linux', architecture: 'arm64' };
const amd = { os: 'linux', architecture: 'amd64' };

const some = (from: StageConfig['from'], parts: Partial<StageConfig> = {}) =>
  stage('some', { from, to: [destination('active', '{path}')], ...parts });
const everything: StageConfig['from'] = {
  registry: 'hub',
  repositories: { kind: 'several', include: [{ glob: '**' }], exclude: [], atLeast: 1 },
};

async function synced(world: MemoryWorld, intent: Config): Promise<void> {
  const { failed } = await runSync(intent, world, { emit: () => {}, now: () => 0 });
  expect(failed).toBe(0);
}

async function verify(world: MemoryWorld, intent: Config, options: Partial<VerifyOptions> = {}) {
  const found = await verifySync(intent, world, { intent: 'a.yaml', emit: () => {}, now: () => 0, ...options });
  return {
    ...found,
    exitCode: exitCodeOfVerification(found),
    told: found.items.map((item) => `${item.state} ${item.destination}`),
  };
}

/** A nested index with a referrer on its image for arm64, and that image's only layer. */
function nested(world: MemoryWorld): {
  readonly layer: Descriptor;
  readonly child: Descriptor;
  readonly signature: Descriptor;
} {
  const make = imageMaker(world.memory('hub', 'app'));
  const layer = make.blob('a layer deep down');
  const child = make.image([layer]);
  const inner = make.index([forPlatform(child, arm), forPlatform(make.image([make.blob('other')]), amd)]);
  const root = make.index([inner]);
  make.tag('v1', root);
  const signature = make.image([make.blob('signature')], {
    subject: root,
    artifactType: 'application/vnd.example.signature',
  });
  return { layer, child, signature };
}

describe('images at their destination', () => {
  const intent = config(some(fromOne('hub', 'app')));
  let world: MemoryWorld;
  let parts: ReturnType<typeof nested>;
  beforeEach(async () => {
    world = new MemoryWorld();
    parts = nested(world);
    await synced(world, intent);
  });
  const there = () => world.memory('active', 'app');
  const spoil = ({ digest }: Descriptor) => there().blobs.set(digest, Buffer.from('a layer deep dowN'));

  it('are whole after a run, down through nested indexes', async () => {
    expect(await verify(world, intent, { full: true })).toMatchObject({ items: [], totals: { whole: 1 }, exitCode: 0 });
  });

  it('are damaged where a blob two indexes below is missing, which a repair brings again', async () => {
    there().blobs.delete(parts.layer.digest);
    const found = await verify(world, intent);
    expect(found).toMatchObject({ exitCode: 1, totals: { whole: 0, damaged: 1 } });
    expect(found.items[0]?.damages).toEqual([{ what: 'blob', digest: parts.layer.digest, problem: 'missing' }]);
    expect(await verify(world, intent, { repair: true })).toMatchObject({ exitCode: 0, totals: { repaired: 1 } });
    expect(await verify(world, intent, { full: true })).toMatchObject({ items: [] });
  });

  it('are damaged where the manifest of a child is missing, which a repair brings again', async () => {
    there().manifests.delete(parts.child.digest);
    expect((await verify(world, intent)).items[0]?.damages).toEqual([
      { what: 'manifest', digest: parts.child.digest, problem: 'missing' },
    ]);
    expect((await verify(world, intent, { repair: true })).told).toEqual(['repaired active.example.com/app:v1']);
    expect(await verify(world, intent, { full: true })).toMatchObject({ items: [] });
  });

  it('are damaged where a manifest has other bytes than its digest says, which a repair mends', async () => {
    let spoilt: string | undefined;
    const mismatch = new TranshipError('E_DIGEST_MISMATCH', 'temporary', 'What was received is something else.');
    world = new MemoryWorld({
      around:
        (location) =>
        (method, [what], call) => {
          if (location !== 'active/app' || spoilt === undefined) return call();
          if (method === 'fetchManifest' && what === spoilt) throw mismatch;
          if (method === 'pushManifest' && (what as ManifestContent).descriptor.digest === spoilt) spoilt = undefined;
          return call();
        },
    });
    const { digest } = nested(world).child;
    await synced(world, intent);
    spoilt = digest;
    expect((await verify(world, intent)).items[0]?.damages).toEqual([
      { what: 'manifest', digest, problem: 'wrong content' },
    ]);
    expect(await verify(world, intent, { repair: true })).toMatchObject({ exitCode: 0, totals: { repaired: 1 } });
    expect(spoilt).toBeUndefined();
  });

  it('seem whole with one wrong byte, until every byte is read; then a repair mends it', async () => {
    spoil(parts.layer);
    expect((await verify(world, intent)).items).toEqual([]);
    const found = await verify(world, intent, { full: true });
    expect(found.items[0]?.damages).toEqual([{ what: 'blob', digest: parts.layer.digest, problem: 'wrong content' }]);
    expect(await verify(world, intent, { full: true, repair: true })).toMatchObject({ exitCode: 0 });
    expect(there().blobs.get(parts.layer.digest)).toEqual(Buffer.from('a layer deep down'));
  });

  it('lack a signature that the source has, which a repair brings', async () => {
    there().manifests.delete(parts.signature.digest);
    expect((await verify(world, intent)).items[0]?.damages).toMatchObject([
      { what: 'referrer', digest: parts.signature.digest },
    ]);
    expect(await verify(world, intent, { repair: true })).toMatchObject({ exitCode: 0 });
    expect(there().manifests.has(parts.signature.digest)).toBe(true);
  });

  it('lack a signature of a child, and what refers to a signature, which a repair brings', async () => {
    const make = imageMaker(world.memory('hub', 'app'));
    const ofChild = make.image([make.blob('of the child')], { subject: parts.child, artifactType: 'application/x' });
    const ofOther = make.image([make.blob('of the signature')], { subject: ofChild, artifactType: 'application/x' });
    await verify(world, intent, { repair: true });
    expect(await verify(world, intent, { full: true })).toMatchObject({ items: [] });

    for (const lost of [ofChild, ofOther]) {
      there().manifests.delete(lost.digest);
      expect((await verify(world, intent)).items[0]?.damages).toMatchObject([
        { what: 'referrer', digest: lost.digest },
      ]);
      expect(await verify(world, intent, { repair: true })).toMatchObject({ exitCode: 0, totals: { repaired: 1 } });
    }
    expect(await verify(world, intent, { full: true })).toMatchObject({ items: [] });
  });

  it('are damaged where a signature lost its layer, which a repair brings again', async () => {
    const [layer] = [...there().blobs].find(([, bytes]) => bytes.toString() === 'signature') ?? [];
    if (layer === undefined) throw new Error('the signature has no layer');
    there().blobs.delete(layer);
    expect((await verify(world, intent)).items[0]?.damages).toEqual([
      { what: 'blob', digest: layer, problem: 'missing' },
    ]);
    expect(await verify(world, intent, { repair: true })).toMatchObject({ exitCode: 0, totals: { repaired: 1 } });
    expect(there().blobs.has(layer)).toBe(true);
  });

  it('need no signature that the source lists and does not have', async () => {
    const listing = new MemoryWorld({
      around: (location) => (method, _, call) =>
        location === 'hub/app' && method === 'listReferrers' ? Promise.resolve([parts.signature]) : call(),
    });
    nested(listing);
    await synced(listing, config(some(fromOne('hub', 'app'), { referrers: 'never' })));
    listing.memory('hub', 'app').manifests.delete(parts.signature.digest);
    expect(await verify(listing, intent)).toMatchObject({ items: [] });
  });

  it('need no signature where none are to travel', async () => {
    there().manifests.delete(parts.signature.digest);
    expect((await verify(world, config(some(fromOne('hub', 'app'), { referrers: 'never' })))).items).toEqual([]);
  });

  it('hold entries of unknown kinds, as manifests or as blobs', async () => {
    const make = imageMaker(world.memory('hub', 'app'));
    const manifest = make.manifest({ what: 'ever' }, 'application/vnd.example.future+json');
    const blob = make.blob('stray', 'application/vnd.example.stray');
    make.tag('odd', make.index([manifest, blob]));
    await synced(world, intent);
    expect(await verify(world, intent, { full: true })).toMatchObject({ items: [] });

    there().manifests.delete(manifest.digest);
    there().blobs.delete(blob.digest);
    expect((await verify(world, intent)).items[0]?.damages).toMatchObject(
      [manifest, blob].map(({ digest }) => ({ digest })),
    );
  });

  it('under several tags are each told of', async () => {
    imageMaker(world.memory('hub', 'app')).tag('latest', {
      digest: world.memory('hub', 'app').tags.get(tagName('v1')),
    } as Descriptor);
    await synced(world, intent);
    there().blobs.delete(parts.layer.digest);
    expect((await verify(world, intent)).told).toEqual([
      'damaged active.example.com/app:latest',
      'damaged active.example.com/app:v1',
    ]);
    expect(await verify(world, intent, { repair: true, jobs: 1 })).toMatchObject({ exitCode: 0 });
  });

  it('are told as differing where the tag is missing or moved, without a look below', async () => {
    there().tags.delete(tagName('v1'));
    expect((await verify(world, intent)).items).toMatchObject([
      { state: 'differs', reason: 'missing at the destination' },
    ]);
  });

  it('of chosen platforms are whole, and are walked in what was written for them', async () => {
    const chosen = config(some(fromOne('hub', 'app'), { platforms: ['linux/arm64'] }));
    await synced(world, chosen);
    expect(await verify(world, chosen, { full: true })).toMatchObject({ items: [], totals: { whole: 1 } });
    there().blobs.delete(parts.layer.digest);
    there().manifests.delete(parts.child.digest);
    expect((await verify(world, chosen)).items[0]?.damages).toMatchObject([
      { what: 'manifest', digest: parts.child.digest },
    ]);
    expect(await verify(world, chosen, { repair: true })).toMatchObject({ exitCode: 0 });
    expect(await verify(world, chosen, { full: true })).toMatchObject({ items: [] });
  });
});

describe('an image of chosen platforms, with indexes made for it', () => {
  const chosen = config(some(fromOne('hub', 'app'), { platforms: ['linux/arm64'] }));

  it('is whole without the signature of the index that it was made from', async () => {
    const world = new MemoryWorld();
    nested(world);
    await synced(world, chosen);
    expect(await verify(world, chosen, { full: true })).toMatchObject({ items: [], totals: { whole: 1 }, exitCode: 0 });
  });

  it('gets an index within it again, which the source does not have', async () => {
    const world = new MemoryWorld();
    nested(world);
    await synced(world, chosen);
    const [source, there] = [world.memory('hub', 'app'), world.memory('active', 'app')];
    const root = there.tags.get(tagName('v1'));
    const [inner] = [...there.manifests.keys()].filter((digest) => digest !== root && !source.manifests.has(digest));
    if (inner === undefined) throw new Error('no index was made');
    there.manifests.delete(inner);
    expect((await verify(world, chosen)).items[0]?.damages).toEqual([
      { what: 'manifest', digest: inner, problem: 'missing' },
    ]);
    expect(await verify(world, chosen, { repair: true })).toMatchObject({ exitCode: 0, totals: { repaired: 1 } });
    expect(await verify(world, chosen, { full: true })).toMatchObject({ items: [] });
  });
});

describe('a registry that keeps the bytes that it has', () => {
  it('is told of as not repaired', async () => {
    const world = new MemoryWorld({
      around: (location) => (method, _, call) =>
        spoilt && location === 'active/app' && method === 'pushBlob' ? Promise.resolve() : call(),
    });
    let spoilt = false;
    const { layer } = nested(world);
    const intent = config(some(fromOne('hub', 'app')));
    await synced(world, intent);
    spoilt = true;
    world.memory('active', 'app').blobs.delete(layer.digest);
    const found = await verify(world, intent, { repair: true });
    expect(found.items).toMatchObject([
      { state: 'damaged', damages: [{ problem: 'missing' }], error: { code: 'E_NOT_REPAIRED' } },
    ]);
    expect(found.exitCode).toBe(1);
  });
});

describe('a registry that has a signature and lost it from its list', () => {
  it('gets it once more, and lists it', async () => {
    let lost = false;
    const world = new MemoryWorld({
      around:
        (location) =>
        (method, [manifest], call) => {
          if (location !== 'active/app') return call();
          if (method === 'pushManifest' && (manifest as ManifestContent).descriptor.digest === signature.digest)
            lost = false;
          return lost && method === 'listReferrers' ? Promise.resolve([]) : call();
        },
    });
    const { signature } = nested(world);
    const intent = config(some(fromOne('hub', 'app')));
    await synced(world, intent);
    lost = true;
    expect((await verify(world, intent)).items).toMatchObject([{ damages: [{ what: 'referrer' }] }]);
    expect(await verify(world, intent, { repair: true })).toMatchObject({ exitCode: 0, totals: { repaired: 1 } });
    expect(await verify(world, intent)).toMatchObject({ items: [] });
  });
});

describe('a stage with three destinations', () => {
  const names = ['one', 'two', 'three'];
  const intent = config(
    stage('fan', { from: fromOne('hub', 'app'), to: names.map((name) => destination(name, 'app')) }),
  );

  it('is verified at each, and only the damaged one is told and mended', async () => {
    const world = new MemoryWorld();
    const { layer } = nested(world);
    await synced(world, intent);
    world.memory('two', 'app').blobs.delete(layer.digest);
    expect(await verify(world, intent)).toMatchObject({
      told: ['damaged two.example.com/app:v1'],
      totals: { whole: 2 },
      exitCode: 3,
    });
    world.forgetCalls();
    expect(await verify(world, intent, { repair: true })).toMatchObject({
      exitCode: 0,
      totals: { whole: 2, repaired: 1 },
    });
    expect([
      world.counts('one')['pushBlob'],
      world.counts('two')['pushBlob'],
      world.counts('three')['pushBlob'],
    ]).toEqual([undefined, 1, undefined]);
    expect(await verify(world, intent, { full: true })).toMatchObject({ totals: { whole: 3 } });
  });

  it('is walked at the others where one of them cannot be reached', async () => {
    let down = false;
    const world = new MemoryWorld({
      around: (location) => (_, __, call) => {
        if (down && location.startsWith('two/')) throw unavailable();
        return call();
      },
    });
    nested(world);
    await synced(world, intent);
    down = true;
    const found = await verify(world, intent);
    expect(found).toMatchObject({ told: ['unknown two.example.com/app'], totals: { whole: 2, unknown: 1 } });
    expect(found.items[0]?.error).toMatchObject({ code: 'E_UNREACHABLE', side: 'destination' });
  });
});

describe('what cannot be found out', () => {
  const refuses =
    (where: string, method: string): NonNullable<MemoryWorldOptions['around']> =>
    (location) =>
    (called, _, call) => {
      if (location === where && called === method) throw unavailable();
      return call();
    };

  it('of one repository does not keep the others from being walked', async () => {
    const world = new MemoryWorld({ around: refuses('hub/b', 'listTags') });
    for (const name of ['a', 'b', 'c']) world.fill('hub', name, { v1: name });
    await runSync(config(some(everything)), world, { emit: () => {}, now: () => 0 });
    const found = await verify(world, config(some(everything)));
    expect(found).toMatchObject({ told: ['unknown active.example.com/b'], totals: { whole: 2, unknown: 1 } });
    expect(found.items[0]?.error).toMatchObject({ code: 'E_UNREACHABLE', side: 'source' });
    expect(found.exitCode).toBe(3);
  });

  it('of one image does not keep the others from being walked', async () => {
    const world = new MemoryWorld();
    world.fill('hub', 'app', { v1: 'one', v2: 'two' });
    const intent = config(some(fromOne('hub', 'app')));
    await synced(world, intent);
    const broken = world.memory('hub', 'app').tags.get(tagName('v1'));
    const asked = new MemoryWorldAskedOf(
      world,
      (method, [reference]) => method === 'fetchManifest' && reference === broken,
    );
    const found = await verifySync(intent, asked, { intent: '', emit: () => {}, now: () => 0 });
    expect(found.items).toMatchObject([{ state: 'unknown', destination: 'active.example.com/app:v1' }]);
    expect(found.totals.whole).toBe(1);
  });

  it('of the repositories of a stage stands for the stage, and the other stages are verified', async () => {
    const world = new (class extends MemoryWorld {
      override repositories(): AsyncIterable<never> {
        throw unavailable();
      }
    })();
    world.fill('hub', 'app', { v1: 'one' });
    const listed = { ...some(everything), id: 'listed', to: [destination('active', 'a'), destination('other', 'b')] };
    const named = some(fromOne('hub', 'app'));
    await synced(world, config(named));
    const found = await verify(world, config(listed, named));
    expect(found.told).toEqual(['unknown active.example.com', 'unknown other.example.com']);
    expect(found).toMatchObject({ totals: { whole: 1, unknown: 2 }, exitCode: 3 });
  });

  it('for a mistake of the configuration ends it', async () => {
    const world = new (class extends MemoryWorld {
      override repositories(): AsyncIterable<never> {
        throw new TranshipError('E_CONFIG', 'usage', 'A namespace has to be named.');
      }
    })();
    await expect(verify(world, config(some(everything)))).rejects.toMatchObject({ code: 'E_CONFIG' });
  });
});

/** The world, and some calls to its destinations that fail. */
class MemoryWorldAskedOf extends MemoryWorld {
  readonly #world: MemoryWorld;
  readonly #fails: (method: string, args: readonly unknown[]) => boolean;

  constructor(world: MemoryWorld, fails: (method: string, args: readonly unknown[]) => boolean) {
    super();
    this.#world = world;
    this.#fails = fails;
  }

  override source(registry: string, repository: Parameters<MemoryWorld['source']>[1]) {
    return this.#world.source(registry, repository);
  }

  override destination(registry: string, repository: Parameters<MemoryWorld['source']>[1]) {
    const { place } = this.#world.destination(registry, repository);
    const failing = new Proxy(place, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function' || typeof name !== 'string') return value;
        return (...args: unknown[]) =>
          this.#fails(name, args) ? Promise.reject(unavailable()) : Reflect.apply(value, target, args);
      },
    });
    return { place: failing };
  }
}

describe('repositories and images', () => {
  /** A world whose walks wait, and how many are under way. */
  async function waiting(intent: Config, repositories: readonly string[]) {
    const gate = Promise.withResolvers<void>();
    const walked = { active: 0, most: 0, begun: new Set<string>() };
    const entered = Promise.withResolvers<void>();
    let waits = false;
    const world = new MemoryWorld({
      around: (location) => (method, _, call) => {
        if (!waits || method !== 'fetchManifest') return call();
        return entering(location, call);
      },
    });
    const entering = async (location: string, call: () => unknown) => {
      walked.begun.add(location);
      walked.most = Math.max(walked.most, ++walked.active);
      if (walked.begun.size === repositories.length) entered.resolve();
      await gate.promise;
      walked.active -= 1;
      return call();
    };
    for (const name of repositories) world.fill('hub', name, { v1: `${name} one`, v2: `${name} two` });
    return { world, walked, gate, entered: entered.promise, begin: () => (waits = true), intent };
  }

  it('are walked at the same time', async () => {
    const { world, gate, entered, begin, intent } = await waiting(config(some(everything)), ['a', 'b', 'c']);
    await synced(world, intent);
    begin();
    const verified = verify(world, intent);
    await entered;
    gate.resolve();
    expect(await verified).toMatchObject({ totals: { whole: 6 } });
  });

  it('are never more at once than asked for, those of all repositories together', async () => {
    const { world, walked, gate, begin, intent } = await waiting(config(some(everything)), ['a', 'b', 'c']);
    await synced(world, intent);
    begin();
    gate.resolve();
    expect(await verify(world, intent, { jobs: 1 })).toMatchObject({ totals: { whole: 6 } });
    expect(walked.most).toBe(1);
  });

  it('are told in the order of their listing, whichever was ready first', async () => {
    const world = new MemoryWorld();
    const names: readonly string[] = ['c', 'a', 'b'];
    for (const name of names) world.fill('hub', name, { v2: `${name} two`, v1: `${name} one` });
    const intent = config(some(everything));
    await synced(world, intent);
    for (const name of names) world.memory('active', name).blobs.clear();
    expect((await verify(world, intent)).told).toEqual(
      names.flatMap((name) => ['v1', 'v2'].map((tag) => `damaged active.example.com/${name}:${tag}`)),
    );
  });

  it('are left when the run is stopped', async () => {
    const { world, gate, entered, begin, intent } = await waiting(config(some(everything)), ['a']);
    await synced(world, intent);
    begin();
    const stop = new AbortController();
    const verified = verify(world, intent, { signal: stop.signal });
    await entered;
    stop.abort(new Error('stopped'));
    gate.resolve();
    await expect(verified).rejects.toThrow('stopped');
  });
});

describe('a part of the configuration', () => {
  const world = new MemoryWorld();
  const one = { ...some(fromOne('hub', 'a')), id: 'one' };
  const two = { ...some(fromOne('hub', 'b')), id: 'two' };

  it('is all that is looked at where a stage or a shard is named', async () => {
    for (const name of ['a', 'b']) world.fill('hub', name, { v1: name });
    await synced(world, config(one, two));
    expect(await verify(world, config(one, two), { only: { stage: (id) => id === 'two' } })).toMatchObject({
      totals: { whole: 1 },
    });
    const shard = { repository: (_: StageConfig, name: string) => name === 'a' };
    expect(await verify(world, config(one, two), { only: shard })).toMatchObject({ totals: { whole: 1 } });
  });
});
