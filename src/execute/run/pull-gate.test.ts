import { describe, expect, it } from 'vitest';
import { config, destination, fromOne, MemoryWorld, stage } from '../../../test/kit/memory-world.ts';
import { TranshipError } from '../../oci/errors.ts';
import { reportOf } from '../../report/collect.ts';
import type { Event } from '../../report/events.ts';
import { runSync } from './run.ts';
import type { PullQuota } from './world.ts';

class CountingWorld extends MemoryWorld {
  remaining: number;
  asked = 0;

  constructor(remaining: number) {
    super();
    this.remaining = remaining;
  }

  /** Each manifest that was read at the source was a pull. */
  async pullsLeft(registry: string): Promise<PullQuota | undefined> {
    if (registry !== 'hub') return undefined;
    this.asked += 1;
    return { limit: 100, remaining: this.remaining - (this.counts('hub')['fetchManifest'] ?? 0) };
  }
}

const mirror = config(stage('s', { from: fromOne('hub', 'library/app'), to: [destination('active', 'app')] }));

async function runWith(remaining: number, tags: number) {
  const world = new CountingWorld(remaining);
  world.fill(
    'hub',
    'library/app',
    Object.fromEntries(Array.from({ length: tags }, (_, at) => [`v${at}`, `image ${at}`])),
  );
  const events: Event[] = [];
  const result = await runSync(mirror, world, { emit: (event) => events.push(event), now: () => 0 });
  return { world, result, events, of: (type: Event['type']) => events.filter((event) => event.type === type) };
}

describe('a source that counts pulls', () => {
  it('is told about before anything is pulled, and copied from while pulls are left', async () => {
    const { result, events } = await runWith(100, 5);
    expect(result.failed).toBe(0);
    const told = events.findIndex((event) => event.type === 'warning' && event.code === 'W_PULL_QUOTA');
    expect(told).toBeGreaterThan(-1);
    expect(told).toBeLessThan(events.findIndex(({ type }) => type === 'copy-started'));
  });

  it('is left alone before its pulls are used up, and the rest can be done later', async () => {
    const { world, result, of } = await runWith(40, 60);
    expect(world.counts('hub')['fetchManifest']).toBeLessThan(40);
    expect(of('not-reached').length).toBe(result.failures.length);
    expect(new Set(result.failures)).toEqual(new Set(['temporary']));
    expect(result.done).toBeGreaterThan(0);
  });

  it('without any pull to spare is worth trying later, as the exit code says', async () => {
    const { result, events } = await runWith(4, 60);
    expect(result.done).toBe(0);
    expect(reportOf(events).exitCode).toBe(75);
  });
});

describe('a source that cannot be asked how many pulls are left', () => {
  it('is copied from, for it counts nothing that could be respected, and is asked once', async () => {
    let asked = 0;
    const world = Object.assign(new MemoryWorld(), {
      pullsLeft: () => {
        asked += 1;
        return Promise.reject(new TranshipError('E_UNREACHABLE', 'temporary', 'no answer'));
      },
    });
    world.fill('hub', 'library/app', { v1: 'one', v2: 'two', v3: 'three' });
    expect(await runSync(mirror, world, { emit: () => {}, now: () => 0 })).toMatchObject({ failed: 0, done: 3 });
    expect(asked).toBe(1);
  });
});
