/** Reads what is to be done: `tranship.yaml`, or another tool's file that is understood as it is. */
import { readConfig } from '../config/load.ts';
import type { CallOptions } from '../oci/ports.ts';
import { type ForeignOptions, intentOfForeign, readStated } from './foreign.ts';
import type { Intent } from './sync-world.ts';

export interface IntentOptions extends CallOptions, Omit<ForeignOptions, 'env'> {
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Throws a `ConfigError` with every mistake at once. */
export async function loadIntent(file: string, options: IntentOptions): Promise<Intent> {
  const stated = await readStated(file, options);
  if (stated.kind === 'foreign') return intentOfForeign(stated.found, file);
  return { config: readConfig(stated.text, file, options).config, file };
}
