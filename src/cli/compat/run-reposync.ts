/** `run-reposync`, flag by flag, on tranship's own engine. */
import { writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { configOf } from '../../compat/foreign.ts';
import { type ReposyncArguments, readReposyncArguments } from '../../compat/reposync/arguments.ts';
import { checkReposync } from '../../compat/reposync/check.ts';
import type { ReposyncModel } from '../../compat/reposync/model.ts';
import { nativeReposync } from '../../compat/reposync/native.ts';
import { parseReposync } from '../../compat/reposync/parse.ts';
import { withPlainHttp } from '../../compat/reposync/plain-http.ts';
import { TaskNames } from '../../compat/reposync/tasks.ts';
import { pythonDuration, statistics, tracebacks } from '../../compat/reposync/texts.ts';
import { foreignIo, textOf } from '../../compose/foreign.ts';
import { carryOut, openSync } from '../../compose/sync.ts';
import type { ConfigError } from '../../config/mistake.ts';
import { makeFolders } from '../../kit/folders.ts';
import { isTranshipError } from '../../oci/errors.ts';
import type { CommandContext } from '../context.ts';
import { exitDone, exitFailed, exitUsage } from '../exit-codes.ts';
import { sessionOptions } from '../session.ts';
import { TaskLog } from './task-log.ts';

export async function runReposync(context: CommandContext): Promise<number> {
  const { args, runtime, io } = context;
  const line = readReposyncArguments(args, runtime.env);
  if (line.kind === 'help') {
    io.answerRaw(line.text);
    return exitDone;
  }
  if (line.kind === 'wrong') return wrong(line.text, context);
  const read = await readFile(line.arguments, context).catch((error: unknown) => {
    if (!isConfigError(error)) throw error;
    io.error(`ERROR: ${error.message}`);
    return 'no text' as const;
  });
  if (read === 'no text') return exitFailed;
  if (read === undefined) return wrong(noFile(line.arguments), context);
  const said = line.arguments.generation;
  if (said === '0.x') io.answer(`Starting configuration ${args.join(' ')}`);
  const model = await checked(read.text, read.path, line.arguments, context);
  if (model === undefined) return exitFailed;
  if (line.arguments.verifyOnly) {
    io.error('INFO: Configuration is OK, closing gracefully.');
    return exitDone;
  }
  return carryOutTasks(model, read.path, line.arguments, context);
}

function wrong(text: string, { io }: CommandContext): number {
  io.error(text.trimEnd());
  return exitUsage;
}

const usualFiles = ['sync-cfg.yaml', '/etc/cfg.yaml'];

async function readFile(
  { file }: ReposyncArguments,
  { runtime }: CommandContext,
): Promise<{ readonly text: string; readonly path: string } | undefined> {
  for (const name of file === undefined ? usualFiles : [file]) {
    const path = resolve(runtime.cwd, name);
    const text = await textOf(path);
    if (text !== undefined) return { text, path };
  }
  return undefined;
}

function noFile({ file = 'sync-cfg.yaml', generation }: ReposyncArguments): string {
  return generation === '0.x'
    ? `run-reposync: error: argument -c/--configfile: can't open '${file}': there is no such file, or it may not be read`
    : `Error: Invalid value for 'CONFIG_FILE': File '${file}' does not exist, or may not be read.`;
}

/** The file's meaning; `undefined` once everything that is wrong with it was told. */
async function checked(
  text: string,
  path: string,
  { generation }: ReposyncArguments,
  { runtime, io, signal }: CommandContext,
): Promise<ReposyncModel | undefined> {
  try {
    const { model, differences } = await parseReposync(text, path, foreignIo(path, { env: runtime.env, signal }));
    for (const { where, message } of differences.list())
      io.error(`WARNING: ${where === '' ? '' : `${where}: `}${message}`);
    const mistakes = checkReposync(model, runtime.env, generation);
    for (const mistake of mistakes) io.error(`ERROR: ${mistake}`);
    if (mistakes.length > 0) return undefined;
    // What names of repositories and tags may not be shows before anything is asked of a registry.
    configOf(nativeReposync(model).file, path);
    return model;
  } catch (error) {
    if (!isConfigError(error)) throw error;
    io.error(`ERROR: ${error.message}`);
    return undefined;
  }
}

async function carryOutTasks(
  model: ReposyncModel,
  path: string,
  wishes: ReposyncArguments,
  context: CommandContext,
): Promise<number> {
  const { runtime, io, signal } = context;
  const startedAt = runtime.now();
  tellModel(model, context);
  const native = nativeReposync(model, { explicitTags: wishes.explicitTags });
  const log = new TaskLog(new TaskNames(model, native), {
    write: (line) => io.error(line),
    now: () => runtime.now(),
    debug: wishes.debug,
  });
  if (native.file.stages.length > 0) {
    const config = withPlainHttp(configOf(native.file, path), model, native);
    await using sync = await openSync({ config, file: path }, sessionOptions(context, log.listen));
    using _progress = log.everyFewSeconds();
    const { report } = await carryOut(sync, { jobs: wishes.jobs, failFast: wishes.exitOnFirstError, signal });
    log.finish(report);
  }
  const { copied, same, failures } = log.result();
  const level = failures.length > 0 ? 'ERROR' : 'INFO';
  io.error(`INFO: Generated '${copied.length + same + failures.length}' sync tasks.`);
  const failed = failures.map(({ task }) => task);
  io.error(`${level}: ${statistics(copied, same, failed).join('\n')}`);
  if (wishes.tracebacksFile !== undefined) {
    const file = resolve(runtime.cwd, wishes.tracebacksFile);
    await makeFolders(dirname(file));
    await writeFile(file, tracebacks(failures));
    if (failures.length > 0) io.error(`ERROR: Tracebacks written to: ${wishes.tracebacksFile} (sorted by task_id)`);
  }
  const took = pythonDuration(runtime.now() - startedAt);
  io.error(`INFO: Image sync took: ${took}`);
  if (wishes.generation === '0.x') for (const line of closing(failures.length > 0, took)) io.answer(line);
  return failures.length > 0 ? exitFailed : exitDone;
}

/** The older ones' last lines, as they wrote them. */
function closing(failed: boolean, took: string): readonly string[] {
  if (!failed) return [`Image sync took: ${took}`];
  return ['There were errors during sync, check the logs above', `Error after after: ${took}`];
}

/** User names in clear, passwords never. */
function tellModel({ registries, stages }: ReposyncModel, { io, runtime }: CommandContext): void {
  const shown = Object.entries(registries).map(([key, { url, login, skipTlsVerify }]) => [
    key,
    {
      url,
      env_user: login === undefined ? null : (runtime.env[login.user] ?? null),
      env_password: login === undefined ? null : '**********',
      'skip-tls-verify': skipTlsVerify,
    },
  ]);
  io.error(
    `INFO: Parsed configuration:\n${JSON.stringify({ registries: Object.fromEntries(shown), stages }, null, 2)}`,
  );
}

function isConfigError(error: unknown): error is ConfigError {
  return isTranshipError(error) && error.code === 'E_CONFIG';
}
