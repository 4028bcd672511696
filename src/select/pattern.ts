import type { NamePattern, TagPattern } from '../config/types.ts';
import { compileGlob, compileRegex, type Pattern } from '../kit/pattern.ts';

/** Throws a `PatternError` for a pattern that cannot be read, which a checked configuration does not hold. */
export function compilePattern(pattern: TagPattern | NamePattern): Pattern {
  if ('name' in pattern) return exactly(pattern.name);
  return 'glob' in pattern ? compileGlob(pattern.glob) : compileRegex(pattern.regex);
}

/** Whether any of the patterns takes the text. */
export function anyOf(patterns: readonly (TagPattern | NamePattern)[]): (text: string) => boolean {
  const compiled = patterns.map(compilePattern);
  return (text) => compiled.some((pattern) => pattern.matches(text));
}

/** As a person would write it. */
export function describePattern(pattern: TagPattern | NamePattern): string {
  if ('name' in pattern) return `"${pattern.name}"`;
  return 'glob' in pattern ? `"${pattern.glob}"` : `regex "${pattern.regex}"`;
}

function exactly(name: string): Pattern {
  return { matches: (text) => text === name, capture: (text) => (text === name ? text : undefined) };
}
