import { mirrorStatuses } from '../../compose/quay/mirror.ts';
import type { CommandContext } from '../context.ts';
import { reportStatuses, withMirrors } from './quay-mirror-jobs.ts';

export function run(context: CommandContext): Promise<number> {
  const { runtime, signal } = context;
  return withMirrors(context, async (quay, place) =>
    reportStatuses(context, await mirrorStatuses(quay, place, runtime.now(), { signal })),
  );
}
