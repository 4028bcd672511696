import { cancelRuns, mirrorStatuses } from '../../compose/quay/mirror.ts';
import type { CommandContext } from '../context.ts';
import { reportJobs, reportStatuses, withMirrors } from './quay-mirror-jobs.ts';

/** A dry run shows the mirrors as they are now; only those that run would be cancelled. */
export async function run(context: CommandContext): Promise<number> {
  const { options, runtime, signal } = context;
  return withMirrors(context, async (quay, place) => {
    if (!options.flag('dryRun')) return reportJobs(context, await cancelRuns(quay, place, { signal }));
    reportStatuses(context, await mirrorStatuses(quay, place, runtime.now(), { signal }));
    return 0;
  });
}
