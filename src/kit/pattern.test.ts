import { describe, expect, test } from 'vitest';
import { compileGlob, compileRegex, compileReplacement, isGlob, PatternError } from './pattern.ts';

describe('a glob', () => {
  test.each([
    ['v1', 'v1', true],
    ['v1', 'v10', false],
    ['v*', 'v1.2', true],
    ['v*', 'x/v1', false],
    ['*-alpine', '3.18-alpine', true],
    ['*-alpine', '3.18-alpine3', false],
    ['v?', 'v1', true],
    ['v?', 'v', false],
    ['?', '/', false],
    ['v[0-9]*', 'v1-rc', true],
    ['v[!0-9]*', 'v1-rc', false],
    ['[!a]', '/', false],
    ['[a^]', '^', true],
    ['{stable,edge}', 'edge', true],
    ['{1.*,2.*}-slim', '2.7-slim', true],
    ['{1.*,2.*}-slim', '3.7-slim', false],
    ['a.b', 'axb', false],
    ['a+b', 'aab', false],
    ['a,b', 'a,b', true],
    ['apps/*', 'apps/web', true],
    ['apps/*', 'apps/team/web', false],
    ['apps/**', 'apps/team/web', true],
    ['apps/**', 'apps', true],
    ['apps/**', 'appsx', false],
    ['**/web', 'web', true],
    ['**/web', 'a/b/web', true],
    ['**/web', 'aweb', false],
    ['a/**/z', 'a/z', true],
    ['a/**/z', 'a/b/c/z', true],
    ['**', 'any/thing', true],
  ])('%s against %s: %s', (glob, text, expected) => {
    expect(compileGlob(glob).matches(text)).toBe(expected);
  });

  test.each(['[abc', '{a,b', 'a}', ''.padEnd(1001, 'x')])('%.10s cannot be read', (glob) => {
    expect(() => compileGlob(glob)).toThrow(PatternError);
  });

  test('is told from a name by its signs', () => {
    expect(['v1.2_3-x', 'v*', 'a?', '[a]', '{a}'].map(isGlob)).toEqual([false, true, true, true, true]);
  });
});

describe('a regular expression', () => {
  test('is for the whole text', () => {
    expect(compileRegex('v1').matches('v1.2')).toBe(false);
    expect(compileRegex('a|b').matches('ab')).toBe(false);
    expect(compileRegex('.*_rc\\d+').matches('v1_rc12')).toBe(true);
  });

  test('captures its first group, or everything where it has none', () => {
    expect(compileRegex('(.+)-alpine').capture('3.18-alpine')).toBe('3.18');
    expect(compileRegex('.+-alpine').capture('3.18-alpine')).toBe('3.18-alpine');
    expect(compileRegex('(.+)-alpine').capture('3.18')).toBeUndefined();
    expect(compileRegex('(?:a|(b))').capture('a')).toBeUndefined();
  });

  test('that looks around is refused with the reason', () => {
    expect(() => compileRegex('a(?=b)')).toThrow(/linear time/);
  });

  test('that backtracking engines hang on ends at once', () => {
    const started = performance.now();
    expect(compileRegex('(a*)*(a|aa)*b').matches('a'.repeat(128))).toBe(false);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('a replacement', () => {
  test.each([
    ['^(.+)-old$', '$1', 'web-old', 'web'],
    ['^(.+)-old$', '$1', 'web', 'web'],
    ['/', '-', 'a/b/c', 'a-b-c'],
    ['(a)(b)', '${2}$1', 'xaby', 'xbay'],
    ['a', '$$', 'aba', '$b$'],
    ['a|(b)', '<$1>', 'ab', '<><b>'],
    ['b', '[$0]', 'abc', 'a[b]c'],
  ])('%s → %s turns %s into %s', (source, replacement, text, expected) => {
    expect(compileReplacement(source, replacement)(text)).toBe(expected);
  });

  test.each([
    ['(a)', '$2'],
    ['a', '$x'],
    ['(', 'x'],
  ])('%s → %s cannot be read', (source, replacement) => {
    expect(() => compileReplacement(source, replacement)).toThrow(PatternError);
  });
});
