import { expect, test } from 'vitest';
import { quotaIn } from './quota.ts';

const quota = (limit?: string, remaining?: string) => {
  const fields: Record<string, string | undefined> = { 'ratelimit-limit': limit, 'ratelimit-remaining': remaining };
  return quotaIn({ get: (name) => fields[name], all: () => [] });
};

test('a limit, what is left of it, and the time it is for', () => {
  expect(quota('100;w=21600', '76;w=21600')).toEqual({ limit: 100, remaining: 76, windowMs: 21_600_000 });
  expect(quota('200', ' 0 ')).toEqual({ limit: 200, remaining: 0 });
});

test.each([
  [undefined, undefined],
  ['100;w=21600', undefined],
  [undefined, '76;w=21600'],
  ['many', '76'],
  ['100', '-1'],
])('%j and %j count nothing', (limit, remaining) => {
  expect(quota(limit, remaining)).toBeUndefined();
});
