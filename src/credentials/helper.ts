import type { Credential } from '../oci/credential.ts';
import { TranshipError } from '../oci/errors.ts';
import type { CallOptions } from '../oci/ports.ts';
import { basic, identityToken } from './entry.ts';
import type { Environment } from './places.ts';
import type { ChildResult } from './run-bounded.ts';

/** A call of `docker-credential-<name>` about one server. */
export interface HelperCall extends CallOptions {
  readonly name: string;
  readonly server: string;
  readonly env: Environment;
  /** Default 30 s: a helper may wait for a person to unlock a key ring, but not for ever. */
  readonly timeoutMs?: number;
}

const helperTimeoutMs = 30_000;
const helperOutputLimit = 64 * 1024;
/** The name becomes part of a program's name: no path may hide in it. */
const helperName = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/;

/**
 * What the helper knows about the server, or `undefined`. Throws `E_CREDENTIAL_HELPER` when it is missing, fails or
 * answers nonsense; its output is never quoted, since it holds secrets.
 */
export async function helperGet(call: HelperCall): Promise<Credential | undefined> {
  const result = await ask(call, 'get', `${call.server}\n`);
  if (result.code !== 0) {
    // The protocol puts "credentials not found" on standard output and ends with 1.
    if (/credentials not found/i.test(result.stdout)) return undefined;
    throw failed(call, `ended with exit code ${result.code}`);
  }
  return parseAnswer(call, result.stdout);
}

/** Hands the helper a credential to keep. An identity token goes under the name `<token>`, as docker does it. */
export async function helperStore(call: HelperCall, username: string, secret: string): Promise<void> {
  const input = JSON.stringify({ ServerURL: call.server, Username: username, Secret: secret });
  const result = await ask(call, 'store', input);
  if (result.code !== 0) throw failed(call, `could not store the credential (exit code ${result.code})`);
}

/** Makes the helper forget a server. Whether it knew it makes no difference. */
export async function helperErase(call: HelperCall): Promise<void> {
  const result = await ask(call, 'erase', `${call.server}\n`);
  if (result.code === 0 || /not found/i.test(result.stdout)) return;
  throw failed(call, `could not erase the credential (exit code ${result.code})`);
}

async function ask(call: HelperCall, verb: string, input: string): Promise<ChildResult & { kind: 'exited' }> {
  if (!helperName.test(call.name)) throw failed(call, 'has a name that is no program name');
  // Loaded when a program is to be run: most runs have none.
  const { runBounded } = await import('./run-bounded.ts');
  const result = await runBounded({
    argv: [`docker-credential-${call.name}`, verb],
    input,
    env: call.env,
    timeoutMs: call.timeoutMs ?? helperTimeoutMs,
    outputLimit: helperOutputLimit,
    signal: call.signal,
  });
  if (result.kind === 'exited') return result;
  if (result.kind === 'not-found') throw failed(call, 'is not installed or not on the PATH', 'E_HELPER_MISSING');
  if (result.kind === 'too-much') throw failed(call, 'gave more than 64 KiB of output');
  throw failed(call, `did not answer within ${(call.timeoutMs ?? helperTimeoutMs) / 1000} s`);
}

function parseAnswer(call: HelperCall, stdout: string): Credential | undefined {
  const { username, secret } = fieldsOf(stdout) ?? {};
  if (username === undefined || secret === undefined) throw failed(call, 'gave an answer that is not its protocol');
  if (secret === '') return undefined;
  return username === '<token>' ? identityToken(secret) : basic(username, secret);
}

function fieldsOf(stdout: string): { username: string; secret: string } | undefined {
  try {
    const answer: unknown = JSON.parse(stdout);
    if (typeof answer !== 'object' || answer === null) return undefined;
    const username: unknown = Reflect.get(answer, 'Username');
    const secret: unknown = Reflect.get(answer, 'Secret');
    return typeof username === 'string' && typeof secret === 'string' ? { username, secret } : undefined;
  } catch {
    // Not JSON. The parser's message would quote the secret.
    return undefined;
  }
}

function failed(
  call: HelperCall,
  why: string,
  code: 'E_CREDENTIAL_HELPER' | 'E_HELPER_MISSING' = 'E_CREDENTIAL_HELPER',
): TranshipError {
  const remedy =
    code === 'E_HELPER_MISSING' || !helperName.test(call.name)
      ? 'Install it, or correct credHelpers and credsStore in the credentials file'
      : `Try \`echo ${call.server} | docker-credential-${call.name} get\``;
  return new TranshipError(code, 'auth', `The credential helper docker-credential-${call.name} ${why}.`, {
    subject: call.server,
    hint: `${remedy}, or give other credentials (--authfile).`,
  });
}
