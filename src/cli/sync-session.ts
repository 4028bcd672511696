import { type Intent, loadIntent, openSync, type SyncSession } from '../compose.ts';
import type { EventListener } from '../report/events.ts';
import { configPath } from './config-path.ts';
import type { CommandContext } from './context.ts';
import { sessionOptions } from './session.ts';

/** Opens the registries of the configuration that the command line names, and closes them afterwards. */
export async function withSync<T>(
  context: CommandContext,
  listen: EventListener,
  work: (sync: SyncSession) => Promise<T>,
  intent?: Intent,
): Promise<T> {
  await using sync = await openSync(intent ?? (await intentOf(context)), sessionOptions(context, listen));
  return await work(sync);
}

/** Reads the configuration. Throws with every mistake in it. */
export async function intentOf(context: CommandContext): Promise<Intent> {
  const { runtime, signal } = context;
  return loadIntent(await configPath(context), { env: runtime.env, signal });
}
