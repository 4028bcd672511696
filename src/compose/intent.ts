/** Reads what is to be done: `tranship.yaml`, or another tool's file that is understood as it is. */
import { open } from 'node:fs/promises';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import type { CallOptions } from '../oci/ports.ts';
import type { Intent } from './sync-world.ts';

export interface IntentOptions extends CallOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Throws a `ConfigError` with every mistake at once. */
export async function loadIntent(file: string, options: IntentOptions): Promise<Intent> {
  const { config } = await loadConfigFile(file, options);
  return { config, file };
}

/** Reads a `tranship.yaml` with the places of its values. */
export function loadConfigFile(file: string, options: IntentOptions): Promise<LoadedConfig> {
  return loadConfig(file, { ...options, readFile: readUpTo });
}

/** At most `limit` bytes and one more, so that who reads can tell that there is more. */
export async function readUpTo(path: string, { limit }: { readonly limit: number }): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of handle.createReadStream({ end: limit, autoClose: false })) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
    }
    return Buffer.concat(chunks, size);
  } finally {
    await handle.close();
  }
}
