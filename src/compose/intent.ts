/** Reads what is to be done: `tranship.yaml`, or another tool's file that is understood as it is. */
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import type { CallOptions } from '../oci/ports.ts';
import { type ForeignOptions, intentOfForeign, readForeignFile } from './foreign.ts';
import { readUpTo } from './read-file.ts';
import type { Intent } from './sync-world.ts';

export { readUpTo } from './read-file.ts';

export interface IntentOptions extends CallOptions, Omit<ForeignOptions, 'env'> {
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Throws a `ConfigError` with every mistake at once. */
export async function loadIntent(file: string, options: IntentOptions): Promise<Intent> {
  const foreign = await readForeignFile(file, options);
  if (foreign !== undefined) return intentOfForeign(foreign, file);
  const { config } = await loadConfigFile(file, options);
  return { config, file };
}

/** Reads a `tranship.yaml` with the places of its values. */
export function loadConfigFile(file: string, options: IntentOptions): Promise<LoadedConfig> {
  return loadConfig(file, { ...options, readFile: readUpTo });
}
