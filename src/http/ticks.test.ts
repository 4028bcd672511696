import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { everyTick } from './ticks.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

/** A look comes after what was to be read is read. */
async function pass(milliseconds: number, ticks = 1): Promise<void> {
  for (let tick = 0; tick < ticks; tick += 1) {
    vi.advanceTimersByTime(milliseconds);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('all who want the same tick share one timer, which ends after the last of them', async () => {
  const looked: string[] = [];
  const leaveA = everyTick(100, () => looked.push('a'));
  const leaveB = everyTick(100, () => looked.push('b'));
  expect(vi.getTimerCount()).toBe(1);
  await pass(100);
  leaveA();
  await pass(100);
  leaveB();
  await pass(100);
  expect(looked).toEqual(['a', 'b', 'b']);
  expect(vi.getTimerCount()).toBe(0);
});

test('who comes after the last one left is looked after as well', async () => {
  everyTick(100, () => {})();
  let looks = 0;
  const leave = everyTick(100, () => {
    looks += 1;
  });
  await pass(100, 3);
  leave();
  expect(looks).toBe(3);
});

test('a look comes only after what came meanwhile was read, however late its timer went off', async () => {
  const happened: string[] = [];
  const leave = everyTick(70, () => happened.push('looked'));
  vi.advanceTimersByTime(70);
  happened.push('timers are through');
  await pass(0);
  leave();
  expect(happened).toEqual(['timers are through', 'looked']);
});
