/** The files of `--report`, whose names say what is written to them. */
import { accessSync, constants } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TranshipError } from '../oci/errors.ts';
import { type ReportFormat, reportEndings, reportFormatOf } from '../report/formats.ts';
import type { CommandContext } from './context.ts';
import { usageError } from './options.ts';

export interface ReportFile<Format extends ReportFormat> {
  readonly path: string;
  readonly format: Format;
}

/** Called before anything is done, so that an odd name is no surprise after hours. Throws `E_USAGE` and `E_NOT_WRITTEN`. */
export function reportFiles<Format extends ReportFormat>(
  { options }: CommandContext,
  formats: readonly Format[],
): readonly ReportFile<Format>[] {
  return options.list('report').map((path) => {
    const found = reportFormatOf(path);
    const format = formats.find((one) => one === found);
    if (format !== undefined) {
      checkFolderOf(path);
      return { path, format };
    }
    const hint = `End its name in ${reportEndings(formats).join(', ')}.`;
    throw usageError(`What report to write to ${path} cannot be told.`, hint);
  });
}

/** Throws `E_NOT_WRITTEN` where nothing can be written beside `path`. */
export function checkFolderOf(path: string): void {
  const folder = dirname(path);
  try {
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw new TranshipError('E_NOT_WRITTEN', 'usage', `Nothing can be written into ${folder}, so nothing was begun.`, {
      subject: path,
      hint: 'Make the folder, or check its rights.',
      cause,
    });
  }
}

/** A text may come in pieces. One that cannot be written keeps no other from it; then `E_NOT_WRITTEN` is thrown. */
export async function writeReports<Format extends ReportFormat>(
  files: readonly ReportFile<Format>[],
  render: (format: Format) => string | Iterable<string>,
): Promise<void> {
  const failures: unknown[] = [];
  for (const { path, format } of files) {
    await writeReport(path, render(format)).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}

export function tellReports(files: readonly ReportFile<ReportFormat>[], { io }: CommandContext): void {
  for (const { path } of files) io.note(`Report: ${path}`);
}

async function writeReport(path: string, text: string | Iterable<string>): Promise<void> {
  await writeFile(path, text).catch((cause: unknown) => {
    throw new TranshipError('E_NOT_WRITTEN', 'failed', 'The report cannot be written.', {
      subject: path,
      hint: 'Check the folder and its rights. What was done stays done.',
      cause,
    });
  });
}
