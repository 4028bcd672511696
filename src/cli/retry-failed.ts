import { readFile } from 'node:fs/promises';
import type { RunPart } from '../execute/run/run-options.ts';
import { failedItems } from '../report/exit-code.ts';
import { repositoryOf, tagOf } from '../report/reference.ts';
import { readReport } from '../report/schema.ts';
import { usageError } from './options.ts';

export interface FailedPart {
  readonly path: string;
  /** How many items of the report failed or were not reached. */
  readonly items: number;
  readonly only: RunPart;
}

/** Only what failed in a report: its tags, and the whole of what failed before any tag was known. */
export async function failedPart(path: string): Promise<FailedPart> {
  const reading = readReport(await textOf(path));
  if ('problem' in reading) throw usageError(`${path} is no report to go on from: ${reading.problem}.`);
  const failed = failedItems(reading.report);
  const stages = new Set(failed.map(({ stage }) => stage));
  const sources = new Set(failed.map(({ stage, source }) => `${stage} ${repositoryOf(source)}`));
  const tags = new Set(failed.map(({ stage, destination }) => `${stage} ${destination}`));
  const whole = new Set(
    failed
      .filter(({ destination }) => tagOf(destination) === '')
      .map(({ stage, destination }) => `${stage} ${destination}`),
  );
  // A stage whose repositories could not be listed has none by name.
  const unlisted = new Set(failed.filter(({ source }) => !source.includes('/')).map(({ stage }) => stage));
  const only: RunPart = {
    stage: (id) => stages.has(id),
    repository: (stage, _, location) => unlisted.has(stage.id) || sources.has(`${stage.id} ${location}`),
    item: ({ stage, destination }, target) =>
      unlisted.has(stage) || whole.has(`${stage} ${destination.location}`) || tags.has(`${stage} ${target}`),
  };
  return { path, items: failed.length, only };
}

function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw usageError(`The report ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  });
}
