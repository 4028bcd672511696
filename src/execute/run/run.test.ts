import { afterEach, describe, expect, it, vi } from 'vitest';
import { tagName } from '../../../test/kit/images.ts';
import {
  config,
  destination,
  fromOne,
  MemoryWorld,
  type MemoryWorldOptions,
  stage,
  unavailable,
} from '../../../test/kit/memory-world.ts';
import type { Config } from '../../config/types.ts';
import { TranshipError } from '../../oci/errors.ts';
import type { Event } from '../../report/events.ts';
import { type RunOptions, runSync } from './run.ts';

async function run(world: MemoryWorld, intent: Config, options: Partial<RunOptions> = {}) {
  const events: Event[] = [];
  const result = await runSync(intent, world, {
    emit: (event) => events.push(event),
    now: () => 1_764_000_000_000,
    ...options,
  });
  return {
    ...result,
    events,
    of: <T extends Event['type']>(type: T) =>
      events.filter((event): event is Extract<Event, { type: T }> => event.type === type),
  };
}

const mirror = config(
  stage('mirror', { from: fromOne('hub', 'library/alpine'), to: [destination('active', 'mirror/{name}')] }),
);

function filled(options: MemoryWorldOptions = {}): MemoryWorld {
  const world = new MemoryWorld(options);
  world.fill('hub', 'library/alpine', { '3.20': 'twenty', '3.21': 'twenty-one', latest: 'twenty-one' });
  return world;
}

function tags(world: MemoryWorld, registry: string, repository: string): Record<string, string> {
  return Object.fromEntries(world.memory(registry, repository).tags);
}

describe('one of several destinations that stands still', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  const three = config(
    stage('mirror', {
      from: fromOne('hub', 'library/alpine'),
      to: ['first', 'silent', 'third'].map((registry) => destination(registry, 'mirror/{name}')),
    }),
  );

  it('holds up nobody, and gets its own when it comes', async () => {
    const comes = Promise.withResolvers<void>();
    const world = filled({
      around: (location) => (method, _args, call) => {
        const standsStill = location.startsWith('silent/') && method === 'resolve';
        return standsStill ? comes.promise.then(call) : call();
      },
    });
    world.fill('silent', 'mirror/alpine', { latest: 'old' });
    const before = tags(world, 'silent', 'mirror/alpine');
    const events: Event[] = [];
    const copied = Promise.withResolvers<void>();
    const running = run(world, three, {
      stragglerMs: 5,
      emit: (event) => {
        events.push(event);
        const done = events.filter(({ type }) => type === 'copy-finished').length;
        if (done === 6) copied.resolve();
      },
    });
    await copied.promise;
    expect(tags(world, 'third', 'mirror/alpine')).toEqual(tags(world, 'hub', 'library/alpine'));
    expect(tags(world, 'silent', 'mirror/alpine')).toEqual(before);
    comes.resolve();
    const { plans, failed } = await running;
    expect(failed).toBe(0);
    expect(plans.map((plan) => plan.destination.registry)).toEqual(['first', 'silent', 'third']);
    expect(tags(world, 'silent', 'mirror/alpine')).toEqual(tags(world, 'hub', 'library/alpine'));
  });

  it('in the middle of its uploads takes no place in the run from the others, and gets its own in the next pass', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
    const comes = Promise.withResolvers<void>();
    const push = async (signal: AbortSignal, call: () => unknown) => {
      await Promise.race([comes.promise, new Promise((_, stop) => signal.addEventListener('abort', stop))]);
      return call();
    };
    const world = new MemoryWorld({
      around: (location) => (method, args, call) =>
        location.startsWith('silent/') && method === 'pushBlob'
          ? push((args[2] as { signal: AbortSignal }).signal, call)
          : call(),
    });
    const images = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`v${at}`, `image ${at}`]));
    world.fill('hub', 'library/alpine', images);
    const running = run(world, three, { jobs: 2 });
    await vi.advanceTimersByTimeAsync(90_000);
    for (const registry of ['first', 'third'])
      expect(tags(world, registry, 'mirror/alpine')).toEqual(tags(world, 'hub', 'library/alpine'));
    expect(tags(world, 'silent', 'mirror/alpine')).toEqual({});
    comes.resolve();
    await vi.advanceTimersByTimeAsync(60_000);
    const { failed, of } = await running;
    expect(failed).toBe(0);
    expect(tags(world, 'silent', 'mirror/alpine')).toEqual(tags(world, 'hub', 'library/alpine'));
    expect(of('pass-started')).toMatchObject([{ pass: 2, items: 12 }]);
  });
});

