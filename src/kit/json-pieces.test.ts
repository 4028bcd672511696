import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonPieces } from './json-pieces.ts';

test('the pieces are what JSON.stringify says, whatever the value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 7 }), (value) => {
      expect([...jsonPieces(value)].join('')).toBe(JSON.stringify(value, null, 2));
    }),
  );
});

test('what is undefined is left out of an object and null in a list', () => {
  const value = { a: undefined, b: [undefined, 1], c: { d: undefined } };
  expect([...jsonPieces(value)].join('')).toBe(JSON.stringify(value, null, 2));
});

test('a large document comes in pieces of bounded length', () => {
  const items = Array.from({ length: 20_000 }, (_, at) => ({ tag: `v${at}`, reason: 'new' }));
  const pieces = [...jsonPieces({ repositories: [{ items }] })];
  expect(pieces.length).toBeGreaterThan(10);
  for (const piece of pieces) expect(piece.length).toBeLessThan(80_000);
  expect(pieces.join('')).toBe(JSON.stringify({ repositories: [{ items }] }, null, 2));
});
