import { pinnedWorld } from '../../compose/pinned-world.ts';
import { carryOut, type SyncInput, type SyncOutcome } from '../../compose/sync.ts';
import type { CommandContext } from '../context.ts';
import { csvIntent } from '../csv-intent.ts';
import { startProgress } from '../progress/progress.ts';
import { failedPart } from '../retry-failed.ts';
import { syncInput } from '../sync-input.ts';
import { reportFiles, tellRun } from '../sync-outcome.ts';
import { withSync } from '../sync-session.ts';

export async function run(context: CommandContext): Promise<number> {
  const { options } = context;
  reportFiles(context);
  const input = await sayingOnly(syncInput(context), options.text('retryFailed'), options.flag('prune'));
  return tellRun(await watched(input, context), context);
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

/** What failed the last time is not the whole of a repository, so nothing is concluded from it for pruning. */
async function sayingOnly(input: SyncInput, report: string | undefined, prunes: boolean): Promise<SyncInput> {
  if (report === undefined) return { ...input, prunes };
  return { ...input, only: await failedPart(report), prunes: false };
}
