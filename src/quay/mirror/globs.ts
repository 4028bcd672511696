/** Tag patterns as Quay's mirror worker reads them: Python's `fnmatch` over the whole name, upper case apart. */
import { compileRegex, type Pattern, PatternError } from '../../kit/pattern.ts';

/**
 * `*` anything, `?` one character, `[abc]` and `[!abc]` one of a set; all else stands for itself. A pattern that cannot be
 * compiled stands for no tag.
 */
export function tagGlob(source: string): Pattern {
  try {
    return compileRegex(source.replaceAll(/\[!?\]?[^\]]*\]|[\s\S]/g, translated));
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return { matches: () => false, capture: () => undefined };
  }
}

function translated(token: string): string {
  if (token === '*') return '.*';
  if (token === '?') return '.';
  if (token.length === 1) return token.replace(/[.+^${}()|[\]\\]/, '\\$&');
  const negated = token.startsWith('[!');
  const members = token.slice(negated ? 2 : 1, -1).replace(/[\\[\]^&~]/g, '\\$&');
  return `[${negated ? '^' : ''}${members}]`;
}

/** Whether whoever wrote it was thinking of regular expressions: signs that no tag can hold, or `.*`. */
export function looksLikeRegex(glob: string): boolean {
  return /\.[*+]|[\\^$|()+]|\{\d*,?\d*\}/.test(glob);
}
