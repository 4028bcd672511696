import type { Credential } from '../oci/credential.ts';
import { TranshipError } from '../oci/errors.ts';
import type { CallOptions } from '../oci/ports.ts';
import { basic, identityToken } from './entry.ts';
import type { Environment } from './places.ts';
import { type ReadSecretOptions, readSecretRef, type SecretRef } from './secret-ref.ts';
import { canonicalHost } from './server-key.ts';

/** Credentials that a configuration states for a registry: a user with a password, or a refresh token. */
export interface ConfiguredCredential {
  readonly username?: string | SecretRef | undefined;
  readonly password?: SecretRef | undefined;
  readonly token?: SecretRef | undefined;
  /** Where it is stated, for messages: `tranship.yaml:4:7`. */
  readonly origin: string;
}

/** Reads the parts of a configured credential. Throws `E_SECRET` for a missing part. */
async function readConfigured(configured: ConfiguredCredential, options: ReadSecretOptions): Promise<Credential> {
  if (configured.token !== undefined) return identityToken(await readSecretRef(configured.token, options));
  const { username, password } = configured;
  if (username === undefined || password === undefined) throw half(configured.origin);
  const name = typeof username === 'string' ? username : await readSecretRef(username, options);
  return basic(name, await readSecretRef(password, options));
}

/**
 * Credentials from the environment: `TRANSHIP_USERNAME_<HOST>` with `TRANSHIP_PASSWORD_<HOST>`, or `TRANSHIP_TOKEN_<HOST>`;
 * the host in upper case, `-` as `__`, every other sign as `_`, so that no two hosts share a name.
 */
function fromEnvironment(registry: string, env: Environment): ConfiguredCredential | undefined {
  const suffix = variableSuffix(registry);
  const [username, password, token] = ['USERNAME', 'PASSWORD', 'TOKEN'].map((part) => `TRANSHIP_${part}_${suffix}`);
  if (username === undefined || password === undefined || token === undefined) return undefined;
  if (isSet(env, token)) return { token: { env: token }, origin: token };
  if (!isSet(env, username) && !isSet(env, password)) return undefined;
  return { username: { env: username }, password: { env: password }, origin: password };
}

/** The part of the variables' names that stands for a host: `registry.example.com:5000` → `REGISTRY_EXAMPLE_COM_5000`. */
function variableSuffix(registry: string): string {
  return canonicalHost(registry)
    .toUpperCase()
    .replace(/-/g, '__')
    .replace(/[^A-Z0-9_]/g, '_');
}

/** Looks up and reads what is configured or in the environment for a registry. */
export async function stated(
  registry: string,
  configured: ReadonlyMap<string, ConfiguredCredential>,
  env: Environment,
  options: CallOptions,
): Promise<{ credential: Credential; origin: string } | undefined> {
  const found = configured.get(canonicalHost(registry)) ?? fromEnvironment(registry, env);
  if (found === undefined) return undefined;
  return { credential: await readConfigured(found, { ...options, env }), origin: found.origin };
}

function isSet(env: Environment, name: string): boolean {
  return env[name] !== undefined && env[name] !== '';
}

function half(origin: string): TranshipError {
  return new TranshipError('E_SECRET', 'usage', 'A credential needs a user name and a password, or a token.', {
    subject: origin,
    hint: 'Give both, or leave both out to use the docker and podman files.',
  });
}
