import { readFile } from 'node:fs/promises';
import {
  missingText,
  type QuaySyncFlags,
  type QuaySyncSettings,
  type QuaySyncSideText,
  readQuaySync,
  withLatest,
} from '../../compat/quay-sync.ts';
import { parseQuaySync, type QuaySyncArguments } from '../../compat/quay-sync-flags.ts';
import { readYaml } from '../../compat/yaml.ts';
import { openPair, type PairRequest, type PairSide } from '../../compose/quay/pair.ts';
import { addressesOf, isListening, parseQuayAddress } from '../../compose/quay/pair-reach.ts';
import { listFrom } from '../../compose/quay/pair-request.ts';
import { type PairOutcome, syncPair } from '../../compose/quay/pair-sync.ts';
import { registerSecret } from '../../compose/secrets.ts';
import { stateFolder } from '../../compose/state-folder.ts';
import { Secret } from '../../kit/secret.ts';
import { isTranshipError, type TranshipError } from '../../oci/errors.ts';
import type { CommandContext } from '../context.ts';
import { exitDone, exitFailed, exitUsage } from '../exit-codes.ts';
import { sessionOptions } from '../session.ts';
import { tellFailures, tellFound, tellImages, tellNotes, tellObject } from './quay-sync-lines.ts';
import { type PythonLog, pythonLog } from './quay-sync-log.ts';

/** `quay_sync.py`: its flags, files, order, texts, and its exit codes 0, 1 and 2. */
export async function run(context: CommandContext): Promise<number> {
  const { args, io, signal } = context;
  const log = pythonLog(io);
  const parsed = parseQuaySync(args);
  if (parsed.kind === 'help') {
    io.answerRaw(parsed.text);
    return exitDone;
  }
  if (parsed.kind === 'wrong') {
    io.error(parsed.text.trimEnd());
    return exitUsage;
  }
  try {
    return await syncAll(parsed, context, log);
  } catch (error) {
    signal.throwIfAborted();
    if (!isTranshipError(error)) throw error;
    tellError(error, log);
    return exitFailed;
  }
}

type Values = Extract<QuaySyncArguments, { kind: 'values' }>;

async function syncAll(parsed: Values, context: CommandContext, log: PythonLog): Promise<number> {
  const { values } = parsed;
  const flags: QuaySyncFlags = {
    autoDiscovery: values.has('--auto-discovery'),
    failover: values.has('--failover'),
    username: textOf(values.get('--username')),
    password: textOf(values.get('--password')),
  };
  if (flags.password !== undefined) {
    registerSecret(flags.password);
    log.warning('A password on the command line can be read by others on this machine. Put it into the file instead.');
  }
  const settings = await settingsOf(textOf(values.get('--config-file')) ?? '', flags, context, log);
  if (settings === undefined) return exitFailed;
  for (const warning of settings.warnings) log.warning(warning);
  const request = requestOf(settings, parsed, context, log);
  if (!(await areReachable(request, context, log))) return exitFailed;
  context.io.answer('');
  const outcome = await runSync(request, settings, parsed, context, log);
  return outcome.exitCode === 0 ? exitDone : exitFailed;
}

async function settingsOf(
  path: string,
  flags: QuaySyncFlags,
  { io }: CommandContext,
  log: PythonLog,
): Promise<QuaySyncSettings | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    log.critical(`--> Config file not found: ${path}`);
    return undefined;
  }
  const values = mapOf(text, path, log);
  if (values === undefined) return undefined;
  const read = readQuaySync(values, flags);
  if ('settings' in read) return read.settings;
  const { error, blocks } = missingText(read);
  log.error(error);
  io.answerRaw(blocks);
  return undefined;
}

function mapOf(text: string, path: string, log: PythonLog): Readonly<Record<string, unknown>> | undefined {
  try {
    const { value } = readYaml(text, path, 'yaml 1.1');
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    log.critical('--> Error parsing config file: it holds no map of keys');
  } catch (error) {
    if (!isTranshipError(error)) throw error;
    log.critical(`--> Error parsing config file: ${error.message}`);
  }
  return undefined;
}

