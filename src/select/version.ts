import { SemVer } from 'semver';

/** The version that a tag spells. Tags are not semantic versions, only like them; see {@link parseVersion}. */
export interface Version {
  /** Three parts and the suffix as a pre-release, for ranges and for precedence. */
  readonly semver: SemVer;
  /** What stands behind the third part: `1.2.3.4` → `[4]`. */
  readonly further: readonly number[];
  /** How many numbers were written: 1 for `3`, 2 for `3.18`. */
  readonly written: number;
}

const grammar = /^v?(\d+(?:\.\d+)*)(?:[-._]?([A-Za-z].*)|[-_](.+))?$/;

/**
 * Reads a tag as a version, or gives `undefined` where it is none:
 *
 * - a leading `v` is left out; parts that are not written are 0 (`3.18` = 3.18.0);
 * - more than three numbers count after the third; leading zeros are allowed (`2026.01.05`);
 * - a suffix, after `-`, `_`, `.` or directly (`1.2.3-alpine`, `3.12rc1`), makes a pre-release, which ranges leave out
 *   unless they are told otherwise.
 */
export function parseVersion(text: string): Version | undefined {
  const [, numbers, word, rest] = grammar.exec(text) ?? [];
  if (numbers === undefined) return undefined;
  const parts = numbers.split('.').map(Number);
  if (!parts.every(Number.isSafeInteger)) return undefined;
  const [major = 0, minor = 0, patch = 0, ...further] = parts;
  const suffix = prereleaseOf(word ?? rest);
  const semver = new SemVer(`${major}.${minor}.${patch}${suffix === '' ? '' : `-${suffix}`}`);
  return { semver, further, written: parts.length };
}

/** Negative where `a` is older. Of equal ones the one that says more (`3.18.0` before `3.18`) is the newer. */
export function compareVersions(a: Version, b: Version): number {
  return (
    a.semver.compareMain(b.semver) ||
    compareNumbers(a.further, b.further) ||
    a.semver.comparePre(b.semver) ||
    a.written - b.written
  );
}

/** Whether the version has a suffix: a pre-release, or a variant such as `-alpine`. */
export function isSuffixed(version: Version): boolean {
  return version.semver.prerelease.length > 0;
}

/** The line that a version is on: `3`, or `3.18`. */
export function lineOf({ semver }: Version, per: 'major' | 'minor'): string {
  return per === 'major' ? `${semver.major}` : `${semver.major}.${semver.minor}`;
}

/** In semver's alphabet: other signs become `-`, empty identifiers and leading zeros go. */
function prereleaseOf(suffix = ''): string {
  const identifiers = suffix.replace(/[^0-9A-Za-z.-]/g, '-').split('.');
  return identifiers
    .filter((identifier) => identifier !== '')
    .map((identifier) => (/^\d+$/.test(identifier) ? safeNumber(identifier) : identifier))
    .join('.');
}

/** A number too large to be one is compared as text, which the `n` makes it. */
function safeNumber(digits: string): string {
  const stripped = digits.replace(/^0+(?=\d)/, '');
  return Number.isSafeInteger(Number(stripped)) ? stripped : `n${stripped}`;
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
