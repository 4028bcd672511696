/** The items as CSV (RFC 4180: CRLF at the end of every line, quotes doubled), one line each under a line of titles. */
import { safeText } from '../kit/text.ts';
import type { Report, ReportItem } from './report.ts';

type Value = string | number | undefined;

const columns: Readonly<Record<string, (item: ReportItem) => Value>> = {
  stage: ({ stage }) => stage,
  source: ({ source }) => source,
  destination: ({ destination }) => destination,
  outcome: ({ outcome }) => outcome,
  digest: ({ digest }) => digest,
  previous: ({ previous }) => previous,
  reason: ({ reason }) => reason,
  started_at: ({ startedAt }) => startedAt,
  milliseconds: ({ milliseconds }) => milliseconds,
  bytes_moved: ({ bytesMoved }) => bytesMoved,
  bytes_mounted: ({ bytesMounted }) => bytesMounted,
  bytes_present: ({ bytesPresent }) => bytesPresent,
  passes: ({ passes }) => passes,
  error_code: ({ error }) => error?.code,
  error_side: ({ error }) => error?.side,
  error: ({ error }) => error?.message,
  server_said: ({ error }) => error?.serverSaid,
  hint: ({ error }) => error?.hint,
};

export function csvOf({ items }: Pick<Report, 'items'>): string {
  const titles = lineOf(Object.keys(columns));
  return [titles, ...items.map((item) => lineOf(Object.values(columns).map((value) => value(item))))].join('');
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
