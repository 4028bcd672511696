import { validRange } from 'semver';

/**
 * A version range of Go's libraries in npm's words, or `undefined` where it has none. Commas mean "and" there, `!=` has no
 * counterpart, and a `v` before a number is left out.
 */
export function npmRange(source: string): string | undefined {
  const text = source
    .replace(/\s*,\s*/g, ' ')
    .replace(/(^|[\s<>=~^|])v(?=\d)/g, '$1')
    .replace(/==/g, '=')
    .replace(/([<>=~^]+)\s+(?=v?[\dxX*])/g, '$1')
    .replace(/([<>=~^])v(?=\d)/g, '$1')
    .trim();
  return text === '' || text.includes('!') || validRange(text) === null ? undefined : text;
}
