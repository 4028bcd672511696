import { expect, test } from 'vitest';
import { eachBounded, forEachBounded } from './bounded.ts';

test('results keep the order of their items, whichever is ready first', async () => {
  const gates = [1, 2, 3].map(() => Promise.withResolvers<void>());
  const results = eachBounded([0, 1, 2], 3, async (at) => {
    await gates[at]?.promise;
    return at * 10;
  });
  for (const gate of gates.toReversed()) gate.resolve();
  expect(await results).toEqual([0, 10, 20]);
});

test('never more are at work than allowed, and all get their turn', async () => {
  let [active, most, done] = [0, 0, 0];
  await forEachBounded(
    Array.from({ length: 20 }, (_, at) => at),
    4,
    async () => {
      active += 1;
      most = Math.max(most, active);
      await Promise.resolve();
      active -= 1;
      done += 1;
    },
  );
  expect({ most, done }).toEqual({ most: 4, done: 20 });
});

test('after a failure nothing more is begun', async () => {
  const begun: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    await Promise.resolve();
    if (item === 1) throw new Error('broken');
  };
  const items = Array.from({ length: 100 }, (_, at) => at);
  await expect(forEachBounded(items, 2, work)).rejects.toThrow('broken');
  await Promise.resolve();
  expect(begun.length).toBeLessThan(6);
});

test('work for nothing ends at once', async () => {
  expect(await eachBounded([], 4, async () => 1)).toEqual([]);
  await forEachBounded([], 4, async () => expect.unreachable());
});
