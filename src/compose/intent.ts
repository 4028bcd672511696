/** Reads what is to be done: `tranship.yaml`, or another tool's file that is understood as it is. */
import { type LoadedConfig, loadConfig, readConfig } from '../config/load.ts';
import type { CallOptions } from '../oci/ports.ts';
import { type ForeignOptions, intentOfForeign, readStated } from './foreign.ts';
import { readUpTo } from './read-file.ts';
import type { Intent } from './sync-world.ts';

export { readUpTo } from './read-file.ts';

export interface IntentOptions extends CallOptions, Omit<ForeignOptions, 'env'> {
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Throws a `ConfigError` with every mistake at once. */
export async function loadIntent(file: string, options: IntentOptions): Promise<Intent> {
  const stated = await readStated(file, options);
  if (stated.kind === 'foreign') return intentOfForeign(stated.found, file);
  return { config: readConfig(stated.text, file, options).config, file };
}

/** Reads a `tranship.yaml` with the places of its values. */
export function loadConfigFile(file: string, options: IntentOptions): Promise<LoadedConfig> {
  return loadConfig(file, { ...options, readFile: readUpTo });
}
