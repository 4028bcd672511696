import fc from 'fast-check';
import { Range, SemVer } from 'semver';
import { expect, test } from 'vitest';
import { compileRegex } from '../../kit/pattern.ts';
import { parseVersion } from '../../select/version.ts';
import { noRegsyncVersion, regsyncRange, regsyncVersion } from './regsync-range.ts';

const versions = [
  '0.2.9',
  '0.3.0',
  '1.0.0',
  '1.2.0-rc1',
  '1.2.0',
  '1.2.5-alpine',
  '1.3.0',
  '2.0.0-alpha',
  '2.0.0',
  '20.1.5',
];

/** What regsync 0.11 took of these versions. */
test.each<[string, readonly string[]]>([
  ['^1.2.0', ['1.2.0', '1.2.5-alpine', '1.3.0', '2.0.0-alpha']],
  ['~1.2', ['1.2.0', '1.2.5-alpine']],
  ['>=1.2 <2', ['1.2.0', '1.2.5-alpine', '1.3.0', '2.0.0-alpha']],
  ['1.2.0', ['1.2.0']],
  ['=1.2', ['1.2.0']],
  ['^0.2.3', ['0.2.9']],
  ['> 1', ['1.2.0-rc1', '1.2.0', '1.2.5-alpine', '1.3.0', '2.0.0-alpha', '2.0.0', '20.1.5']],
  ['<=v1.3.0', ['0.2.9', '0.3.0', '1.0.0', '1.2.0-rc1', '1.2.0', '1.2.5-alpine', '1.3.0']],
  ['~1', ['1.0.0']],
  ['1', ['1.0.0']],
  ['>=2.0.0-alpha', ['2.0.0-alpha', '2.0.0', '20.1.5']],
])('%s takes what regsync takes', (range, taken) => {
  const words = new Range(regsyncRange(range) ?? 'none', { includePrerelease: true });
  expect(versions.filter((version) => words.test(new SemVer(version)))).toEqual(taken);
});

test.each(['*', '1.x', 'latest', '', '1.2.3 - 2', '!=1.2.3', '>=1.2 || <1'])('%j is no range of regsync', (range) => {
  expect(regsyncRange(range)).toBeUndefined();
});

test('tags that it takes for versions, and tags that it does not', () => {
  const { matches } = compileRegex(regsyncVersion);
  expect(['1', 'v1.2', '1.2.3.4', 'v1.9.9-0', '2026.01.05', '1.2-alpine3'].filter(matches)).toHaveLength(6);
  expect(['latest', '3.12rc1', '1.2.3_p1', 'sha-abc', 'v', '1.'].filter(matches)).toEqual([]);
});

test('a tag that is a version here is either one of regsync or one to exclude', () => {
  const [theirs, not] = [compileRegex(regsyncVersion), compileRegex(noRegsyncVersion)];
  const version = fc.stringMatching(/^v?\d{1,2}(\.\d{1,2}){0,3}([-._]?[A-Za-z][\w.-]{0,5}|[-_][\w.-]{1,5})?$/);
  fc.assert(
    fc.property(version, (tag) => {
      fc.pre(parseVersion(tag) !== undefined);
      expect(theirs.matches(tag)).toBe(!not.matches(tag));
    }),
  );
});
