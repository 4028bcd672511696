import type { ResponseHeaders } from '../http/types.ts';

/** The specification's bound for all warnings of one answer. */
const longestWarnings = 4096;
const warningPattern = /299 (?:-|[^\s"]+) "((?:[^"\\]|\\.)*)"/g;

/** The texts of `Warning: 299 - "…"` headers: shown to the user, never acted upon (distribution-spec, "Warnings"). */
export function warningsOf(headers: ResponseHeaders): string[] {
  const text = headers.get('warning')?.slice(0, longestWarnings);
  if (text === undefined) return [];
  return [...text.matchAll(warningPattern)].map(([, quoted]) => (quoted ?? '').replace(/\\(.)/g, '$1'));
}
