import { pinnedWorld } from '../../compose/pinned-world.ts';
import { carryOut, type SyncInput, type SyncOutcome } from '../../compose/sync.ts';
import type { CommandContext } from '../context.ts';
import { csvIntent } from '../csv-intent.ts';
import { usageError } from '../options.ts';
import { startProgress } from '../progress/progress.ts';
import { type FailedPart, failedPart } from '../retry-failed.ts';
import { syncInput } from '../sync-input.ts';
import { reportFiles, tellRun, toldThoughStopped } from '../sync-outcome.ts';
import { withSync } from '../sync-session.ts';

export async function run(context: CommandContext): Promise<number> {
  const { options } = context;
  reportFiles(context);
  const report = options.text('retryFailed');
  const failed = report === undefined ? undefined : await failedPart(report);
  // What failed the last time is not the whole of a repository, so nothing is concluded from it for pruning.
  const part = failed === undefined ? { prunes: options.flag('prune') } : { only: failed.only, prunes: false };
  const outcome = await toldThoughStopped(context, (stopped) =>
    watched({ ...syncInput(context), ...part, stopped }, context),
  );
  if (failed !== undefined) requireRetried(failed, outcome);
  return tellRun(outcome, context);
}

/** Progress is shown until the run has ended; what came of it is told afterwards. */
async function watched(input: SyncInput, context: CommandContext): Promise<SyncOutcome> {
  using progress = startProgress(context);
  const csv = await csvIntent(context);
  return await withSync(
    context,
    progress.listen,
    (sync) => carryOut(csv === undefined ? sync : { ...sync, world: pinnedWorld(sync.world, csv.pins) }, input),
    csv?.intent,
  );
}

/** Where the configuration has nothing of what failed, nothing was tried again, and that is no success. */
function requireRetried({ path, items }: FailedPart, { plan }: SyncOutcome): void {
  if (items === 0 || plan.repositories.length > 0) return;
  throw usageError(
    `Nothing of what failed in ${path} is in ${plan.intent}.`,
    'Name the configuration that the report was made with, or run without --retry-failed.',
  );
}
