import { mirrorStatuses } from '../../compose/quay/mirror.ts';
import type { CommandContext } from '../context.ts';
import { reportStatuses, runAndReport, withMirrors } from './quay-mirror-jobs.ts';

/** A dry run shows the mirrors that would be started, as they are now. */
export async function run(context: CommandContext): Promise<number> {
  const { options, runtime, signal } = context;
  if (!options.flag('dryRun')) return runAndReport(context);
  await withMirrors(context, async (quay, place) =>
    reportStatuses(context, await mirrorStatuses(quay, place, runtime.now(), { signal })),
  );
  return 0;
}
