import { readFile } from 'node:fs/promises';
import { TranshipError } from '../oci/errors.ts';
import type { CallOptions } from '../oci/ports.ts';
import type { Environment } from './places.ts';

/** Where a secret is to be had. Never the secret itself: configuration files are copied, committed and shown. */
export type SecretRef =
  | { readonly env: string }
  | { readonly file: string }
  /** A program and its arguments, run without a shell; its standard output is the secret. */
  | { readonly command: readonly string[] };

export interface ReadSecretOptions extends CallOptions {
  readonly env: Environment;
  readonly timeoutMs?: number;
}

const secretLimit = 64 * 1024;
const commandTimeoutMs = 30_000;

/** Reads a secret; one line break at its end is not part of it. Throws `E_SECRET` when it is not to be had or empty. */
export async function readSecretRef(ref: SecretRef, options: ReadSecretOptions): Promise<string> {
  const value = (await valueOf(ref, options)).replace(/\r?\n$/, '');
  if (value === '') throw missing(nameOf(ref), 'is empty');
  return value;
}

/** How messages name the place, without what lies there. */
function nameOf(ref: SecretRef): string {
  if ('env' in ref) return `environment variable ${ref.env}`;
  return 'file' in ref ? `file ${ref.file}` : `command ${ref.command[0] ?? '(none)'}`;
}

async function valueOf(ref: SecretRef, options: ReadSecretOptions): Promise<string> {
  if ('env' in ref) return options.env[ref.env] ?? fail(missing(nameOf(ref), 'is not set'));
  return 'file' in ref ? fromFile(ref) : fromCommand(ref, options);
}

async function fromFile(ref: SecretRef & { file: string }): Promise<string> {
  try {
    const bytes = await readFile(ref.file);
    if (bytes.length <= secretLimit) return bytes.toString('utf8');
  } catch (error) {
    throw missing(nameOf(ref), 'cannot be read', error);
  }
  throw missing(nameOf(ref), 'is larger than 64 KiB');
}

async function fromCommand(ref: SecretRef & { command: readonly string[] }, options: ReadSecretOptions) {
  const [program, ...args] = ref.command;
  if (program === undefined) throw missing(nameOf(ref), 'names no program');
  // Loaded when a program is to be run: most runs have none.
  const { runBounded } = await import('./run-bounded.ts');
  const result = await runBounded({
    argv: [program, ...args],
    input: '',
    env: options.env,
    timeoutMs: options.timeoutMs ?? commandTimeoutMs,
    outputLimit: secretLimit,
    signal: options.signal,
  });
  if (result.kind === 'exited' && result.code === 0) return result.stdout;
  throw missing(nameOf(ref), result.kind === 'exited' ? `ended with exit code ${result.code}` : wording[result.kind]);
}

const wording = {
  'not-found': 'is not installed or not on the PATH',
  'timed-out': 'did not end in time',
  'too-much': 'gave more than 64 KiB of output',
} as const;

function missing(subject: string, why: string, cause?: unknown): TranshipError {
  return new TranshipError('E_SECRET', 'usage', `A secret is not to be had: the ${subject} ${why}.`, {
    subject,
    hint: 'Set it, or correct where the configuration says that it is.',
    ...(cause === undefined ? {} : { cause }),
  });
}

function fail(error: Error): never {
  throw error;
}
