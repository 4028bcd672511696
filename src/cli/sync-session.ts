import { formatDifference } from '../compat/difference.ts';
import { loadIntent } from '../compose/intent.ts';
import { openSync, type SyncSession } from '../compose/sync.ts';
import type { Intent } from '../compose/sync-world.ts';
import { didYouMean } from '../config/suggest.ts';
import type { EventListener } from '../report/events.ts';
import { configPath } from './config-path.ts';
import type { CommandContext } from './context.ts';
import { usageError } from './options.ts';
import { sessionOptions } from './session.ts';

/** Opens the registries of the configuration that the command line names, and closes them afterwards. */
export async function withSync<T>(
  context: CommandContext,
  listen: EventListener,
  work: (sync: SyncSession) => Promise<T>,
  intent?: Intent,
): Promise<T> {
  const found = intent ?? (await intentOf(context));
  requireStages(found, context);
  const { env = {}, ...session } = sessionOptions(context, listen);
  tellDifferences(found, context);
  await using sync = await openSync(found, { ...session, env: { ...env, ...found.variables } });
  return await work(sync);
}

/** A stage that is misspelt is none, and a run of no stage would be a success. */
function requireStages({ config, file }: Intent, { options }: CommandContext): void {
  const known = config.stages.map(({ id }) => id);
  const stray = options.list('stage').find((id) => !known.includes(id));
  if (stray === undefined) return;
  const hint = didYouMean(stray, known) ?? `Stages are ${known.slice(0, 10).join(', ')}.`;
  throw usageError(`${file} has no stage "${stray}".`, hint);
}

/** Reads the configuration. Throws with every mistake in it. */
export async function intentOf(context: CommandContext, argument?: string): Promise<Intent> {
  const { options, runtime, signal } = context;
  return loadIntent(await configPath(context, argument), {
    env: runtime.env,
    signal,
    destination: options.text('to'),
    scoped: options.flag('scoped'),
  });
}

/** In what another tool's file means something else here: what only has other words is worth no warning. */
export function tellDifferences({ differences = [] }: Intent, { io }: CommandContext): void {
  for (const difference of differences) {
    if (difference.weight === 'note') io.debug(formatDifference(difference));
    else io.warn(formatDifference(difference));
  }
}
