/** Running programs as a user does, and looking at them from outside. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tool, transhipProgram } from './tools.ts';

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
  /** Ends the program with SIGKILL after this time. Default 300 s. */
  readonly timeoutMs?: number;
}

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Measured extends Finished {
  readonly wallSeconds: number;
  /** User and system time together. */
  readonly cpuSeconds: number;
  readonly peakRssMiB: number;
}

/** Only what a program needs to run: nothing of the developer's own credentials or settings reaches a test. */
function cleanEnvironment(home: string, more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: home, XDG_CACHE_HOME: join(home, '.cache'), NO_COLOR: '1', CI: '1', ...more };
}

/** tranship as it is built, by the Node that runs the tests. */
export function tranship(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return run(process.execPath, [transhipProgram, ...args], options);
}

/** The same, and an error with everything it said where it did not end well. Returns what it wrote to stdout. */
export async function transhipOk(args: readonly string[], options: RunOptions = {}): Promise<string> {
  return okay(await tranship(args, options), `tranship ${args.join(' ')}`);
}

export async function runOk(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return okay(await run(program, args, options), `${program} ${args.join(' ')}`);
}

function okay(done: Finished, what: string): string {
  if (done.code === 0) return done.stdout;
  throw new Error(`${what}\nended with ${done.code ?? done.signal}\n${done.stdout}\n${done.stderr}`);
}

export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const home = mkdtempSync(join(tmpdir(), 'tranship-home-'));
  try {
    const child = start(program, args, { ...options, env: { HOME: home, ...options.env } });
    return await finished(child, options);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Runs under GNU time, which reports what the kernel counted for the program itself. */
export async function measure(program: string, args: readonly string[], options: RunOptions = {}): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'tranship-time-'));
  const report = join(folder, 'time');
  const began = process.hrtime.bigint();
  try {
    const done = await run(tool('time'), ['-q', '-o', report, '-f', '%U %S %M', program, ...args], options);
    const wallSeconds = Number(process.hrtime.bigint() - began) / 1e9;
    const [user = 0, system = 0, kib = 0] = readFileSync(report, 'utf8').trim().split(/\s+/).slice(-3).map(Number);
    return { ...done, wallSeconds, cpuSeconds: user + system, peakRssMiB: kib / 1024 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts a program without waiting. Its environment holds only what is given and `PATH`. */
export function start(program: string, args: readonly string[], options: RunOptions = {}): ChildProcess {
  const { HOME = tmpdir(), ...more } = options.env ?? {};
  const settings: SpawnOptions = { env: cleanEnvironment(HOME, more), stdio: ['pipe', 'pipe', 'pipe'] };
  return spawn(program, args, options.cwd === undefined ? settings : { ...settings, cwd: options.cwd });
}

export function startTranship(args: readonly string[], options: RunOptions = {}): ChildProcess {
  return start(process.execPath, [transhipProgram, ...args], options);
}

export async function finished(child: ChildProcess, options: RunOptions = {}): Promise<Finished> {
  const texts = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text));
  // A program that ends without reading its input is not an error of the test.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(options.input ?? '');
  const limit = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 300_000);
  try {
    return await new Promise<Finished>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal, ...texts }));
    });
  } finally {
    clearTimeout(limit);
  }
}
