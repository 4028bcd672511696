import { writeFile } from 'node:fs/promises';
import type { SyncOutcome } from '../compose/sync.ts';
import { TranshipError } from '../oci/errors.ts';
import { type ReportFormat, renderReport, reportEndings, reportFormatOf } from '../report/formats.ts';
import type { Report } from '../report/report.ts';
import { summaryLines } from '../report/summary.ts';
import type { CommandContext } from './context.ts';
import { usageError } from './options.ts';

interface ReportFile {
  readonly path: string;
  readonly format: ReportFormat;
}

/** The files of `--report`. Called before anything is done, so that an odd name is no surprise after hours. */
export function reportFiles({ options }: CommandContext): readonly ReportFile[] {
  return options.list('report').map((path) => {
    const format = reportFormatOf(path);
    if (format !== undefined) return { path, format };
    throw usageError(`What report to write to ${path} cannot be told.`, `End its name in ${reportEndings.join(', ')}.`);
  });
}

/** What a run came to, for who started it: the summary, the answer, the files. Returns the exit code. */
export async function tellRun({ report }: SyncOutcome, context: CommandContext): Promise<number> {
  const { options, io, runtime } = context;
  const files = reportFiles(context);
  const reportFile = files.find(({ format }) => format === 'json')?.path;
  for (const file of files) await write(file, report, reportFile);
  if (options.text('output') === 'json') io.json(report);
  const { columns } = runtime.stderr;
  const rendering = {
    paint: io.paintNote,
    ...(reportFile !== undefined && { reportFile }),
    ...(columns !== undefined && { width: columns }),
  };
  for (const line of summaryLines(report, rendering)) io.note(line);
  for (const { path } of files) io.note(`Report: ${path}`);
  return report.exitCode;
}

async function write({ path, format }: ReportFile, report: Report, reportFile: string | undefined): Promise<void> {
  const text = renderReport(report, format, reportFile === undefined ? {} : { reportFile });
  await writeFile(path, text).catch((cause: unknown) => {
    throw new TranshipError('E_NOT_WRITTEN', 'failed', 'The report cannot be written.', {
      subject: path,
      hint: 'Check the folder and its rights. What the run did stays done.',
      cause,
    });
  });
}