describe('a run', () => {
  it('makes the destination hold what the source holds', async () => {
    const world = filled();
    const { failed, plans } = await run(world, mirror);
    expect(failed).toBe(0);
    expect(plans[0]?.items.map(({ action, target }) => `${action} ${target}`)).toEqual([
      'copy 3.20',
      'copy 3.21',
      'copy latest',
    ]);
    expect(tags(world, 'active', 'mirror/alpine')).toEqual(tags(world, 'hub', 'library/alpine'));
  });

  it('reads one image once, whatever its number of tags', async () => {
    const world = filled();
    await run(world, mirror);
    expect(world.at('hub', 'library/alpine').calls.counts['fetchManifest']).toBe(2);
  });

  it('that has nothing to do writes nothing and reads no manifest', async () => {
    const world = filled();
    await run(world, mirror);
    world.forgetCalls();
    const { plans } = await run(world, mirror);
    expect(plans[0]).toMatchObject({ items: [], same: 3 });
    expect(world.counts('hub')).toEqual({ listTags: 1, resolve: 3 });
    expect(world.counts('active')).toEqual({ listTags: 1, resolve: 3 });
  });

  it('with listings that show digests asks for no tag by itself', async () => {
    const world = filled({ listsDigests: ['hub', 'active'] });
    await run(world, mirror);
    world.forgetCalls();
    await run(world, mirror);
    expect({ ...world.counts('hub'), ...world.counts('active') }).toEqual({});
  });

  it('moves a tag that moved at the source, and says what it named', async () => {
    const world = filled();
    await run(world, mirror);
    const before = world.memory('active', 'mirror/alpine').tags.get(tagName('latest'));
    world.fill('hub', 'library/alpine', { latest: 'twenty-two' });
    const { plans, of } = await run(world, mirror);
    expect(plans[0]?.items).toMatchObject([{ action: 'update', target: 'latest', previous: before }]);
    expect(of('copy-finished')).toMatchObject([{ outcome: 'updated', previous: before }]);
  });

  it('does not look at an immutable tag again, and reports one with other content without touching it', async () => {
    const world = filled();
    await run(world, mirror);
    const fixed = config({ ...(mirror.stages[0] as (typeof mirror.stages)[0]), immutable: [{ glob: '3.*' }] });
    world.forgetCalls();
    const { plans } = await run(world, fixed);
    expect(plans[0]).toMatchObject({ trusted: 2, same: 1, items: [] });
    expect(world.counts('active')).toEqual({ listTags: 1, resolve: 1 });
  });

  it('leaves a tag that names something else alone where overwriting is off', async () => {
    const world = filled();
    world.fill('active', 'mirror/alpine', { latest: 'mine' });
    const careful = config({ ...(mirror.stages[0] as (typeof mirror.stages)[0]), overwrite: false });
    const { plans, blocked } = await run(world, careful);
    expect(blocked).toBe(1);
    expect(plans[0]?.items.find(({ action }) => action === 'blocked')).toMatchObject({
      target: 'latest',
      why: 'no-overwrite',
    });
  });

  it('in a dry run writes nothing, and finds the same plan', async () => {
    const world = filled();
    const dry = await run(world, mirror, { dryRun: true });
    expect(world.memory('active', 'mirror/alpine').blobs.size).toBe(0);
    expect(world.memory('active', 'mirror/alpine').manifests.size).toBe(0);
    expect((await run(world, mirror)).plans).toEqual(dry.plans);
  });

  it('keeps what an overwritten tag named under the backup tag', async () => {
    const world = filled();
    await run(world, mirror);
    const before = world.memory('active', 'mirror/alpine').tags.get(tagName('latest'));
    world.fill('hub', 'library/alpine', { latest: 'twenty-two' });
    await run(world, config({ ...(mirror.stages[0] as (typeof mirror.stages)[0]), backupTag: '{tag}-before-{date}' }));
    expect(world.memory('active', 'mirror/alpine').tags.get(tagName('latest-before-20251124'))).toBe(before);
  });

  it('makes a missing repository first, where the configuration says so', async () => {
    const world = filled();
    const intent = config(
      stage('s', {
        from: fromOne('hub', 'library/alpine'),
        to: [destination('active', 'new/alpine', { create: true, visibility: 'public' })],
      }),
    );
    await run(world, intent);
    expect(world.created).toEqual([{ name: 'active/new/alpine', wishes: { visibility: 'public' } }]);
  });
});

