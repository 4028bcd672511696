import fc from 'fast-check';
import { expect, test } from 'vitest';
import { listedTags, timeOf } from './entries.ts';

const [one, two] = [`sha256:${'1'.repeat(64)}`, `sha256:${'2'.repeat(64)}`];

test.each([
  ['no digest', { digest: 'sha256:short' }],
  ['a digest of another algorithm', { digest: `md5:${'0'.repeat(32)}` }],
  ['nothing', { digest: null }],
  ['no time', { updatedAt: 'yesterday' }],
  ['a time without a zone', { updatedAt: '2026-03-01T10:00:00' }],
  ['a day that is none', { createdAt: '2026-13-41T10:00:00Z' }],
  ['a size below nothing', { size: -1 }],
  ['half a byte', { size: 1.5 }],
  ['a size as text', { size: '12' }],
])('what is %s is left out of a tag', (_, fields) => {
  expect(listedTags([{ name: 'a', ...fields }], 'x')).toEqual([{ tag: 'a' }]);
});

test.each([null, 7, '', '.hidden', 'a b', 'x'.repeat(129)])('%j is no tag', (name) => {
  expect(listedTags([{ name, digest: one }], 'x')).toEqual([]);
});

test('a tag that comes twice with one digest is one tag; with two, one without', () => {
  expect(
    listedTags(
      [
        { name: 'a', digest: one },
        { name: 'a', digest: one },
      ],
      'x',
    ),
  ).toMatchObject([{ digest: one }]);
  expect(
    listedTags(
      [
        { name: 'a', digest: one },
        { name: 'a', digest: two },
      ],
      'x',
    ),
  ).toEqual([{ tag: 'a' }]);
});

test('a tag that came with two digests stays without one, however often it comes', () => {
  const digests = fc.array(fc.constantFrom(one, two), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(digests, (seen) => {
      const [tag] = listedTags(
        seen.map((digest) => ({ name: 'a', digest })),
        'x',
      );
      expect(tag?.digest).toBe(new Set(seen).size === 1 ? seen[0] : undefined);
    }),
  );
});

test('a repository with more tags than any has is refused', () => {
  const endless = function* () {
    for (let at = 0; ; at += 1) yield { name: `t${at}` };
  };
  expect(() => listedTags(endless(), 'registry.example.com/a')).toThrow(expect.objectContaining({ code: 'E_LIMIT' }));
});

test.each([
  [1_772_359_200_000, '2026-03-01T10:00:00.000Z'],
  ['1772359200000', '2026-03-01T10:00:00.000Z'],
  [0, undefined],
  [-5, undefined],
  [Number.NaN, undefined],
  [1e300, undefined],
  ['soon', undefined],
  [null, undefined],
])('%j milliseconds are %j', (milliseconds, time) => {
  expect(timeOf(milliseconds)).toBe(time);
});
