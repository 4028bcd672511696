import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { everyTick } from './ticks.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('all who want the same tick share one timer, which ends after the last of them', () => {
  const looked: string[] = [];
  const leaveA = everyTick(100, () => looked.push('a'));
  const leaveB = everyTick(100, () => looked.push('b'));
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(100);
  leaveA();
  vi.advanceTimersByTime(100);
  leaveB();
  vi.advanceTimersByTime(100);
  expect(looked).toEqual(['a', 'b', 'b']);
  expect(vi.getTimerCount()).toBe(0);
});

test('who comes after the last one left is looked after as well', () => {
  everyTick(100, () => {})();
  let looks = 0;
  const leave = everyTick(100, () => {
    looks += 1;
  });
  vi.advanceTimersByTime(300);
  leave();
  expect(looks).toBe(3);
});