describe('a stage with several destinations', () => {
  const fanOut = config(
    stage('s', {
      from: fromOne('hub', 'library/alpine'),
      to: ['one', 'two', 'three'].map((name) => destination(name, '{path}')),
    }),
  );

  it('reads each blob of the source once', async () => {
    const world = filled();
    await run(world, fanOut);
    const opened = world.at('hub', 'library/alpine').calls.log.filter((line) => line.startsWith('openBlob'));
    expect(opened.length).toBe(new Set(opened).size);
    for (const name of ['one', 'two', 'three'])
      expect(tags(world, name, 'library/alpine')).toEqual(tags(world, 'hub', 'library/alpine'));
  });

  it('goes on with the others when one fails', async () => {
    const world = filled({
      around: (location) => (_method, _args, call) => {
        if (location.startsWith('two/')) throw unavailable();
        return call();
      },
    });
    const { failed } = await run(world, fanOut);
    expect(failed).toBe(1);
    expect(tags(world, 'three', 'library/alpine')).toEqual(tags(world, 'hub', 'library/alpine'));
  });
});

describe('what fails', () => {
  /** The first `times` calls of `method` at the place fail. */
  function failing(
    place: string,
    method: string,
    times: number,
    error: () => TranshipError = unavailable,
  ): MemoryWorldOptions {
    let left = times;
    return {
      around: (location) => (called, _args, call) => {
        if (location.startsWith(place) && called === method && left > 0) {
          left -= 1;
          throw error();
        }
        return call();
      },
    };
  }

  it('for a reason that passes is tried again at the end, and then the run is complete', async () => {
    const world = filled(failing('active', 'pushManifest', 2));
    const { failed, of } = await run(world, mirror);
    expect(failed).toBe(0);
    expect(of('pass-started').length).toBeGreaterThan(0);
    expect(tags(world, 'active', 'mirror/alpine')).toEqual(tags(world, 'hub', 'library/alpine'));
  });

  it('is a failure after three passes', async () => {
    const world = filled(failing('active', 'pushManifest', 1000));
    const { failed, of } = await run(world, mirror);
    expect(of('pass-started').map(({ pass }) => pass)).toEqual([2, 3]);
    expect(failed).toBe(3);
  });

  it('for good is not tried again', async () => {
    const denied = () => new TranshipError('E_DENIED', 'auth', 'no');
    const world = filled(failing('active', 'pushManifest', 1000, denied));
    const { failed, of } = await run(world, mirror);
    expect(of('pass-started')).toEqual([]);
    expect(failed).toBe(3);
  });

  it('in one listing is tried again with the next pass', async () => {
    const world = filled(failing('hub', 'listTags', 1));
    const { failed } = await run(world, mirror);
    expect(failed).toBe(0);
    expect(tags(world, 'active', 'mirror/alpine')).toEqual(tags(world, 'hub', 'library/alpine'));
  });

  it('because the destination is full ends the work for that repository, and nothing is lost from the account', async () => {
    const full = () => new TranshipError('E_QUOTA', 'unwritable', 'quota exceeded');
    const world = filled(failing('active', 'pushManifest', 1000, full));
    const { failed, of } = await run(world, mirror, { jobs: 1 });
    expect(failed).toBe(3);
    expect(of('copy-failed').length + of('not-reached').length).toBe(3);
    expect(of('not-reached').length).toBeGreaterThan(0);
  });

  it('ends the run where it was asked to', async () => {
    const denied = () => new TranshipError('E_DENIED', 'auth', 'no');
    const world = filled(failing('active', 'pushManifest', 1, denied));
    const { of } = await run(world, mirror, { failFast: true, jobs: 1 });
    expect(of('not-reached').length).toBeGreaterThan(0);
  });

  it('because nothing is there where something was expected is no success', async () => {
    const { failed, plans } = await run(new MemoryWorld(), mirror);
    expect(failed).toBe(1);
    expect(plans[0]?.failure).toMatchObject({ code: 'E_TOO_FEW_TAGS', side: 'source' });
  });

  it('because a tag that the rules name does not exist is told by its name', async () => {
    const intent = config(
      stage('s', {
        from: fromOne('hub', 'library/alpine'),
        to: [destination('active', '{path}')],
        tags: { include: [{ pattern: { name: '3.20' } }, { pattern: { name: '9.9' } }], exclude: [], atLeast: 1 },
      }),
    );
    const world = filled();
    const { failed, of } = await run(world, intent);
    expect(failed).toBe(1);
    expect(of('copy-failed')).toMatchObject([
      { error: { code: 'E_MANIFEST_UNKNOWN', subject: 'hub.example.com/library/alpine:9.9' } },
    ]);
    expect(world.memory('active', 'library/alpine').tags.has(tagName('3.20'))).toBe(true);
    world.forgetCalls();
    await run(world, intent);
    expect(world.counts('hub')).toEqual({ resolve: 2 });
    expect(world.counts('active')).toEqual({ resolve: 2 });
  });
});

