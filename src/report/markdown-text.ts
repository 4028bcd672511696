/** Pieces of GitHub's Markdown, in which no text of a stranger is more than text. */
import { safeText } from '../kit/text.ts';

/** Lines of a table; GitHub shows a summary of up to one megabyte. */
export const rowsShown = 50;

export function folded(title: string, content: string | undefined): readonly string[] {
  return content === undefined ? [] : [`<details><summary>${title}</summary>`, content, '</details>'];
}

export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const left = rows.length - rowsShown;
  const more = left > 0 ? [line([`… and ${left} more`, ...titles.slice(1).map(() => '')])] : [];
  return [line(titles), line(titles.map(() => '---')), ...rows.slice(0, rowsShown).map(line), ...more].join('\n');
}

/**
 * A stranger's text as code: there nothing is a link, an image, a mention or HTML. A fence longer than any inside keeps it
 * closed, and a pipe is escaped, because tables are cut before code is read.
 */
export function code(text: string): string {
  const safe = safeText(text);
  if (safe.trim() === '') return '';
  const longest = Math.max(0, ...(safe.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  const space = longest > 0 ? ' ' : '';
  return `${fence}${space}${safe.replaceAll('|', '\\|')}${space}${fence}`;
}

/** Words of ours that may hold a stranger's name: every sign that Markdown reads stands for itself. */
export function plain(text: string): string {
  return safeText(text)
    .replace(/[\\`*_{}[\]#|~:]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '&#64;')
    .replaceAll('www.', 'www\\.');
}
