import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchesGlob } from '../../../test/kit/quay/worker/glob.ts';
import { looksLikeRegex, tagGlob } from './globs.ts';

describe('a tag pattern', () => {
  test.each([
    ['*', 'v1', true],
    ['v*', 'V1', false],
    ['v?.0', 'v1.0', true],
    ['v?.0', 'v10.0', false],
    ['v[12]', 'v2', true],
    ['v[!12]', 'v3', true],
    ['v[!12]', 'v2', false],
    ['v1.0', 'v1x0', false],
    ['a+(b)|c', 'a+(b)|c', true],
    ['[', '[', true],
  ])('%s on %s: %s', (glob, tag, matches) => expect(tagGlob(glob).matches(tag)).toBe(matches));

  test('matches what the mirror worker matches', () => {
    const letters = fc.constantFrom('a', 'b', '1', '.', '-', '*', '?', '[', ']', '!');
    const glob = fc.array(letters, { maxLength: 6 }).map((all) => all.join(''));
    const tag = fc.array(fc.constantFrom('a', 'b', '1', '.', '-'), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(glob, tag, (pattern, name) => {
        fc.pre(!pattern.includes('[') || /^[^[\]]*(?:\[!?[ab1]+\][^[\]]*)*$/.test(pattern));
        expect(tagGlob(pattern).matches(name.join(''))).toBe(matchesGlob(name.join(''), pattern));
      }),
    );
  });
});

describe('a regular expression', () => {
  test.each(['^v', 'v.*', 'v\\d', 'v(1|2)', 'v1$', '.+', 'v[0-9]{2}'])('is seen in %s', (text) =>
    expect(looksLikeRegex(text)).toBe(true),
  );

  test.each(['*', 'v*', 'v1.?', 'v[0-9]', '1.2.3', 'latest', '*-rc'])('is not seen in %s', (text) =>
    expect(looksLikeRegex(text)).toBe(false),
  );
});
