/** Lines of CSV (RFC 4180: CRLF at the end of every line, quotes doubled), under a line of titles. */
import { safeText } from '../kit/text.ts';

type Value = string | number | undefined;

/** The titles, and what each has of an item. */
export type Columns<Item> = Readonly<Record<string, (item: Item) => Value>>;

export function csvLines<Item>(columns: Columns<Item>, items: Iterable<Item>): string {
  const lines = [lineOf(Object.keys(columns))];
  for (const item of items) lines.push(lineOf(Object.values(columns).map((value) => value(item))));
  return lines.join('');
}

function lineOf(values: readonly Value[]): string {
  return `${values.map(fieldOf).join(',')}\r\n`;
}

function fieldOf(value: Value): string {
  const text = harmless(safeText(String(value ?? '')));
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Spreadsheets run what begins like a formula, and a registry chooses its words: such a text gets an apostrophe in front. */
function harmless(text: string): string {
  return /^[=+\-@]/.test(text) ? `'${text}` : text;
}
