import { openPair } from '../../compose/quay/pair.ts';
import { syncPair } from '../../compose/quay/pair-sync.ts';
import type { CommandContext } from '../context.ts';
import { startProgress } from '../progress/progress.ts';
import { noteLines, objectLines, pairDocument } from '../quay/pair-lines.ts';
import { pairCommand, pairConnection } from '../quay/pair-options.ts';
import { checkPullSecrets, tellPullSecrets } from '../quay/pull-secrets.ts';
import { reportFiles, tellRun } from '../sync-outcome.ts';

export async function run(context: CommandContext): Promise<number> {
  const { options, io } = context;
  reportFiles(context);
  const { request, input } = await pairCommand(context);
  checkPullSecrets(context, request.destinations.length);
  using progress = startProgress(context);
  await using pair = await openPair(request, {
    ...pairConnection(context, progress.listen),
    onReady: ({ name, host }) => io.debug(`${name}: ${host} answers, and takes token and login`),
  });
  const outcome = await syncPair(pair, {
    ...input,
    dryRun: options.flag('dryRun'),
    onFound: (found) => {
      for (const line of objectLines(found, io.paintNote)) io.note(line);
    },
    onObject: (side, { change, outcome: became, error, because }) => {
      if (became === 'done') return;
      io.warn(
        `${side.host}: ${change.object} was not ${change.action === 'update' ? 'changed' : 'made'}: ${error?.message ?? because ?? 'for no reason that was told'}`,
      );
    },
  });
  for (const line of noteLines(outcome)) io.note(line);
  const report = { ...outcome.report, exitCode: outcome.exitCode, quay: pairDocument(outcome) };
  await tellRun({ report }, context);
  for (const { host, change, error } of outcome.marks) {
    if (error)
      io.warn(`${host}/${change.repository}:${change.tag}: its expiry or lock could not be set: ${error.message}`);
  }
  await tellPullSecrets(pair, outcome, context);
  return outcome.exitCode;
}
