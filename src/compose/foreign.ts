/** Reads other tools' files from disk, with the files that they name. */
import { readdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Difference } from '../compat/difference.ts';
import { configOf, readForeign } from '../compat/foreign.ts';
import type { ForeignIntent, ForeignIo } from '../compat/reader.ts';
import { longestText } from '../config/document.ts';
import { ConfigError } from '../config/mistake.ts';
import type { Config, RegistryConfig } from '../config/types.ts';
import { registerSecret } from '../http/redact.ts';
import type { CallOptions } from '../oci/ports.ts';
import { readUpTo } from './read-file.ts';
import type { Intent } from './sync-world.ts';

export interface ForeignOptions extends CallOptions {
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** `host[:port][/namespace]` that everything goes to, for files that do not say where. */
  readonly destination?: string | undefined;
  /** Names at the destination keep the source's host and path. */
  readonly scoped?: boolean;
  /** image-syncer's logins, where they are not beside its images. */
  readonly authFile?: string | undefined;
}

/** What another tool's file says; `undefined` where it is none, cannot be read, or is tranship's own. */
export async function readForeignFile(file: string, options: ForeignOptions): Promise<ForeignIntent | undefined> {
  const text = await textOf(file);
  if (text === undefined) return undefined;
  const found = await readForeign(text, file, foreignIo(file, options));
  for (const secret of found?.secrets.values() ?? []) registerSecret(secret.reveal());
  return found;
}

/** What it means for a run. */
export function intentOfForeign(
  found: ForeignIntent,
  file: string,
): Intent & { readonly differences: readonly Difference[] } {
  const variables = Object.fromEntries([...found.secrets].map(([name, secret]) => [name, secret.reveal()]));
  const config = withPlainHttp(configOf(found.file, file), found.mayBePlainHttp);
  return { config, file, variables, differences: found.differences };
}

/** A switch that skips certificates allows plain HTTP too in those tools, so that it is tried where no TLS is spoken. */
function withPlainHttp(config: Config, names: ReadonlySet<string>): Config {
  const registries = Object.entries(config.registries).map(([name, registry]): [string, RegistryConfig] => [
    name,
    names.has(name) ? { ...registry, mayBePlainHttp: true } : registry,
  ]);
  return { ...config, registries: Object.fromEntries(registries) };
}

export function foreignIo(
  file: string,
  { env = {}, destination, scoped = false, authFile, signal }: ForeignOptions,
): ForeignIo {
  return {
    env,
    destination,
    scoped,
    authFile: authFile === undefined ? undefined : resolve(authFile),
    signal,
    readText: (path) => textOf(resolve(dirname(file), path)),
    listFolder: (path) => readdir(resolve(dirname(file), path)).catch(() => undefined),
  };
}

/** The text of a file; `undefined` where there is none. */
export async function textOf(path: string): Promise<string | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readUpTo(path, { limit: longestText });
  } catch {
    return undefined; // Who needs the file says that it cannot be read, and why.
  }
  if (bytes.byteLength <= longestText) return new TextDecoder('utf-8').decode(bytes);
  throw new ConfigError(path, [
    { code: 'E_CONFIG_FILE', message: 'it is larger than 1 MiB, which no configuration is', at: { file: path } },
  ]);
}
