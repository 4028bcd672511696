import { carryOut } from '../../compose.ts';
import type { CommandContext } from '../context.ts';
import { startProgress } from '../progress/progress.ts';
import { syncInput } from '../sync-input.ts';
import { tellRun } from '../sync-outcome.ts';
import { withSync } from '../sync-session.ts';

export async function run(context: CommandContext): Promise<number> {
  const { options } = context;
  using progress = startProgress(context);
  const outcome = await withSync(context, progress.listen, (sync) =>
    carryOut(sync, { ...syncInput(context), prunes: options.flag('prune') }),
  );
  return tellRun(outcome, context);
}
