import { beforeEach, describe, expect, it } from 'vitest';
import { forPlatform, imageMaker, tagName } from '../../../test/kit/images.ts';
import {
  config,
  destination,
  fromOne,
  MemoryWorld,
  type MemoryWorldOptions,
  stage,
} from '../../../test/kit/memory-world.ts';
import type { StageConfig } from '../../config/types.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Event } from '../../report/events.ts';
import type { FilteredIndexes } from './filtered.ts';
import { type RunOptions, runSync } from './run.ts';

const arm = { os: 'linux', architecture: 'arm64' };
const amd = { os: 'linux', architecture: 'amd64' };

let world: MemoryWorld;
beforeEach(() => {
  world = worldOfIndexes();
});

/** `v1` is an index of two platforms, `nested` an index in an index, `single` an image without an index. */
function worldOfIndexes(options: MemoryWorldOptions = {}): MemoryWorld {
  const made = new MemoryWorld(options);
  const make = imageMaker(made.memory('hub', 'app'));
  const index = (text: string) =>
    make.index([
      forPlatform(make.image([make.blob(`${text} arm`)]), arm),
      forPlatform(make.image([make.blob(`${text} amd`)]), amd),
    ]);
  make.tag('v1', index('one'));
  make.tag('nested', make.index([index('inner')]));
  make.tag('single', make.image([make.blob('single')]));
  return made;
}

function someOf(parts: Partial<StageConfig> = {}) {
  const to = [destination('active', 'app')];
  return config(stage('some', { from: fromOne('hub', 'app'), to, platforms: ['linux/arm64'], ...parts }));
}

async function run(options: Partial<RunOptions> = {}, intent = someOf()) {
  const events: Event[] = [];
  world.forgetCalls();
  const result = await runSync(intent, world, { emit: (event) => events.push(event), now: () => 0, ...options });
  const [plan] = result.plans;
  return {
    actions: plan?.items.map(({ action, target }) => `${action} ${target}`),
    same: plan?.same,
    read: world.at('hub', 'app').calls.log.filter((call) => call.startsWith('fetchManifest')).length,
    written: world.at('active', 'app').calls.log.filter((call) => call.startsWith('push')),
    events,
  };
}

/** What was found out, kept in memory as the state folder would. */
function remembering(): FilteredIndexes & { readonly known: Map<string, Digest> } {
  const known = new Map<string, Digest>();
  return {
    known,
    find: (index, platforms) => known.get(`${index} ${platforms}`),
    note: (index, platforms, filtered) => void known.set(`${index} ${platforms}`, filtered),
  };
}

describe('a destination that takes no index with children left out', () => {
  it('is the same in the second run, after one look at each index', async () => {
    expect((await run()).actions).toEqual(['copy nested', 'copy single', 'copy v1']);
    // The index of v1, the nested one and what holds it; the image without an index has the digest of the source.
    expect(await run()).toMatchObject({ actions: [], same: 3, read: 3, written: [] });
  });

  it('costs no manifest at all where an earlier run noted what became of its indexes', async () => {
    const filtered = remembering();
    await run({ filtered });
    expect(filtered.known.size).toBe(2);
    expect(await run({ filtered })).toMatchObject({ actions: [], same: 3, read: 0, written: [] });
  });

  it('is looked at once where nothing was noted, and what was found is noted', async () => {
    await run();
    const filtered = remembering();
    expect((await run({ filtered })).read).toBe(3);
    expect(await run({ filtered })).toMatchObject({ same: 3, read: 0 });
  });

  it('is planned alike by a dry run', async () => {
    await run();
    expect(await run({ dryRun: true })).toMatchObject({ actions: [], same: 3, written: [] });
  });

  it('gets an image that moved at the source', async () => {
    await run();
    const make = imageMaker(world.memory('hub', 'app'));
    make.tag('v1', make.index([forPlatform(make.image([make.blob('new')]), arm)]));
    expect((await run()).actions).toEqual(['update v1']);
  });

  it('gets another choice of platforms, though the first was noted', async () => {
    const filtered = remembering();
    await run({ filtered });
    const { actions, written } = await run({ filtered }, someOf({ platforms: ['linux/amd64'] }));
    expect(actions).toEqual(['update nested', 'update v1']);
    expect(written.length).toBeGreaterThan(0);
  });

  it('is the same whatever the order in which the platforms are written', async () => {
    const filtered = remembering();
    const make = imageMaker(world.memory('hub', 'app'));
    const third = { os: 'linux', architecture: 's390x' };
    const image = (text: string) => make.image([make.blob(text)]);
    make.tag(
      'v1',
      make.index([forPlatform(image('a'), arm), forPlatform(image('b'), amd), forPlatform(image('c'), third)]),
    );
    world.memory('hub', 'app').tags.delete(tagName('nested'));
    await run({ filtered }, someOf({ platforms: ['linux/arm64', 'linux/amd64'] }));
    const again = await run({ filtered }, someOf({ platforms: ['linux/amd64', 'linux/arm64'] }));
    expect(again).toMatchObject({ actions: [], read: 0 });
  });

  it('is not written anew for the sake of what refers to its images', async () => {
    await run();
    expect((await run({}, someOf({ referrers: 'always' }))).written).toEqual([]);
  });
});

describe('where reading a manifest counts as a pull', () => {
  it('nothing is read to compare: the plan shows an update, and the run finds it the same', async () => {
    const filtered = remembering();
    await run();
    const careful = { filtered, looksInto: () => false };
    expect(await run({ ...careful, dryRun: true })).toMatchObject({ actions: ['update nested', 'update v1'], read: 0 });
    const real = await run(careful);
    expect(real.written).toEqual([]);
    expect(real.events.filter(({ type }) => type === 'copy-finished')).toMatchObject([
      { outcome: 'same' },
      { outcome: 'same' },
    ]);
    expect(await run({ ...careful, dryRun: true })).toMatchObject({ actions: [], same: 3, read: 0 });
  });
});

describe('a destination that by now takes indexes as they are', () => {
  it('is to get the whole index instead of the one with fewer platforms', async () => {
    let sparse = false;
    world = worldOfIndexes({
      around: () => (method, _, call) => (method === 'acceptsSparseIndexes' ? Promise.resolve(sparse) : call()),
    });
    await run();
    sparse = true;
    const { actions, read } = await run({ dryRun: true, looksInto: () => false });
    expect(actions).toEqual(['update nested', 'update v1']);
    expect(read).toBe(0);
  });
});

describe('an index that cannot be looked into', () => {
  it('is left for the copy to explain', async () => {
    await run();
    world.fill('active', 'app', { single: 'something else' });
    const make = imageMaker(world.memory('hub', 'app'));
    make.tag('v1', make.index([forPlatform(make.image([make.blob('x')]), amd)]));
    const { actions, events } = await run();
    expect(actions).toContain('update v1');
    expect(events.filter(({ type }) => type === 'copy-failed')).toMatchObject([
      { error: { code: 'E_PLATFORM_MISSING' } },
    ]);
  });
});
