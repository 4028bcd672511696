import { open } from 'node:fs/promises';
import {
  type OrgMirrorEnvironment,
  type OrgMirrorSettings,
  type OrgMirrorVariable,
  orgMirrorVariables,
  readOrgMirrorEnvironment,
} from '../../compat/quay-org-mirror.ts';
import { setUpOrganization } from '../../compose/quay/mirror.ts';
import { redact, registerSecret } from '../../compose/secrets.ts';
import { Secret } from '../../kit/secret.ts';
import { safeText } from '../../kit/text.ts';
import { isTranshipError } from '../../oci/errors.ts';
import type { SetUpResult } from '../../quay/mirror/run.ts';
import type { CommandContext } from '../context.ts';
import { exitDone, exitFailed, exitUsage } from '../exit-codes.ts';
import { errorLines } from '../render-error.ts';
import { sessionOptions, warnTo } from '../session.ts';
import { dateLine, outcomeLines, parameterLines, summaryLines } from './quay-org-mirror-lines.ts';

/** The organisation-mirror CronJob: all it is told stands in the environment, and exit codes are the original's 0, 1 and 2. */
export async function run(context: CommandContext): Promise<number> {
  const { args, io, runtime } = context;
  if (args.includes('--help') || args.includes('-h')) {
    io.answer(`Reads its parameters from the environment: ${orgMirrorVariables.join(', ')}; each also as <NAME>_FILE.`);
    return exitDone;
  }
  const { values, problems } = await variablesOf(runtime.env);
  const unknown = args.map((arg) => `unrecognized argument: ${arg}`);
  const read = readOrgMirrorEnvironment(values);
  const all = [...unknown, ...problems, ...('problems' in read ? read.problems : [])];
  if (all.length > 0 || 'problems' in read) {
    for (const problem of all) io.error(`ERROR: ${problem}`);
    return exitUsage;
  }
  for (const secret of [read.settings.sourceToken, read.settings.destinationToken, read.settings.password]) {
    registerSecret(secret);
  }
  return mirror(context, read.settings);
}

async function mirror(context: CommandContext, settings: OrgMirrorSettings): Promise<number> {
  const { io, runtime, signal } = context;
  // The original's output stands in logs, so what servers say goes through the same cleaning as ours.
  const print = (line: string) => io.answer(redact(safeText(line)));
  for (const line of [dateLine(runtime.now()), ...parameterLines(settings)]) print(line);
  const { emit, ...connection } = sessionOptions(context, warnTo(context));
  try {
    const result = await setUpOrganization({
      connections: {
        ...connection,
        ...(emit && { emit }),
        destination: settings.destinationRegistry,
        destinationToken: new Secret(settings.destinationToken),
        sourceToken: new Secret(settings.sourceToken),
        signal,
      },
      setup: {
        source: { host: settings.sourceRegistry, organization: settings.namespace },
        organization: settings.namespace,
        tags: settings.globs,
        every: settings.interval,
        robot: settings.robot,
        credentials: { username: settings.username, password: new Secret(settings.password) },
        spread: settings.spread,
        renew: settings.recreate,
      },
      dryRun: settings.dryRun,
      warn: ({ message }) => print(`WARNING: ${message}`),
      tell: (outcome) => {
        for (const line of outcomeLines(outcome, settings)) print(line);
      },
      signal,
    });
    for (const line of summaryLines(result.outcomes, settings.dryRun)) print(line);
    return exitCodeOf(result);
  } catch (error) {
    if (!isTranshipError(error) || error.failure === 'cancelled') throw error;
    for (const line of errorLines(error, io.paintNote)) io.error(line);
    return exitFailed;
  }
}

function exitCodeOf({ outcomes }: SetUpResult): number {
  return outcomes.some(({ error }) => error !== undefined) ? exitFailed : exitDone;
}

interface Variables {
  readonly values: OrgMirrorEnvironment;
  readonly problems: readonly string[];
}

async function variablesOf(env: CommandContext['runtime']['env']): Promise<Variables> {
  const values: Partial<Record<OrgMirrorVariable, string>> = {};
  const problems: string[] = [];
  for (const name of orgMirrorVariables) {
    const path = env[`${name}_FILE`];
    const direct = env[name];
    if (direct !== undefined && direct !== '') values[name] = direct;
    else if (path !== undefined && path !== '') {
      const text = await readSmall(path);
      if (text === undefined) problems.push(`${name}_FILE cannot be read: ${path}`);
      else values[name] = text.replace(/\r?\n$/, '');
    }
  }
  return { values, problems };
}

const largestValue = 64 * 1024;

async function readSmall(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(largestValue + 1), 0, largestValue + 1, 0);
    return bytesRead > largestValue ? undefined : buffer.toString('utf8', 0, bytesRead);
  } catch {
    return undefined;
  }
}
