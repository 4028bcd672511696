import { expect, test } from 'vitest';
import { retryAfter } from './retry-after.ts';

const now = Date.UTC(2026, 2, 1, 12, 0, 0);

test.each<[string | undefined, number | undefined]>([
  [undefined, undefined],
  ['0', 0],
  ['120', 120_000],
  [' 5 ', 5_000],
  ['Sun, 01 Mar 2026 12:01:00 GMT', 60_000],
  ['Sunday, 01-Mar-26 12:01:00 GMT', 60_000],
  ['Sun Mar  1 12:01:00 2026', 60_000],
  ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
  ['Monday, 01-Mar-99 12:00:00 GMT', 0],
  ['-5', undefined],
  ['1.5', undefined],
  ['soon', undefined],
  ['', undefined],
  ['1e9', undefined],
  ['99999999999999999999', undefined],
  ['Sun, 41 Mar 2026 12:01:00 GMT', undefined],
  ['Sun, 01 Mar 2026 25:01:00 GMT', undefined],
  ['Sun, 01 Mar 2026 12:01:00 CET', undefined],
  ['2026-03-01T12:01:00Z', undefined],
])('%s means %s', (value, expected) => {
  expect(retryAfter(value, now)).toBe(expected);
});