describe('stages', () => {
  it('list a repository when they start, so that they see what an earlier stage wrote', async () => {
    const world = filled();
    const chain = config(
      stage('second', {
        dependsOn: ['first'],
        from: {
          registry: 'active',
          repositories: { kind: 'several', include: [{ glob: 'mirror/**' }], exclude: [], atLeast: 1 },
        },
        to: [destination('standby', '{path}')],
      }),
      stage('first', { from: fromOne('hub', 'library/alpine'), to: [destination('active', 'mirror/{name}')] }),
    );
    const { failed } = await run(world, chain);
    expect(failed).toBe(0);
    expect(tags(world, 'standby', 'mirror/alpine')).toEqual(tags(world, 'hub', 'library/alpine'));
  });

  it('that read what an earlier one would write are no failure of a dry run, and are one of a real run', async () => {
    const chain = config(
      stage('first', { from: fromOne('hub', 'library/alpine'), to: [destination('active', 'mirror/{name}')] }),
      stage('second', {
        dependsOn: ['first'],
        from: fromOne('active', 'mirror/alpine'),
        to: [destination('standby', '{path}')],
      }),
      stage('third', {
        dependsOn: ['second'],
        from: fromOne('active', 'mirror/other'),
        to: [destination('standby', '{path}')],
      }),
    );
    const dry = await run(filled(), chain, { dryRun: true });
    expect(dry.failed).toBe(0);
    expect(dry.plans.find((plan) => plan.stage === 'second')?.warnings).toEqual([
      'not everything is there yet: looked at again when the stage starts, after first',
    ]);
    const real = await run(filled(), chain);
    expect(real.failed).toBe(1);
    expect(real.plans.find((plan) => plan.stage === 'third')?.failure?.code).toBe('E_TOO_FEW_TAGS');
    const nothingToBring = await run(new MemoryWorld(), chain, { dryRun: true });
    expect(nothingToBring.failed).toBe(3);
  });

  it('run although one that they depend on failed, and say so', async () => {
    const world = filled();
    world.fill('other', 'app', { v1: 'one' });
    const chain = config(
      stage('first', { from: fromOne('hub', 'nothing/here'), to: [destination('active', '{path}')] }),
      stage('second', { dependsOn: ['first'], from: fromOne('other', 'app'), to: [destination('standby', '{path}')] }),
    );
    const { of, failed } = await run(world, chain);
    expect(failed).toBe(1);
    expect(of('stage-started').find((event) => event.stage === 'second')?.afterFailuresOf).toEqual(['first']);
    expect(world.memory('standby', 'app').tags.size).toBe(1);
  });

  it('that bring one tag from two sources fail where the second finds it taken, instead of overwriting each other for ever', async () => {
    const world = filled();
    world.fill('hub', 'library/busybox', { latest: 'busybox', '1.37': 'thirty-seven' });
    const both = config(
      stage('first', { from: fromOne('hub', 'library/alpine'), to: [destination('active', 'all/images')] }),
      stage('second', {
        dependsOn: ['first'],
        from: fromOne('hub', 'library/busybox'),
        to: [destination('active', 'all/images')],
      }),
    );
    const { failed, plans } = await run(world, both);
    expect(failed).toBe(1);
    expect(plans[1]?.failure).toMatchObject({ code: 'E_COLLISION', side: 'destination' });
    expect(tags(world, 'active', 'all/images')).toEqual(tags(world, 'hub', 'library/alpine'));
  });

  it('of which two repositories would end at one are refused before anything is written', async () => {
    const world = filled();
    world.fill('hub', 'library/busybox', { latest: 'busybox' });
    const intent = config(
      stage('s', {
        from: { registry: 'hub', repositories: { kind: 'several', include: [], exclude: [], atLeast: 1 } },
        to: [destination('active', 'all/images')],
      }),
    );
    await expect(run(world, intent)).rejects.toMatchObject({ code: 'E_COLLISION' });
    expect(world.memory('active', 'all/images').blobs.size).toBe(0);
  });
});

