/** The items as CSV, one line each. */
import { type Columns, csvLines } from './csv-lines.ts';
import type { Report, ReportItem } from './report.ts';

const columns: Columns<ReportItem> = {
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
  return csvLines(columns, items);
}
