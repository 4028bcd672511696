/** Whether a name matches a shell pattern as Python's `fnmatch` reads it: `*`, `?`, `[a-z]`, `[!a-z]`, upper case apart. */
export function matchesGlob(name: string, pattern: string): boolean {
  return new RegExp(`^(?:${toRegex(pattern)})$`, 's').test(name);
}

function toRegex(pattern: string): string {
  return pattern.replaceAll(
    /\[(!?)([^\]]+)\]|[*?]|[.+^${}()|[\]\\]/g,
    (whole, not: string, set: string | undefined) => {
      if (set !== undefined) return `[${not === '!' ? '^' : ''}${set.replaceAll('\\', '\\\\')}]`;
      if (whole === '*') return '.*';
      return whole === '?' ? '.' : `\\${whole}`;
    },
  );
}