describe('a tag of which nothing can be found out', () => {
  it.each(['hub', 'active'])(
    'fails by itself, after the passes, and the others of its repository are copied: %s',
    async (side) => {
      let asked = 0;
      const world = filled({
        around: (location) => (method, args, call) => {
          if (!location.startsWith(`${side}/`) || method !== 'resolve' || args[0] !== '3.21') return call();
          asked += 1;
          return Promise.reject(unavailable());
        },
      });
      world.fill('active', 'mirror/alpine', { '3.21': 'older' });
      const { failed, done, of } = await run(world, mirror);
      expect({ failed, done, asked }).toEqual({ failed: 1, done: 2, asked: 3 });
      expect(of('copy-failed').map(({ copy }) => copy)).toEqual([expect.stringContaining('mirror/alpine:3.21')]);
      expect(world.memory('active', 'mirror/alpine').tags.size).toBe(3);
    },
  );

  it('is its repository’s failure where no other can be told, and in a plan', async () => {
    const mute = (tag: string | undefined) =>
      filled({
        around: (location) => (method, args, call) =>
          location.startsWith('hub/') && method === 'resolve' && (tag === undefined || args[0] === tag)
            ? Promise.reject(unavailable())
            : call(),
      });
    const silent = await run(mute(undefined), mirror);
    expect(silent.plans.map(({ failure }) => failure?.side)).toEqual(['source']);
    const dry = await run(mute('3.21'), mirror, { dryRun: true });
    expect(dry.plans.map(({ failure }) => failure?.side)).toEqual(['source']);
  });
});

