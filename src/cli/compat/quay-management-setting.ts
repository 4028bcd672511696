import { resolve } from 'node:path';
import { type ManagementConfig, readManagementConfig, type Side, withKey } from '../../compat/quay-management.ts';
import type { QuayConnection } from '../../compose/quay/connect.ts';
import { connectLive } from '../../compose/quay/live.ts';
import { parseSecretTokens, readTextFile, writePrivateFile, writeTextFile } from '../../compose/quay/token-file.ts';
import { registerSecret } from '../../compose/secrets.ts';
import { Secret } from '../../kit/secret.ts';
import type { TranshipError } from '../../oci/errors.ts';
import type { CommandContext } from '../context.ts';
import { quayOptions } from '../quay/connection.ts';

type Level = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL';

/** What the actions of one run share. */
export interface Management {
  readonly config: ManagementConfig;
  readonly flags: ReadonlyMap<string, string | true>;
  readonly secondary: boolean;
  readonly context: CommandContext;
  readonly signal: AbortSignal;
  log(level: Level, text: string): void;
  /** Tells an error and remembers that there was one. */
  fail(error: TranshipError | string): void;
  failures(): number;
  /** A key's text; empty where it has none. */
  text(key: string): string;
  /** The server with the first token that lives, the newest first. */
  connect(side: Side): Promise<QuayConnection>;
  /** The server, as a stranger sees it. */
  connectAnonymously(side: Side): Promise<QuayConnection>;
  /** Keeps a new token: beside the configuration with mode 0600, and in it where that was asked for. */
  keepToken(key: string, token: Secret): Promise<void>;
}

/** Reads the configuration; where that fails, says so as the original did. */
export async function loadManagement(
  flags: ReadonlyMap<string, string | true>,
  context: CommandContext,
): Promise<Management | undefined> {
  const { io, runtime, signal } = context;
  const path = resolve(runtime.cwd, String(flags.get('--config-file')));
  const log = (level: Level, text: string) => {
    if (level !== 'DEBUG' || flags.has('--debug')) io.error(`${level}:root:${text}`);
  };
  const text = await readTextFile(path);
  if (text === undefined) {
    log('CRITICAL', `--> Config file not found: ${String(flags.get('--config-file'))}`);
    return undefined;
  }
  let config: ManagementConfig;
  try {
    config = readManagementConfig(text);
  } catch (error) {
    log(
      'CRITICAL',
      `--> Error parsing config file: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`,
    );
    return undefined;
  }
  hideSecrets(config.values);
  if (flags.has('--password')) {
    registerSecret(String(flags.get('--password')));
    log('WARNING', '--password is seen by every user of this machine; it is not used');
  }
  const tokensPath = `${path}.tokens.json`;
  const kept = new Map(Object.entries(await parseSecretTokens(tokensPath)));
  let failures = 0;
  const server = (side: Side) => textIn(config.values, `${side}_server`);
  const insecure = flags.has('--skip-tls-verify');
  return {
    config,
    flags,
    secondary: flags.has('--configure-secondary-quay-server') || flags.has('--destination-quay-install'),
    context,
    signal,
    log,
    fail(error) {
      failures += 1;
      if (typeof error === 'string') return log('CRITICAL', error);
      const said = error.serverSaid === undefined ? '' : ` (the server said: ${error.serverSaid})`;
      log('CRITICAL', `${error.message}${said}${error.hint === undefined ? '' : `. ${error.hint}`}`);
    },
    failures: () => failures,
    text: (key) => textIn(config.values, key),
    connect: (side) => {
      const keys = [
        `${side}_token`,
        `${side}_init_token`,
        ...(side === 'source' || side === 'destination' ? ['init_token'] : []),
      ];
      const tokens = keys.flatMap((key) => [kept.get(key), textIn(config.values, key)]).filter((token) => token);
      return connectLive(
        tokens.map((token) => new Secret(token ?? '')),
        { ...quayOptions(context), server: server(side), insecure },
      );
    },
    connectAnonymously: (side) => connectLive([], { ...quayOptions(context), server: server(side), insecure }),
    async keepToken(key, token) {
      kept.set(key, token.reveal());
      await writePrivateFile(tokensPath, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`, runtime.random());
      log('INFO', `The token is kept as ${key} in ${tokensPath}`);
      if (!flags.has('--write-token-to-config')) return;
      log('INFO', `Reading ${path}...`);
      const now = (await readTextFile(path)) ?? '';
      log('INFO', `Writing new contents to ${path}`);
      await writeTextFile(path, withKey(now, key, token.reveal()), runtime.random());
    },
  };
}

function textIn(values: Readonly<Record<string, unknown>>, key: string): string {
  const value = values[key];
  return value === null || value === undefined ? '' : String(value);
}

/** Whatever a message repeats, no secret of the file is in it. */
function hideSecrets(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (/(?:password|token)$/.test(key) && typeof member === 'string' && member.length > 3) registerSecret(member);
    hideSecrets(member);
  }
}
