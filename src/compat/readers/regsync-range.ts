/**
 * A version range of regsync in npm's words, or `undefined` where it is none. What is not written of a version is 0 there, never
 * "any": `1` is 1.0.0 alone, `>1` is everything above 1.0.0 (measured against its own program).
 */
export function regsyncRange(source: string): string | undefined {
  const words = source
    .trim()
    .replace(/([<>=~^])\s+/g, '$1')
    .split(/\s+/);
  const parts = words.map(comparators);
  return parts.every((part) => part !== undefined) && source.trim() !== '' ? parts.join(' ') : undefined;
}

/** What it takes for a version: numbers, as many as there are, and a pre-release behind a hyphen. */
export const regsyncVersion = String.raw`v?\d+(?:\.\d+)*(?:-[0-9A-Za-z.-]+)?`;

/** Tags that are versions here and none to regsync; to be excluded where a rule has another expression already. */
export const noRegsyncVersion = String.raw`v?\d+(?:\.\d+)*(?:[._]?[A-Za-z].*|_.+|-.*_.*)`;

const constraint = /^(=|>|<|>=|<=|~|\^)?v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(-[0-9A-Za-z.-]+)?$/;

function comparators(word: string): string | undefined {
  const found = constraint.exec(word);
  if (found === null) return undefined;
  const [, sign = '=', ...rest] = found;
  const [major = 0, minor = 0, patch = 0] = rest.slice(0, 3).map((part) => Number(part ?? 0));
  const version = `${major}.${minor}.${patch}${found[5] ?? ''}`;
  if (sign === '~') return `>=${version} <${major}.${minor + 1}.0`;
  if (sign !== '^') return `${sign}${version}`;
  const above = major > 0 ? `${major + 1}.0.0` : minor > 0 ? `0.${minor + 1}.0` : `0.0.${patch + 1}`;
  return `>=${version} <${above}`;
}
