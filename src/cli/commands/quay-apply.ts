import { applyQuay, planQuay } from '../../compose/quay/state.ts';
import type { ChangeResult } from '../../quay/declared/run.ts';
import type { CommandContext } from '../context.ts';
import { exitCodeOfItems } from '../exit-codes.ts';
import { openDeclaration } from '../quay/connection.ts';
import { changeLine, planSummary, reportDocument } from '../quay/plan-lines.ts';
import { errorLines } from '../render-error.ts';
import { run as showPlan } from './quay-plan.ts';

export async function run(context: CommandContext): Promise<number> {
  const { options, runtime, io, signal } = context;
  if (options.flag('dryRun')) return showPlan(context);
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
  io.note(planSummary(found));
  for (const { object, message } of found.plan.parts.flatMap((part) => part.remarks)) io.warn(`${object}: ${message}`);
  const asJson = options.text('output') === 'json';
  const results = await applyQuay(connection, found, {
    signal,
    onResult: (result) => {
      if (!asJson && result.outcome === 'done') io.answer(changeLine(result.change, io.paint).trim());
      tell(result, context);
    },
  });
  if (asJson) io.json(reportDocument(found.plan.server, results));
  const failures = results.filter(({ outcome }) => outcome === 'failed');
  const skipped = results.filter(({ outcome }) => outcome === 'skipped').length;
  if (failures.length + skipped > 0) io.note(`${failures.length} failed, ${skipped} skipped, the rest is done.`);
  const classes = failures.flatMap(({ error }) => (error === undefined ? [] : [error.failure]));
  return exitCodeOfItems(results.length - failures.length - skipped, classes);
}

function tell({ change, outcome, error, because }: ChangeResult, { io }: CommandContext): void {
  if (error !== undefined) {
    for (const line of errorLines({ ...error, message: `${change.object}: ${error.message}` }, io.paintNote))
      io.error(line);
  }
  if (outcome === 'skipped') io.error(`• ${change.object} was skipped: ${because ?? ''}`);
}
