import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHtpasswd } from '../credentials/htpasswd.ts';
import { type Environment } from '../credentials/places.ts';
import { readSecretRef, type SecretRef } from '../credentials/secret-ref.ts';
import { registerSecret } from '../http/redact.ts';
import { Secret } from '../kit/secret.ts';
import { isTranshipError, TranshipError } from '../oci/errors.ts';
import type { AuthOptions, RegistryUser } from '../server/auth/options.ts';
import { type RegistryOptions, type RunningRegistry, startRegistry } from '../server/start.ts';
import { htpasswdFront } from './htpasswd-front.ts';

export interface ServeOptions {
  /** Where content is kept; without it, in a temporary folder that goes with the registry. */
  readonly directory?: string | undefined;
  /** `host:port`, `:port` or `port`; port 0 takes any free one. */
  readonly listen: string;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly user?: { readonly name: string; readonly password: SecretRef } | undefined;
  readonly htpasswdFile?: string | undefined;
  /** Whoever does not sign in may read. */
  readonly anonymousPull?: boolean;
  readonly tokens?: boolean;
  readonly readOnly?: boolean;
  readonly delete?: boolean;
  readonly env: Environment;
  readonly onRequest?: RegistryOptions['onRequest'];
  readonly onError?: (error: unknown) => void;
}

/** Runs the embedded registry as the options say. Throws `E_SERVE` or `E_LISTEN` when they cannot be met. */
export async function serve(options: ServeOptions): Promise<RunningRegistry> {
  const listen = parseListen(options.listen);
  const [tls, access] = await Promise.all([readTls(options), readAccess(options)]);
  if (options.directory !== undefined) return start({ ...access, ...tls, listen, root: options.directory }, options);
  const root = await mkdtemp(join(tmpdir(), 'tranship-serve-'));
  const forget = () => rm(root, { recursive: true, force: true });
  try {
    return withCleanup(await start({ ...access, ...tls, listen, root }, options), forget);
  } catch (error) {
    await forget();
    throw error;
  }
}

async function start(parts: RegistryOptions, options: ServeOptions): Promise<RunningRegistry> {
  try {
    return await startRegistry({
      ...parts,
      readOnly: options.readOnly ?? false,
      delete: options.delete ?? true,
      ...(options.onRequest && { onRequest: options.onRequest }),
      ...(options.onError && { onError: options.onError }),
    });
  } catch (error) {
    throw isTranshipError(error) ? error : cannotStart(options, error);
  }
}

function withCleanup(registry: RunningRegistry, forget: () => Promise<void>): RunningRegistry {
  return {
    ...registry,
    async close(closeOptions) {
      await registry.close(closeOptions);
      await forget();
    },
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      await forget();
    },
  };
}

function parseListen(text: string): { readonly host: string; readonly port: number } {
  const found = /^(?:(?<host>\[[0-9a-f:]+\]|[^:[\]]*):)?(?<port>\d{1,5})$/i.exec(text)?.groups;
  const port = Number(found?.['port']);
  if (found === undefined || !(port <= 65_535)) {
    throw new TranshipError('E_LISTEN', 'usage', `"${text}" is not an address to listen at.`, {
      hint: 'Write host:port, such as 127.0.0.1:5000, 0.0.0.0:5000 or [::1]:5000.',
    });
  }
  const host = (found['host'] ?? '').replace(/^\[|\]$/g, '');
  return { host: host === '' ? '127.0.0.1' : host, port };
}

async function readTls({ certFile, keyFile }: ServeOptions): Promise<Pick<RegistryOptions, 'tls'>> {
  if (certFile === undefined && keyFile === undefined) return {};
  if (certFile === undefined || keyFile === undefined) throw contradiction('A certificate and its key go together.');
  return { tls: { cert: await readText(certFile), key: await readText(keyFile) } };
}

async function readAccess(options: ServeOptions): Promise<Pick<RegistryOptions, 'auth' | 'wrap'>> {
  const { user, htpasswdFile, env } = options;
  if (user !== undefined && htpasswdFile !== undefined) throw contradiction('Give either one user or a file of users.');
  if (htpasswdFile !== undefined) {
    const { users, wrap } = htpasswdFront(parseHtpasswd(await readText(htpasswdFile), htpasswdFile));
    return { auth: authFor(users, options), wrap };
  }
  if (user !== undefined) {
    const password = await readSecretRef(user.password, { env });
    registerSecret(password);
    return { auth: authFor([{ name: user.name, password: new Secret(password) }], options) };
  }
  if (options.anonymousPull || options.tokens) throw contradiction('--anonymous-pull and --token-auth need users.');
  return {};
}

function authFor(users: readonly RegistryUser[], { anonymousPull, tokens }: ServeOptions): AuthOptions {
  return { kind: tokens ? 'token' : 'basic', users, ...(anonymousPull && { anonymous: 'read' as const }) };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new TranshipError('E_SERVE', 'usage', 'A file for the registry cannot be read.', {
      subject: path,
      cause: error,
    });
  }
}

function contradiction(message: string): TranshipError {
  return new TranshipError('E_SERVE', 'usage', message, { hint: 'See `tranship serve --help`.' });
}

function cannotStart({ listen, directory }: ServeOptions, cause: unknown): TranshipError {
  const {
    code = String(cause),
    syscall,
    path = directory,
  } = cause instanceof Error ? (cause as NodeJS.ErrnoException) : {};
  if (syscall === 'listen' || syscall === 'bind' || syscall === 'getaddrinfo') return cannotListen(listen, code, cause);
  return new TranshipError('E_SERVE', 'usage', `The registry could not be started: ${code}.`, {
    ...(path !== undefined && { subject: path }),
    hint: 'Check that the folder may be written, and that the certificate and its key are PEM files that belong together.',
    cause,
  });
}

function cannotListen(listen: string, code: string, cause: unknown): TranshipError {
  return new TranshipError('E_LISTEN', 'failed', `The registry could not be started at ${listen}: ${code}.`, {
    subject: listen,
    hint: code === 'EADDRINUSE' ? 'Something listens there already; choose another port.' : 'Choose another address.',
    cause,
  });
}
