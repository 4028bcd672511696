import { TranshipError } from '../oci/errors.ts';
import { type CommandLine, readCommandLine } from './command-line.ts';
import { exitDone, exitFailed, exitUsage } from './exit-codes.ts';
import { Io, type LogLevel, logLevels } from './io.ts';
import { type OptionValues, usageError } from './options.ts';
import { asShown, errorLines, exitCodeOfError, stackLines } from './render-error.ts';
import type { Runtime, StopSignal } from './runtime.ts';
import type { CommandModule, CommandSpec } from './spec.ts';
import { commandTable } from './table.ts';
import type { ColourChoice } from './terminal/colour.ts';

/** Does what the command line says and returns the exit code. Never throws and never ends the process by itself. */
export async function run(runtime: Runtime, table: readonly CommandSpec[] = commandTable): Promise<number> {
  const code = await obey(runtime, table);
  const lost = await runtime.stdout.settled?.();
  if (lost === undefined) return code;
  complain(unwritten(lost), plainIo(runtime));
  return code === exitDone ? exitFailed : code;
}

async function obey(runtime: Runtime, table: readonly CommandSpec[]): Promise<number> {
  const line = readCommandLine(runtime.argv, table, runtime.env);
  if (line.kind === 'run') return runCommand(line, runtime);
  if (line.kind === 'wrong') return complain(line.error, plainIo(runtime));
  (line.kind === 'help' ? runtime.stdout : runtime.stderr).write(line.text);
  return line.kind === 'help' ? exitDone : exitUsage;
}

async function runCommand(line: CommandLine & { kind: 'run' }, runtime: Runtime): Promise<number> {
  const { spec, args, options } = line;
  const io = new Io(runtime, { level: levelOf(options), colour: colourOf(options) });
  const stop = new AbortController();
  let stoppedBy: StopSignal | undefined;
  const unlisten = runtime.onSignal((signal) => {
    if (stoppedBy !== undefined) return runtime.exitNow(exitCodes[signal]);
    stoppedBy = signal;
    io.warn('Stopping: what is under way is put away in order. Once more stops at once.');
    stop.abort(new TranshipError('E_CANCELLED', 'cancelled', 'Stopped before the end.', { hint: resumeHint }));
  });
  try {
    refuseSecrets(args);
    const command = await load(spec, io);
    const code = await command.run({ args, options, runtime, io, signal: stop.signal });
    return stoppedBy === undefined || code === exitDone ? code : exitCodes[stoppedBy];
  } catch (error) {
    const code = complain(error, io, options.flag('debug'));
    return stoppedBy === undefined ? code : exitCodes[stoppedBy];
  } finally {
    unlisten();
  }
}

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;
const resumeHint = 'Run the same command again: what has arrived is not sent twice.';

/** A password inside a reference stands in the shell's history and in every list of processes: refused, and not repeated. */
function refuseSecrets(args: readonly string[]): void {
  if (!args.some((arg) => /^(?!oci(?:-archive)?:)(?:[a-z][a-z0-9+.-]*:\/\/)?[^/@]+:[^/@]+@(?!sha\d+:)/i.test(arg)))
    return;
  throw usageError(
    'A user and a password must not stand in a reference.',
    'Use `tranship login`, TRANSHIP_USERNAME_… and TRANSHIP_PASSWORD_…, or --authfile.',
  );
}

/** Loads the command and, before it can do anything, what takes secrets out of every line on standard error. */
async function load(spec: CommandSpec, io: Io): Promise<CommandModule> {
  if (spec.alone) return spec.load();
  const [{ redact }, command] = await Promise.all([import('../compose/secrets.ts'), spec.load()]);
  io.scrubWith(redact);
  return command;
}

function complain(error: unknown, io: Io, withStack = false): number {
  const shown = asShown(error);
  for (const line of errorLines(shown, io.paintNote)) io.error(line);
  if (withStack) for (const line of stackLines(error)) io.error(line);
  return exitCodeOfError(shown) || exitFailed;
}

function unwritten(cause: Error): TranshipError {
  return new TranshipError('E_STDOUT', 'failed', `The answer could not be written: ${cause.message}`, {
    hint: 'Check where standard output goes. What was to be done is done; the answer is missing or cut off.',
    cause,
  });
}

function plainIo(runtime: Runtime): Io {
  return new Io(runtime, { level: 'info', colour: 'auto' });
}

function levelOf(options: OptionValues): LogLevel {
  const named = logLevels.find((level) => level === options.text('logLevel'));
  if (named !== undefined) return named;
  if (options.flag('quiet')) return 'error';
  const tally = options.count('verbose') ?? 0;
  return tally === 0 ? 'info' : tally === 1 ? 'debug' : 'trace';
}

function colourOf(options: OptionValues): ColourChoice {
  const choice = options.text('color');
  return choice === 'always' || choice === 'never' ? choice : 'auto';
}
