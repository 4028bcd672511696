import { writeFile } from 'node:fs/promises';
import { planSync } from '../../compose/sync.ts';
import type { Plan } from '../../plan/types.ts';
import type { CommandContext } from '../context.ts';
import { exitCodeOfItems, exitDifference } from '../exit-codes.ts';
import { planText } from '../plan-text.ts';
import { warnTo } from '../session.ts';
import { syncInput } from '../sync-input.ts';
import { withSync } from '../sync-session.ts';

export async function run(context: CommandContext): Promise<number> {
  const { options, io } = context;
  const plan = await withSync(context, warnTo(context), (sync) => planSync(sync, syncInput(context)));
  const path = options.text('save');
  if (path !== undefined) await writeFile(path, `${JSON.stringify(plan, null, 2)}\n`);
  if (options.text('output') === 'json') io.json(plan);
  else for (const line of planText(plan, context)) await io.answerSlowly(line);
  return exitCodeOf(plan, options.flag('exitCode'));
}

function exitCodeOf({ repositories, totals }: Plan, tellsDifference: boolean): number {
  const failures = repositories.flatMap(({ failure }) => (failure === undefined ? [] : [failure.failure]));
  if (failures.length > 0) return exitCodeOfItems(repositories.length - failures.length, failures);
  const { copy, update, prune, blocked } = totals;
  return tellsDifference && copy + update + prune + blocked > 0 ? exitDifference : 0;
}
