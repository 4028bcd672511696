/** What the commands that start, await and show runs of mirrors have in common. */
import { awaitRuns, connectMirrors, startRuns } from '../../compose/quay/mirror.ts';
import { systemClock } from '../../kit/clock.ts';
import type { Secret } from '../../kit/secret.ts';
import { safeText } from '../../kit/text.ts';
import type { QuayClient } from '../../quay/client.ts';
import type { JobOutcome } from '../../quay/mirror/jobs.ts';
import type { MirrorStatus } from '../../quay/mirror/status.ts';
import type { CommandContext } from '../context.ts';
import { exitCodeOfItems } from '../exit-codes.ts';
import { errorLines } from '../render-error.ts';
import { tableLines } from '../terminal/table.ts';
import { type QuayPlace, quayConnection, quayPlace, secondsOf, secretFrom } from './quay-mirror-options.ts';

/** Connects to the Quay that the command's one argument names. */
export async function withMirrors<T>(
  context: CommandContext,
  work: (quay: QuayClient, place: QuayPlace) => Promise<T>,
  at?: QuayPlace,
  token?: Secret,
): Promise<T> {
  const place = at ?? quayPlace(context.args[0] ?? '');
  const known = token ?? (await secretFrom(context, 'tokenEnv', 'tokenFile'));
  await using connection = await connectMirrors({ ...quayConnection(context), server: place.server, token: known });
  return await work(connection.quay, place);
}

/** Starts every mirror of `at`, and with `--wait` waits for them. */
export function runAndReport(context: CommandContext, at?: QuayPlace, token?: Secret): Promise<number> {
  const { options, signal, io } = context;
  const timeout = (secondsOf(options, 'waitTimeout', 1) ?? 1800) * 1000;
  return withMirrors(
    context,
    async (quay, place) => {
      const started = await startRuns(quay, place, { signal });
      const code = reportJobs(context, started);
      const running = started.filter(({ result }) => result !== 'failed').map(({ repository }) => repository);
      if (!options.flag('wait') || running.length === 0) return code;
      const told = (open: number, all: number) => {
        if (open > 0) io.debug(`${open} of ${all} mirrors are not done yet.`);
      };
      io.note(`Waiting for ${running.length} mirrors.`);
      const statuses = await awaitRuns(quay, running, { clock: systemClock, timeout, tell: told, signal });
      return reportStatuses(context, statuses) || code;
    },
    at,
    token,
  );
}

export function reportJobs({ io, options }: CommandContext, outcomes: readonly JobOutcome[]): number {
  if (options.text('output') !== 'json') {
    for (const { repository, result } of outcomes) io.answer(safeText(`${repository}  ${result}`));
  } else if (!options.flag('wait')) {
    io.json({ apiVersion: 'tranship/v1', kind: 'QuayMirrorJobs', items: outcomes.map(plainOutcome) });
  }
  for (const { error } of outcomes) {
    if (error !== undefined) for (const line of errorLines(error, io.paintNote)) io.error(line);
  }
  const failures = outcomes.flatMap(({ error }) => (error === undefined ? [] : [error.failure]));
  return exitCodeOfItems(outcomes.length - failures.length, failures);
}

function plainOutcome({ repository, result, error }: JobOutcome): object {
  return { repository, result, ...(error && { error: { code: error.code, message: error.message } }) };
}

/** 0 where none failed, 3 where some did, 1 where all did. */
export function reportStatuses({ io, options }: CommandContext, statuses: readonly MirrorStatus[]): number {
  if (options.text('output') === 'json') {
    io.json({ apiVersion: 'tranship/v1', kind: 'QuayMirrorStatus', items: statuses });
  } else if (statuses.length === 0) io.note('There is no mirror here.');
  else for (const line of tableLines(columns, statuses)) io.answer(line);
  const failed = statuses.filter(({ status }) => status === 'FAIL');
  return exitCodeOfItems(
    statuses.length - failed.length,
    failed.map(() => 'failed' as const),
  );
}

const columns = [
  { title: 'REPOSITORY', value: ({ repository }: MirrorStatus) => safeText(repository) },
  { title: 'STATUS', value: ({ status, enabled }: MirrorStatus) => (enabled ? status : `${status} (off)`) },
  { title: 'NEXT RUN', value: ({ next }: MirrorStatus) => next ?? '-' },
  { title: 'FROM', value: ({ from }: MirrorStatus) => safeText(from) },
  { title: 'WHY', value: ({ failure }: MirrorStatus) => safeText(whyOf(failure)) },
];

function whyOf(failure: MirrorStatus['failure']): string {
  if (failure === undefined) return '';
  return failure.tags.length === 0 ? failure.reason : `${failure.reason} (${failure.tags.join(', ')})`;
}
