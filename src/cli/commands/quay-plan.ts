import { planQuay } from '../../compose/quay/state.ts';
import type { CommandContext } from '../context.ts';
import { exitDifference, exitDone } from '../exit-codes.ts';
import { openDeclaration } from '../quay/connection.ts';
import { planDocument, planLines, planSummary } from '../quay/plan-lines.ts';

/** Shows what `apply` would do. Also what `apply` itself does first, and all that it does with `--dry-run`. */
export async function run(context: CommandContext): Promise<number> {
  const { options, runtime, io, signal } = context;
  const { file, connection } = await openDeclaration(context);
  await using _ = connection;
  const found = await planQuay(connection, file, {
    env: runtime.env,
    now: runtime.now,
    prune: options.flag('prune'),
    maxDeletions: options.count('maxDeletions'),
    renewPasswords: options.flag('renewPasswords'),
    signal,
  });
  if (options.text('output') === 'json') io.json(planDocument(found));
  else for (const line of planLines(found, io.paint)) io.answer(line);
  io.note(planSummary(found));
  if (found.refusal !== undefined) throw found.refusal;
  const differs = found.held.length > 0 || found.plan.parts.some((part) => part.changes.length > 0);
  return options.flag('exitCode') && differs ? exitDifference : exitDone;
}
