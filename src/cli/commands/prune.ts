import { carryOut, planSync } from '../../compose/sync.ts';
import { countText } from '../../kit/quantity.ts';
import { TranshipError } from '../../oci/errors.ts';
import type { Plan, RepositoryPlan } from '../../plan/types.ts';
import { confirm } from '../confirm.ts';
import type { CommandContext } from '../context.ts';
import { exitCodeOfPlan } from '../plan-exit-code.ts';
import { planText } from '../plan-text.ts';
import { warnTo } from '../session.ts';
import { syncInput } from '../sync-input.ts';
import { reportFiles, tellRun } from '../sync-outcome.ts';
import { intentOf, withSync } from '../sync-session.ts';

export async function run(context: CommandContext): Promise<number> {
  const { options, io } = context;
  reportFiles(context);
  const intent = await intentOf(context);
  if (!intent.config.stages.some(({ prune }) => prune !== undefined)) throw nothingSaysPrune(intent.file);
  return withSync(
    context,
    warnTo(context),
    async (sync) => {
      const input = { ...syncInput(context), copies: false };
      const plan = await planSync(sync, input);
      for (const line of planText(onlyPrunes(plan), context)) io.answer(line);
      const { prune } = plan.totals;
      const shown = new Set(plan.repositories.flatMap(removalsOf));
      if (prune === 0 || options.flag('dryRun')) return exitCodeOfPlan(plan);
      if (!(await confirm(context, `Remove ${countText(prune, 'tag')}?`))) throw declined();
      const item = ({ stage }: RepositoryPlan, target: string) => shown.has(`${stage} ${target}`);
      return tellRun(await carryOut(sync, { ...input, only: { ...input.only, item } }), context);
    },
    intent,
  );
}

/** What the plan is about here; that something would be copied too is for `plan` to say. */
function onlyPrunes(plan: Plan): Plan {
  const repositories = plan.repositories.map((one) => ({
    ...one,
    items: one.items.filter(({ action }) => action === 'prune'),
  }));
  const { bytes: _, ...totals } = plan.totals;
  return { ...plan, repositories, totals: { ...totals, copy: 0, update: 0, blocked: 0 } };
}

function removalsOf({ stage, destination, items }: RepositoryPlan): readonly string[] {
  const prunes = items.filter(({ action }) => action === 'prune');
  return prunes.map(({ target }) => `${stage} ${destination.location}:${target}`);
}

function nothingSaysPrune(file: string): TranshipError {
  return new TranshipError('E_NO_PRUNE', 'usage', 'No stage of the configuration has `prune`.', {
    subject: file,
    hint: 'Write `prune: {after: 7d, max: 10%}` into the stages that may remove tags.',
  });
}

function declined(): TranshipError {
  return new TranshipError('E_NOT_CONFIRMED', 'cancelled', 'Nothing was removed.');
}
