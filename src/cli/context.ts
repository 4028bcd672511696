import type { Io } from './io.ts';
import type { OptionValues } from './options.ts';
import type { Runtime } from './runtime.ts';

/** What a command gets. */
export interface CommandContext {
  readonly args: readonly string[];
  readonly options: OptionValues;
  readonly runtime: Runtime;
  readonly io: Io;
  /** Fires at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}
