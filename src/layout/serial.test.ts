import { describe, expect, test } from 'vitest';
import { Batches } from './batches.ts';
import { Serial, SerialByKey, Shared } from './serial.ts';

const turn = () => new Promise<void>((done) => setImmediate(done));

describe('jobs in a row', () => {
  test('run one at a time, in order, and one that fails fails alone', async () => {
    const lane = new Serial();
    const log: string[] = [];
    const job = (name: string) => async () => {
      log.push(`${name} in`);
      await turn();
      log.push(`${name} out`);
      if (name === 'b') throw new Error('b failed');
      return name;
    };
    const results = await Promise.allSettled(['a', 'b', 'c'].map((name) => lane.run(job(name))));
    expect(log).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  test('of different keys run at the same time', async () => {
    const lanes = new SerialByKey();
    let inside = 0;
    let most = 0;
    const job = async () => {
      most = Math.max(most, ++inside);
      await turn();
      inside--;
    };
    await Promise.all([lanes.run('a', job), lanes.run('a', job), lanes.run('b', job)]);
    expect(most).toBe(2);
  });
});

describe('an act that callers share', () => {
  test('is done again for those who came while it ran, once for all of them', async () => {
    let done = 0;
    const shared = new Shared(async () => {
      await turn();
      done++;
    });
    const first = shared.run();
    const others = Promise.all([shared.run(), shared.run(), shared.run()]);
    await first;
    expect(done).toBe(1);
    await others;
    expect(done).toBe(2);
    await shared.run();
    expect(done).toBe(3);
  });

  test('that fails, fails for those who waited for it and not for the next', async () => {
    let tries = 0;
    const shared = new Shared(async () => {
      await turn();
      if (++tries === 1) throw new Error('first');
    });
    const [first, second] = await Promise.allSettled([shared.run(), shared.run()]);
    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled']);
  });
});

describe('writing in batches', () => {
  test('puts together what arrives meanwhile', async () => {
    const batches: (readonly number[])[] = [];
    const writer = new Batches<number>(async (items) => {
      batches.push([...items]);
      await turn();
    });
    const first = writer.add(1);
    await turn();
    await Promise.all([first, writer.add(2), writer.add(3)]);
    expect(batches.flat()).toEqual([1, 2, 3]);
    expect(batches.length).toBeLessThan(3);
  });

  test('tells everyone of a batch how it went, and only them', async () => {
    const writer = new Batches<string>(async (items) => {
      await turn();
      if (items.includes('bad')) throw new Error('refused');
    });
    const first = writer.add('good');
    await turn();
    const rest = await Promise.allSettled([first, writer.add('bad'), writer.add('beside it')]);
    expect(rest.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    await writer.add('later');
  });
});
