import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startOf } from './start.ts';

const base = '2026-11-24T22:00:00Z';

test('without a spread all begin at once', () => {
  expect(startOf('acme/api', base)).toBe(base);
});

test('a beginning lies within the spread, to the second, and is the same every time', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 86_400 }), (name, spread) => {
      const start = startOf(name, base, spread);
      const after = (Date.parse(start) - Date.parse(base)) / 1000;
      expect(start).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(after).toBeGreaterThanOrEqual(0);
      expect(after).toBeLessThan(spread);
      expect(startOf(name, base, spread)).toBe(start);
    }),
  );
});
