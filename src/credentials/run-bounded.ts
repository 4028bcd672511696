import { spawn } from 'node:child_process';
import type { CallOptions } from '../oci/ports.ts';
import type { Environment } from './places.ts';

export interface ChildCall extends CallOptions {
  readonly argv: readonly [string, ...string[]];
  readonly input: string;
  readonly env: Environment;
  readonly timeoutMs: number;
  readonly outputLimit: number;
}

export type ChildResult =
  | { readonly kind: 'exited'; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'too-much' };

/** What a helper needs of our environment: where programs, its own settings, its agent and its desktop session are. */
const passedOn =
  /^(?:PATH|HOME|USER|LOGNAME|LANG|LC_.*|TMPDIR|TMP|TEMP|SystemRoot|SYSTEMROOT|ComSpec|PATHEXT|USERPROFILE|APPDATA|LOCALAPPDATA|ProgramData|XDG_.*|DBUS_SESSION_BUS_ADDRESS|DISPLAY|WAYLAND_DISPLAY|GNUPGHOME|GPG_TTY|PASSWORD_STORE_.*|SSH_AUTH_SOCK|AWS_.*|AZURE_.*|GOOGLE_.*|CLOUDSDK_.*|(?:HTTPS?|NO|ALL)_PROXY|(?:https?|no|all)_proxy|SSL_CERT_FILE|SSL_CERT_DIR)$/;

/**
 * Runs a program without a shell, with a bare environment, bounded in time and output. Its secrets go in through standard
 * input and come out through standard output, never over the command line, which every user of the machine can read.
 */
export async function runBounded(call: ChildCall): Promise<ChildResult> {
  const [program, ...args] = call.argv;
  const child = spawn(program, args, {
    env: bareEnvironment(call.env),
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
    killSignal: 'SIGKILL',
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let size = 0;
  let stopped: 'timed-out' | 'too-much' | undefined;
  // Programs that it started may outlive it and hold the pipes open; we would wait for them, or not be able to end.
  const hangUp = () => {
    for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy();
  };
  const stop = (why: 'timed-out' | 'too-much') => {
    stopped ??= why;
    child.kill('SIGKILL');
    hangUp();
  };
  const collect = (into: Buffer[]) => (chunk: Buffer) => {
    size += chunk.length;
    if (size > call.outputLimit) stop('too-much');
    else into.push(chunk);
  };
  child.stdout.on('data', collect(stdout));
  child.stderr.on('data', collect(stderr));
  // A program that ends without reading its input breaks the pipe; what it said and its exit code tell the rest.
  child.stdin.on('error', () => {});
  child.stdin.end(call.input);
  const timer = setTimeout(() => stop('timed-out'), call.timeoutMs);
  try {
    const code = await ended(child);
    if (stopped !== undefined) return { kind: stopped };
    return { kind: 'exited', code, stdout: textOf(stdout), stderr: textOf(stderr) };
  } catch (error) {
    if (isNotFound(error)) return { kind: 'not-found' };
    throw error;
  } finally {
    clearTimeout(timer);
    hangUp();
  }
}

function ended(child: ReturnType<typeof spawn>): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

function bareEnvironment(env: Environment): Record<string, string> {
  const kept = Object.entries(env).filter((entry): entry is [string, string] => {
    return entry[1] !== undefined && passedOn.test(entry[0]);
  });
  return Object.fromEntries(kept);
}

function textOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8');
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EACCES');
}