function requestOf(
  { source, destination, destinations }: QuaySyncSettings,
  parsed: Values,
  { runtime: { env } }: CommandContext,
  log: PythonLog,
): PairRequest {
  const insecure = parsed.values.has('--skip-tls-verify');
  const fromFlags = parsed.destinations.map((server, index) => {
    const token = env[`DESTINATION_TOKEN_${index + 1}`];
    if (!token) log.warning(`DESTINATION_TOKEN_${index + 1} is not set; what \`tranship quay login\` keeps is used`);
    return { server, ...(token && { token }) };
  });
  const more = [...destinations, ...fromFlags].map(({ server, token }) =>
    sideOf({ server, tokens: token === undefined ? [] : [token] }, insecure),
  );
  return { source: sideOf(source, insecure), destinations: [sideOf(destination, insecure), ...more] };
}

function sideOf({ server, tokens, login }: QuaySyncSideText, insecure: boolean): PairSide {
  for (const secret of [...tokens, ...(login ? [login.password] : [])]) registerSecret(secret);
  const [token, ...spareTokens] = tokens.map((text) => new Secret(text));
  return {
    server,
    ...(token && { token, spareTokens }),
    ...(login && { login: { username: login.username, password: new Secret(login.password) } }),
    insecure,
  };
}

/** Names of all sides first, then their ports. */
async function areReachable(
  { source, destinations }: PairRequest,
  { signal }: CommandContext,
  log: PythonLog,
): Promise<boolean> {
  const urls = [source, ...destinations].map(({ server }) => parseQuayAddress(server));
  for (const url of urls) {
    const [address] = await addressesOf(url);
    if (address === undefined) {
      log.critical(`--> DNS lookup failed for host ${url.hostname} <----`);
      return false;
    }
    log.info(`${url.hostname} resolves to --> ${address} <--`);
  }
  for (const url of urls) {
    const port = url.port || (url.protocol === 'http:' ? '80' : '443');
    if (!(await isListening(url, { signal }))) {
      log.critical(`${url.hostname} refused the connection on port ${port}`);
      return false;
    }
    log.info(`${url.hostname} is listening on port ${port}`);
  }
  return true;
}

async function runSync(
  request: PairRequest,
  { repositories }: QuaySyncSettings,
  { values, cacheFolder }: Values,
  context: CommandContext,
  log: PythonLog,
): Promise<PairOutcome> {
  const { io, runtime, signal } = context;
  const options = sessionOptions(context, tellImages(log));
  await using pair = await openPair(request, {
    ...options,
    signal,
    onReady: ({ host }) => log.info(`Logged in to: ${host}`),
  });
  io.answer('');
  const outcome = await syncPair(pair, {
    signal,
    policy: 'source-wins',
    // The original made repositories by pushing and never touched their settings again.
    keepSettings: true,
    stateFolder: stateFolder(runtime),
    failFast: !values.has('--skip-broken-images'),
    ...(values.has('--auto-discovery') ? {} : { list: listFrom(repositories.map(withLatest)) }),
    ...(cacheFolder !== undefined && { cacheFolder }),
    onFound: (found) => tellFound(found, !values.has('--auto-discovery'), log),
    onObject: (side, result) => tellObject(side.host, result, log),
  });
  tellNotes(outcome, log);
  tellFailures(outcome, log);
  return outcome;
}

function tellError(error: TranshipError, log: PythonLog): void {
  if (error.code === 'E_QUAY_SIGN_IN') log.critical('--> Error logging in to Quay:');
  if (error.code === 'E_QUAY_TOKEN')
    log.critical('Problem getting information from the API... Check that your API key is correct');
  const said = error.serverSaid === undefined ? '' : ` The server said: ${error.serverSaid}`;
  const where = error.subject === undefined ? '' : ` (${error.subject})`;
  log.error(`Error executing script: ${error.message}${where}.${said}${error.hint ? ` ${error.hint}` : ''}`);
}

function textOf(value: string | true | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
