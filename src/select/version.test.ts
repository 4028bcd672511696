import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareVersions, lineOf, parseVersion, toSemver, type Version } from './version.ts';

const spelled = (tag: string) => {
  const version = parseVersion(tag);
  return version && toSemver(version).version;
};

describe('the version that a tag spells', () => {
  test.each([
    ['1.2.3', '1.2.3'],
    ['v1.2.3', '1.2.3'],
    ['3.18', '3.18.0'],
    ['3', '3.0.0'],
    ['2026.01.05', '2026.1.5'],
    ['1.2.3-alpine', '1.2.3-alpine'],
    ['1.2.3-alpine3.18', '1.2.3-alpine3.18'],
    ['3.12rc1', '3.12.0-rc1'],
    ['1.2.3_p1', '1.2.3-p1'],
    ['1.2.3-rc.01', '1.2.3-rc.1'],
    ['1.2.3-4', '1.2.3-4'],
    ['1.2.3.RELEASE', '1.2.3-RELEASE'],
    ['20240101123456', '20240101123456.0.0'],
  ])('%s is %s', (tag, expected) => {
    expect(spelled(tag)).toBe(expected);
  });

  test.each(['latest', '', 'v', 'alpine-3.18', '1.2.', '1.2.3-', 'x1.2', '99999999999999999999', 'sha256-abc'])(
    '%s is none',
    (tag) => {
      expect(parseVersion(tag)).toBeUndefined();
    },
  );

  test('every tag is read or not, and nothing is thrown', () => {
    const tag = fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/);
    const versionLike = fc.stringMatching(/^v?[0-9]{1,20}([._-][0-9a-z]{0,20}){0,5}$/);
    const read = () =>
      fc.assert(
        fc.property(fc.oneof(tag, versionLike), (text) => void spelled(text)),
        { numRuns: 4000 },
      );
    expect(read).not.toThrow();
  });
});

describe('precedence', () => {
  test('goes by number, then suffix, then by how much is written', () => {
    const ascending = [
      '0.9',
      '1',
      '1.0',
      '1.0.0',
      '1.0.1-rc1',
      '1.0.1',
      '1.0.1.1',
      '1.2',
      '1.10',
      'v2.0.0-beta.2',
      'v2.0.0-beta.11',
      '2.0.0',
    ];
    const versions = ascending.map((tag) => parseVersion(tag) as Version);
    expect(versions.toSorted(compareVersions)).toEqual(versions);
    expect(versions.toReversed().toSorted(compareVersions)).toEqual(versions);
  });

  test('is a total order', () => {
    const version = fc
      .stringMatching(/^v?[0-9]{1,3}(\.[0-9]{1,2}){0,4}(-[a-z]{1,3}[0-9]{0,2})?$/)
      .map((text) => parseVersion(text))
      .filter((found) => found !== undefined);
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
        const ordered = compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0;
        expect(ordered && compareVersions(a, c) > 0).toBe(false);
      }),
    );
  });

  test('lines are named by one number or two', () => {
    expect(lineOf(parseVersion('3.18.2') as Version, 'minor')).toBe('3.18');
    expect(lineOf(parseVersion('3.18.2') as Version, 'major')).toBe('3');
  });
});
