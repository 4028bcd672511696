import { readFile } from 'node:fs/promises';
import { loadIntent } from '../../compose/intent.ts';
import { carryOut, type SyncInput, type SyncOutcome } from '../../compose/sync.ts';
import type { Intent } from '../../compose/sync-world.ts';
import { readPlan } from '../../execute/run/plan-file.ts';
import { worksOfPlan } from '../../execute/run/plan-works.ts';
import type { Plan } from '../../plan/types.ts';
import { isThere } from '../config-path.ts';
import type { CommandContext } from '../context.ts';
import { usageError } from '../options.ts';
import { startProgress } from '../progress/progress.ts';
import { syncInput } from '../sync-input.ts';
import { reportFiles, tellRun, toldThoughStopped } from '../sync-outcome.ts';
import { withSync } from '../sync-session.ts';

export async function run(context: CommandContext): Promise<number> {
  const { args, options, runtime, signal } = context;
  const path = args[0] ?? '';
  const plan = readPlan(await textOf(path), path);
  const intent = await loadIntent(await configOf(plan, context), {
    env: runtime.env,
    signal,
    destination: options.text('to'),
    scoped: options.flag('scoped'),
  });
  reportFiles(context);
  const works = worksOfPlan(plan, intent.config);
  const outcome = await toldThoughStopped(context, (stopped) =>
    watched({ ...syncInput(context), works, stopped }, intent, context),
  );
  return tellRun(outcome, context);
}

/** Progress is shown until the run has ended; what came of it is told afterwards. */
async function watched(input: SyncInput, intent: Intent, context: CommandContext): Promise<SyncOutcome> {
  using progress = startProgress(context);
  return await withSync(context, progress.listen, (sync) => carryOut(sync, input), intent);
}

/** The configuration that the plan was made from, which may be elsewhere, or have been piped in. */
async function configOf({ intent }: Plan, { options }: CommandContext): Promise<string> {
  const named = options.text('config');
  if (named !== undefined) return named;
  if (intent !== '-' && (await isThere(intent))) return intent;
  throw usageError(`The plan was made from ${intent}, which is not here.`, 'Name the configuration with --config.');
}

function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw usageError(`The plan ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  });
}
