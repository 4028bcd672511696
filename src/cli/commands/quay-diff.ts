import { openPair } from '../../compose/quay/pair.ts';
import { comparePair, type PairOutcome } from '../../compose/quay/pair-sync.ts';
import type { CommandContext } from '../context.ts';
import { exitCodeOfItems, exitDifference, exitDone } from '../exit-codes.ts';
import { planText } from '../plan-text.ts';
import { noteLines, objectLines, pairDocument } from '../quay/pair-lines.ts';
import { pairCommand, pairConnection } from '../quay/pair-options.ts';
import { warnTo } from '../session.ts';

export async function run(context: CommandContext): Promise<number> {
  const { options, io } = context;
  const { request, input } = await pairCommand(context);
  await using pair = await openPair(request, pairConnection(context, warnTo(context)));
  const outcome = await comparePair(pair, input);
  if (options.text('output') === 'json') io.json({ ...outcome.plan, quay: pairDocument(outcome) });
  else {
    for (const line of [
      ...objectLines(outcome.found, io.paint),
      ...planText(outcome.plan, context),
      ...noteLines(outcome),
    ])
      await io.answerSlowly(line);
  }
  const failures = outcome.plan.repositories.flatMap(({ failure }) => (failure ? [failure.failure] : []));
  if (failures.length > 0) return exitCodeOfItems(outcome.plan.repositories.length - failures.length, failures);
  return options.flag('exitCode') && differs(outcome) ? exitDifference : exitDone;
}

function differs({ plan: { totals }, found, notes, onlyThere, marks }: PairOutcome): boolean {
  const objects = found.objects.some(
    ({ objects: { plan }, settings }) => settings.length > 0 || plan.parts.some(({ changes }) => changes.length > 0),
  );
  const others = notes.gone.size + notes.kept.size + onlyThere.length + marks.length;
  return objects || others > 0 || totals.copy + totals.update + totals.prune + totals.blocked > 0;
}
