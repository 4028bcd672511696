import { resolve } from 'node:path';
import { type ManagementConfig, readManagementConfig, type Side, withKey } from '../../compat/quay-management.ts';
import type { QuayConnection } from '../../compose/quay/connect.ts';
import { connectLive } from '../../compose/quay/live.ts';
import { readTextFile, replaceTextFile, writePrivateFile } from '../../compose/quay/text-file.ts';
import { readTokensFile } from '../../compose/quay/token-file.ts';
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

type Flags = ReadonlyMap<string, string | true>;

type Log = Management['log'];

/** Reads the configuration; where that fails, says so as the original did. */
export async function loadManagement(flags: Flags, context: CommandContext): Promise<Management | undefined> {
  const { io, runtime, signal } = context;
  const log: Log = (level, text) => {
    if (level !== 'DEBUG' || flags.has('--debug')) io.error(`${level}:root:${text}`);
  };
  const path = resolve(runtime.cwd, String(flags.get('--config-file')));
  const config = await readConfiguration(path, flags, log);
  if (config === undefined) return undefined;
  hideSecrets(config.values);
  if (flags.has('--password')) {
    registerSecret(String(flags.get('--password')));
    log('WARNING', '--password is seen by every user of this machine; it is not used');
  }
  const tokensPath = `${path}.tokens.json`;
  const kept = await readTokensFile(tokensPath);
  let failures = 0;
  const insecure = flags.has('--skip-tls-verify');
  const server = (side: Side) => ({ server: textIn(config.values, `${side}_server`), insecure });
  return {
    config,
    flags,
    secondary: flags.has('--configure-secondary-quay-server') || flags.has('--destination-quay-install'),
    context,
    signal,
    log,
    fail(error) {
      failures += 1;
      log('CRITICAL', typeof error === 'string' ? error : wordsOf(error));
    },
    failures: () => failures,
    text: (key) => textIn(config.values, key),
    connect: (side) => connectLive(tokensOf(side, config, kept), { ...quayOptions(context), ...server(side) }),
    connectAnonymously: (side) => connectLive([], { ...quayOptions(context), ...server(side) }),
    async keepToken(key, token) {
      kept.set(key, token.reveal());
      await writePrivateFile(tokensPath, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`, runtime.random());
      log('INFO', `The token is kept as ${key} in ${tokensPath}`);
      if (flags.has('--write-token-to-config')) await writeInto(path, { key, token, log, unique: runtime.random() });
    },
  };
}

async function readConfiguration(path: string, flags: Flags, log: Log): Promise<ManagementConfig | undefined> {
  const text = await readTextFile(path);
  if (text === undefined) {
    log('CRITICAL', `--> Config file not found: ${String(flags.get('--config-file'))}`);
    return undefined;
  }
  try {
    return readManagementConfig(text);
  } catch (error) {
    const said = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    log('CRITICAL', `--> Error parsing config file: ${said}`);
    return undefined;
  }
}

function wordsOf({ message, serverSaid, hint }: TranshipError): string {
  const said = serverSaid === undefined ? '' : ` (the server said: ${serverSaid})`;
  return `${message}${said}${hint === undefined ? '' : `. ${hint}`}`;
}

/** Of each key what was kept, which is newer, before what the file holds. */
function tokensOf(side: Side, { values }: ManagementConfig, kept: ReadonlyMap<string, string>): readonly Secret[] {
  const ofPair = side === 'source' || side === 'destination' ? ['init_token'] : [];
  return [`${side}_token`, `${side}_init_token`, ...ofPair]
    .flatMap((key) => [kept.get(key) ?? '', textIn(values, key)])
    .filter((token) => token !== '')
    .map((token) => new Secret(token));
}

interface NewKey {
  readonly key: string;
  readonly token: Secret;
  readonly log: Log;
  /** For the name of a temporary file. */
  readonly unique: string;
}

async function writeInto(path: string, { key, token, log, unique }: NewKey): Promise<void> {
  log('INFO', `Reading ${path}...`);
  const text = (await readTextFile(path)) ?? '';
  log('INFO', `Writing new contents to ${path}`);
  await replaceTextFile(path, withKey(text, key, token.reveal()), unique);
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
