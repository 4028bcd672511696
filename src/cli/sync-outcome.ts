import type { SyncOutcome } from '../compose/sync.ts';
import { type ReportFormat, renderReport, reportFormats } from '../report/formats.ts';
import type { Report } from '../report/report.ts';
import { summaryLines } from '../report/summary.ts';
import type { CommandContext } from './context.ts';
import { reportFiles as filesOf, type ReportFile, tellReports, writeReports } from './report-files.ts';

/** The files of a run's report, see {@link filesOf}. */
export function reportFiles(context: CommandContext): readonly ReportFile<ReportFormat>[] {
  return filesOf(context, reportFormats);
}

/** Does `work`. Where it is stopped, what was done until then is told before the error that stops the command. */
export async function toldThoughStopped<T>(
  context: CommandContext,
  work: (stopped: (report: Report) => void) => Promise<T>,
): Promise<T> {
  let report: Report | undefined;
  try {
    return await work((partial) => {
      report = partial;
    });
  } catch (error) {
    if (report !== undefined) await tellRun({ report }, context);
    throw error;
  }
}

/** What a run came to, for who started it: the summary, the answer, the files. Returns the exit code. */
export async function tellRun({ report }: Pick<SyncOutcome, 'report'>, context: CommandContext): Promise<number> {
  const { options, io, runtime } = context;
  const files = reportFiles(context);
  const reportFile = files.find(({ format }) => format === 'json')?.path;
  const facts = reportFile === undefined ? {} : { reportFile };
  if (options.text('output') === 'json') io.json(report);
  const { columns } = runtime.stderr;
  const rendering = { paint: io.paintNote, ...facts, ...(columns !== undefined && { width: columns }) };
  for (const line of summaryLines(report, rendering)) io.note(line);
  // Last: what was done is told also where a file cannot be written.
  await writeReports(files, (format) => renderReport(report, format, facts));
  tellReports(files, context);
  return report.exitCode;
}
