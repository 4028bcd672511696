/** Reads other tools' files from disk, with the files that they name. */
import { readdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Difference } from '../compat/difference.ts';
import { configOf, readForeign } from '../compat/foreign.ts';
import { identify } from '../compat/identify.ts';
import type { OtherFile } from '../compat/other-files.ts';
import type { ForeignIntent, ForeignIo } from '../compat/reader.ts';
import { longestText } from '../config/document.ts';
import { readConfigText } from '../config/load.ts';
import { ConfigError } from '../config/mistake.ts';
import type { Config, RegistryConfig } from '../config/types.ts';
import { registerSecret } from '../http/redact.ts';
import { countText } from '../kit/quantity.ts';
import { TranshipError } from '../oci/errors.ts';
import type { CallOptions } from '../oci/ports.ts';
import { readUpTo } from './read-file.ts';
import { isFolder, type Survey, surveyFolder } from './survey.ts';
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

/** What a file says that states an intent: another tool's, or the text of a `tranship.yaml`. */
export type StatedIntent =
  | { readonly kind: 'foreign'; readonly found: ForeignIntent }
  | { readonly kind: 'own'; readonly text: string };

/**
 * Reads a file that states an intent. Throws a `ConfigError` with every mistake at once, and for what is none: what it is
 * instead.
 */
export async function readStated(file: string, options: ForeignOptions): Promise<StatedIntent> {
  const { signal } = options;
  if (await isFolder(file)) throw folderError(file, await surveyFolder(file, { signal }));
  const text = await readConfigText(file, { readFile: readUpTo, signal });
  const identity = identify(text);
  if (identity.kind === 'other') throw otherError(file, identity);
  if (identity.kind === 'own') return { kind: 'own', text };
  const found = await readForeign(text, file, foreignIo(file, options));
  if (found === undefined) throw new Error('a file that was recognised has no reader');
  for (const secret of found.secrets.values()) registerSecret(secret.reveal());
  return { kind: 'foreign', found };
}

function otherError(file: string, { what, hint = known }: OtherFile): ConfigError {
  const message = `it is ${what}`;
  return new ConfigError(file, [{ code: 'E_CONFIG_FILE', message, hint: hint.replaceAll('FILE', file), at: { file } }]);
}

const known = 'Known are tranship.yaml and the files of regsync, skopeo sync, dregsy, image-syncer and run-reposync.';

/** Says of each file in the folder what it is, and names one that can be used. */
function folderError(folder: string, { files, others }: Survey): TranshipError {
  const usable = files.filter(({ takes }) => takes !== 'no');
  const first = usable[0];
  const more = others > 0 ? [`  and ${countText(others, 'other file')}`] : [];
  const lines = files.map(({ file, what }) => `  ${file}: ${what}`);
  const message =
    files.length === 0 ? `"${folder}" is a folder without any configuration.` : `"${folder}" is a folder. In it:`;
  return new TranshipError('E_CONFIG', 'usage', [message, ...lines, ...more].join('\n'), {
    subject: folder,
    hint:
      first === undefined ? known : `Name one of them: ${first.file}${first.takes === 'with --to' ? ' --to HOST' : ''}`,
  });
}

/** What it means for a run. */
export function intentOfForeign(
  found: ForeignIntent,
  file: string,
): Intent & { readonly differences: readonly Difference[] } {
  const variables = Object.fromEntries([...found.secrets].map(([name, secret]) => [name, secret.reveal()]));
  const config = withPlainHttp(configOf(found.file, file), found.mayBePlainHttp);
  return { config, file, readAs: found.tool, variables, differences: found.differences };
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

/** A list of every tag of a large registry, with digests and times, is some ten megabytes. */
export const longestCsv = 256 * 1024 * 1024;

/** The text of a file; `undefined` where there is none. Throws a `ConfigError` for what is larger than `limit`, or no text. */
export async function textOf(path: string, limit: number = longestText): Promise<string | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readUpTo(path, { limit });
  } catch {
    return undefined; // Who needs the file says that it cannot be read, and why.
  }
  if (bytes.byteLength > limit) throw unreadable(path, `it is larger than ${limit / 1024 / 1024} MiB`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unreadable(path, 'it is not UTF-8');
  }
}

function unreadable(file: string, message: string): ConfigError {
  return new ConfigError(file, [{ code: 'E_CONFIG_FILE', message, at: { file } }]);
}
