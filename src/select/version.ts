import { SemVer } from 'semver';

/** The version that a tag spells. Tags are not semantic versions, only like them; see {@link parseVersion}. */
export interface Version {
  /** The numbers that were written, at least one: `3.18` → `[3, 18]`. What is not written is 0. */
  readonly numbers: readonly number[];
  /** What stands behind them, as semver's pre-release; empty where nothing does. */
  readonly suffix: string;
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
  return parts.every(Number.isSafeInteger) ? { numbers: parts, suffix: prereleaseOf(word ?? rest) } : undefined;
}

/** Its first three numbers and its suffix, for ranges. */
export function toSemver({ numbers: [major = 0, minor = 0, patch = 0], suffix }: Version): SemVer {
  return new SemVer(`${major}.${minor}.${patch}${suffix === '' ? '' : `-${suffix}`}`);
}

/** Negative where `a` is older. Of equal ones the one that says more (`3.18.0` before `3.18`) is the newer. */
export function compareVersions(a: Version, b: Version): number {
  return (
    compareNumbers(a.numbers, b.numbers) || compareSuffixes(a.suffix, b.suffix) || a.numbers.length - b.numbers.length
  );
}

/** Whether the version has a suffix: a pre-release, or a variant such as `-alpine`. */
export function isSuffixed(version: Version): boolean {
  return version.suffix !== '';
}

/** The line that a version is on: `3`, or `3.18`. */
export function lineOf({ numbers: [major = 0, minor = 0] }: Version, per: 'major' | 'minor'): string {
  return per === 'major' ? `${major}` : `${major}.${minor}`;
}

/** A version without a suffix is the newer one (semver.org, 11). */
function compareSuffixes(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '' || b === '') return a === '' ? 1 : -1;
  return new SemVer(`0.0.0-${a}`).comparePre(`0.0.0-${b}`);
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
