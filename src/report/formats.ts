/** The files that a report can be written to; the name's ending tells which. */
import { csvOf } from './csv.ts';
import { htmlOf } from './html/page.ts';
import { junitOf } from './junit.ts';
import { markdownOf } from './markdown.ts';
import type { Report } from './report.ts';

export type ReportFormat = 'json' | 'junit' | 'csv' | 'markdown' | 'html';

const endings: Readonly<Record<string, ReportFormat>> = {
  json: 'json',
  xml: 'junit',
  csv: 'csv',
  md: 'markdown',
  markdown: 'markdown',
  html: 'html',
  htm: 'html',
};

export const reportFormats = ['json', 'html', 'markdown', 'csv', 'junit'] as const satisfies readonly ReportFormat[];

/** The endings that tell one of these formats, for messages. */
export function reportEndings(formats: readonly ReportFormat[]): readonly string[] {
  return Object.entries(endings).flatMap(([ending, format]) => (formats.includes(format) ? [`.${ending}`] : []));
}

export function reportFormatOf(file: string): ReportFormat | undefined {
  const ending = /\.([^./\\]+)$/.exec(file)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(endings, ending) ? endings[ending] : undefined;
}

export interface ReportFileFacts {
  /** Where the JSON report is written in the same run: what `--retry-failed` can start from. */
  readonly reportFile?: string;
}

export function renderReport(report: Report, format: ReportFormat, facts: ReportFileFacts = {}): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(report, null, 2)}\n`;
    case 'junit':
      return junitOf(report);
    case 'csv':
      return csvOf(report);
    case 'markdown':
      return markdownOf(report, facts.reportFile);
    case 'html':
      return htmlOf(report, facts.reportFile);
  }
}
