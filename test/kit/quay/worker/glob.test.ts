import { expect, test } from 'vitest';
import { matchesGlob } from './glob.ts';

test.each([
  ['v1', 'v*', true],
  ['latest', 'v*', false],
  ['v1.2', 'v1?2', true],
  ['v1x2', 'v1.2', false],
  ['v3', 'v[1-3]', true],
  ['v4', 'v[1-3]', false],
  ['v4', 'v[!1-3]', true],
  ['V1', 'v1', false],
  ['xv1', 'v1', false],
])('whether %s matches %s', (name, pattern, expected) => {
  expect(matchesGlob(name, pattern)).toBe(expected);
});
