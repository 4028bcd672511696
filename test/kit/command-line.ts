import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { run } from '../../src/cli/run.ts';
import type { Output, Runtime, StopSignal } from '../../src/cli/runtime.ts';

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What is on standard input; typed where `terminal` is set. */
  readonly input?: string;
  /** Standard input and error are a terminal. */
  readonly terminal?: boolean;
  /** Nothing comes after `input`, as after Ctrl-D on a terminal. Piped input always ends. */
  readonly inputEnds?: boolean;
  /** The user's home; without it an empty one. */
  readonly home?: string;
  /** Given a way to send a signal once the command runs. */
  readonly onStart?: (send: (signal: StopSignal) => void) => void;
  /** Told of every piece that is written to standard error. */
  readonly onStderr?: (text: string) => void;
  readonly onStdout?: (text: string) => void;
}

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line inside this process, as `main.ts` would, in a world of its own. */
export async function tranship(argv: readonly string[], options: CommandOptions = {}): Promise<Finished> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'tranship-home-')));
  const stdout = new Collected(options.terminal, options.onStdout);
  const stderr = new Collected(options.terminal, options.onStderr);
  const listeners = new Set<(signal: StopSignal) => void>();
  const exited = Promise.withResolvers<number>();
  const stdin = Object.assign(new PassThrough(), { isTTY: options.terminal ?? false });
  if (options.input !== undefined) stdin.write(options.input);
  if (options.terminal !== true || options.inputEnds) stdin.end();
  const runtime: Runtime = {
    program: process.execPath,
    argv,
    env: { PATH: process.env['PATH'], NO_COLOR: '1', ...options.env },
    home,
    cwd: process.cwd(),
    platform: 'linux',
    stdin,
    stdout,
    stderr,
    now: () => Date.now(),
    random: () => Math.random().toString(36).slice(2),
    onSignal: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    exitNow: (code) => exited.resolve(code),
  };
  try {
    options.onStart?.((signal) => {
      for (const listener of listeners) listener(signal);
    });
    const code = await Promise.race([run(runtime), exited.promise]);
    return { code, stdout: stdout.text, stderr: stderr.text };
  } finally {
    if (options.home === undefined) await rm(home, { recursive: true, force: true });
  }
}

class Collected implements Output {
  text = '';
  readonly isTTY: boolean;
  readonly columns = 100;
  readonly #tell: ((text: string) => void) | undefined;

  constructor(terminal = false, tell?: (text: string) => void) {
    this.isTTY = terminal;
    this.#tell = tell;
  }

  write(text: string): boolean {
    this.text += text;
    this.#tell?.(text);
    return true;
  }

  once(_event: 'drain', listener: () => void): void {
    queueMicrotask(listener);
  }
}
