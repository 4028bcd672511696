import type { Credential } from '../oci/credential.ts';
import { TranshipError } from '../oci/errors.ts';
import { basic, identityToken } from './entry.ts';
import type { Environment } from './places.ts';
import { type ReadSecretOptions, readSecretRef, type SecretRef } from './secret-ref.ts';
import { canonicalHost, helperServer } from './server-key.ts';

/** Credentials that a configuration states for a registry: a user with a password, or a refresh token. */
export interface ConfiguredCredential {
  readonly username?: string | SecretRef | undefined;
  readonly password?: SecretRef | undefined;
  readonly token?: SecretRef | undefined;
  /** The credential helper `docker-credential-NAME`, and what it is asked about where that is not the registry. */
  readonly helper?: string | undefined;
  readonly server?: string | undefined;
  /** Where it is stated, for messages: `tranship.yaml:4:7`. */
  readonly origin: string;
}

export interface StatedOptions extends ReadSecretOptions {
  /** What a credential helper knows of a server; asked once for each. */
  readonly askHelper: (name: string, server: string) => Promise<Credential | undefined>;
}

/** Reads the parts of a configured credential. Throws `E_SECRET` for a missing part. */
async function readConfigured(
  registry: string,
  configured: ConfiguredCredential,
  options: StatedOptions,
): Promise<Credential> {
  if (configured.helper !== undefined)
    return fromHelper(configured.helper, configured.server ?? helperServer(registry), options);
  if (configured.token !== undefined) return identityToken(await readSecretRef(configured.token, options));
  const { username, password } = configured;
  if (username === undefined || password === undefined) throw half(configured.origin);
  const name = typeof username === 'string' ? username : await readSecretRef(username, options);
  return basic(name, await readSecretRef(password, options));
}

/** A helper that is named and knows nothing is a mistake: whoever names one does not want to be anonymous. */
async function fromHelper(name: string, server: string, { askHelper }: StatedOptions): Promise<Credential> {
  const found = await askHelper(name, server);
  if (found !== undefined) return found;
  const message = `The credential helper docker-credential-${name} knows no login.`;
  throw new TranshipError('E_CREDENTIAL_HELPER', 'auth', message, {
    subject: server,
    hint: `See what it says with \`echo ${server} | docker-credential-${name} get\`.`,
  });
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
  options: StatedOptions,
): Promise<{ credential: Credential; origin: string } | undefined> {
  const found = configured.get(canonicalHost(registry)) ?? fromEnvironment(registry, options.env);
  if (found === undefined) return undefined;
  return { credential: await readConfigured(registry, found, options), origin: found.origin };
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