describe('a destination without a listing, which answers as if it had no such repository', () => {
  it('is asked tag by tag: nothing is written again, and nothing overwritten against the rules', async () => {
    const world = filled();
    await run(world, mirror);
    world.fill('hub', 'library/alpine', { latest: 'twenty-two' });
    const silent = new Proxy(world.at('active', 'mirror/alpine').place, {
      get: (target, name) => (name === 'listTags' ? async function* () {} : Reflect.get(target, name)),
    });
    const open = world.destination.bind(world);
    world.destination = (registry, name) => (registry === 'active' ? { place: silent } : open(registry, name));
    const careful = config({ ...(mirror.stages[0] as (typeof mirror.stages)[0]), overwrite: false });
    const { plans } = await run(world, careful);
    expect(plans[0]).toMatchObject({ same: 2, items: [{ action: 'blocked', target: 'latest' }] });
  });
});

describe('listed tags that name nothing', () => {
  const without = (...gone: readonly string[]) =>
    filled({
      around: (location) => (method, args, call) =>
        location.startsWith('hub/') && method === 'resolve' && gone.includes(String(args[0]))
          ? Promise.resolve(undefined)
          : call(),
    });

  it('were removed since, which is no failure', async () => {
    const { failed, plans } = await run(without('3.20'), mirror);
    expect({ failed, warnings: plans[0]?.warnings }).toEqual({ failed: 0, warnings: ['the source has no tag "3.20"'] });
  });

  it('are a failure where fewer are left than there must be', async () => {
    const { failed, plans } = await run(without('3.20', '3.21', 'latest'), mirror);
    expect(failed).toBe(1);
    expect(plans[0]?.failure).toMatchObject({ code: 'E_TOO_FEW_TAGS', side: 'source', failure: 'refused' });
  });
});

describe('the judge of changed tags', () => {
  it('can hold one back, and can have both kept', async () => {
    const world = filled();
    world.fill('active', 'mirror/alpine', { latest: 'mine', '3.20': 'mine too' });
    const mine = world.memory('active', 'mirror/alpine').tags.get(tagName('latest'));
    const { plans } = await run(world, mirror, {
      judge: async ({ target }) =>
        target === 'latest'
          ? { verdict: 'keep-both', under: tagName('latest-mine'), reason: 'set by someone else' }
          : { verdict: 'block', reason: 'set by someone else' },
    });
    expect(plans[0]?.items.find(({ target }) => target === '3.20')).toMatchObject({
      action: 'blocked',
      why: 'diverged',
    });
    expect(world.memory('active', 'mirror/alpine').tags.get(tagName('latest-mine'))).toBe(mine);
    expect(world.memory('active', 'mirror/alpine').tags.get(tagName('latest'))).toBe(
      world.memory('hub', 'library/alpine').tags.get(tagName('latest')),
    );
  });
});

describe('signatures', () => {
  it('that cosign keeps under tags are compared like tags, and left behind where asked', async () => {
    const world = filled();
    const digest = world.memory('hub', 'library/alpine').tags.get(tagName('latest')) ?? '';
    const signature = `${digest.replace(':', '-')}.sig`;
    world.fill('hub', 'library/alpine', { [signature]: 'signature' });
    await run(world, mirror);
    expect(world.memory('active', 'mirror/alpine').tags.has(tagName(signature))).toBe(true);
    world.forgetCalls();
    expect((await run(world, mirror)).plans[0]).toMatchObject({ items: [], same: 4 });

    const without = config({
      ...(mirror.stages[0] as (typeof mirror.stages)[0]),
      referrers: 'never',
      to: [destination('bare', '{path}')],
    });
    await run(world, without);
    expect([...world.memory('bare', 'library/alpine').tags.keys()].sort()).toEqual(['3.20', '3.21', 'latest']);
  });
});
