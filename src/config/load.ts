import type { CallOptions } from '../oci/ports.ts';
import { crossCheck } from './check.ts';
import { longestText, type ParsedText, parseText } from './document.ts';
import { mistakesOf } from './issues.ts';
import { ConfigError, type Mistake } from './mistake.ts';
import { normalise } from './normalise.ts';
import { configSchema } from './schema.ts';
import type { Config } from './types.ts';

export interface LoadOptions extends CallOptions {
  /** Reads at most `limit` bytes of a file, and one more where there are more. Throws what the file system throws. */
  readFile(path: string, options: CallOptions & { readonly limit: number }): Promise<Uint8Array>;
}

export interface ReadOptions {
  /** The environment that `{env: NAME}` is looked up in; absent = whether variables are set is not checked. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface LoadedConfig {
  readonly file: string;
  readonly config: Config;
  /** The text it was read from, for telling where a value comes from. */
  readonly text: ParsedText;
}

/**
 * Reads a configuration from its text; `file` names it in messages. Throws a `ConfigError` that tells every mistake at once, each
 * with file, line and column.
 */
export function readConfig(content: string, file: string, options: ReadOptions = {}): LoadedConfig {
  if (Buffer.byteLength(content) > longestText) throw new ConfigError(file, [tooLarge(file)]);
  const text = parseText(content, file);
  const parsed = configSchema.safeParse(text.value ?? {});
  const form =
    text.value === null || text.value === undefined ? [empty(file)] : mistakesOf(parsed.error?.issues ?? [], text);
  const mistakes = [...text.mistakes, ...(text.mistakes.length > 0 ? [] : [...form, ...crossCheck(text, options)])];
  if (mistakes.length > 0 || !parsed.success) throw new ConfigError(file, mistakes);
  return { file, config: normalise(parsed.data), text };
}

/** The text of a configuration file. Throws a `ConfigError` where it cannot be read or is no text. */
export async function readConfigText(file: string, { readFile, signal }: LoadOptions): Promise<string> {
  const bytes = await readFile(file, { limit: longestText, signal }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw new ConfigError(file, [{ code: 'E_CONFIG_FILE', message: unreadable(error), at: { file } }]);
  });
  if (bytes.byteLength > longestText) throw new ConfigError(file, [tooLarge(file)]);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigError(file, [{ code: 'E_CONFIG_FILE', message: 'it is not UTF-8', at: { file } }]);
  }
}

function unreadable(error: unknown): string {
  const code = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'it may not be read';
  if (code === 'EISDIR') return 'it is a folder';
  return `it cannot be read (${error instanceof Error ? error.message : String(error)})`;
}

function tooLarge(file: string): Mistake {
  return { code: 'E_CONFIG_FILE', message: 'it is larger than 1 MiB, which no configuration is', at: { file } };
}

function empty(file: string): Mistake {
  return {
    code: 'E_CONFIG_FILE',
    message: 'it is empty',
    hint: '`tranship init` writes one to start from.',
    at: { file },
  };
}
