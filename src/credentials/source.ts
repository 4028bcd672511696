import type { Credential, CredentialSource, FoundCredential } from '../oci/credential.ts';
import { isTranshipError } from '../oci/errors.ts';
import type { RepositoryName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import { type AuthFile, parseAuthFile, readAuthFile } from './auth-file.ts';
import { type ConfiguredCredential, stated } from './configured.ts';
import { credentialOf } from './entry.ts';
import { helperGet } from './helper.ts';
import { authPlaces, type Surroundings } from './places.ts';
import { candidateKeys, canonicalHost, helperServer } from './server-key.ts';

export interface CredentialOptions extends Surroundings {
  /** `--authfile`: stands alone. */
  readonly authFile?: string | undefined;
  /** What a configuration states, by host. It goes before everything else. */
  readonly configured?: ReadonlyMap<string, ConfiguredCredential>;
  /** Told every secret value that was read, so that no output can show it. */
  readonly registerSecret: (value: string) => void;
  /** Told what is wrong but not in the way. */
  readonly warn?: (message: string) => void;
  readonly helperTimeoutMs?: number;
}

/**
 * The usual places of credentials, asked in order: the configuration, `TRANSHIP_…` variables, then `--authfile` or
 * `REGISTRY_AUTH_FILE` alone, else `DOCKER_AUTH_CONFIG`, podman's files, docker's file. The first match wins; inside a
 * file the longest path does, then the host's helper, then the host itself.
 *
 * Files are read once per source, and a helper is asked once per server.
 */
export function createCredentials(options: CredentialOptions): CredentialSource {
  const configured = new Map([...(options.configured ?? [])].map(([host, value]) => [canonicalHost(host), value]));
  const files = once(() => readFiles(options));
  const helpers = new HelperMemory(options);
  return {
    async find(registry, repository, callOptions = {}) {
      const found =
        (await stated(registry, configured, {
          ...callOptions,
          env: options.env,
          askHelper: (name, server) => helpers.ask(name, server, callOptions),
        })) ?? (await findInFiles(await files(), helpers, registry, repository, callOptions));
      if (found !== undefined) register(found.credential, options.registerSecret);
      return found;
    },
  };
}

async function readFiles(options: CredentialOptions): Promise<readonly AuthFile[]> {
  const places = authPlaces(options, options.authFile);
  const inline = options.env['DOCKER_AUTH_CONFIG'];
  const useInline = inline !== undefined && inline !== '' && !places.some((place) => place.explicit);
  const first = useInline ? [parseAuthFile(inline, 'DOCKER_AUTH_CONFIG')] : [];
  const read = await Promise.all(places.map(readAuthFile));
  return [...first, ...read.filter((file) => file !== undefined)];
}

async function findInFiles(
  files: readonly AuthFile[],
  helpers: HelperMemory,
  registry: string,
  repository: RepositoryName | undefined,
  options: CallOptions,
): Promise<FoundCredential | undefined> {
  for (const file of files) {
    const found = await findInFile(file, helpers, registry, repository, options);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function findInFile(
  file: AuthFile,
  helpers: HelperMemory,
  registry: string,
  repository: RepositoryName | undefined,
  options: CallOptions,
): Promise<FoundCredential | undefined> {
  const host = canonicalHost(registry);
  for (const key of candidateKeys(registry, repository)) {
    const asked = key === host ? await helpers.find(file, registry, options) : undefined;
    if (asked !== undefined) return asked;
    const entry = file.auths.get(key);
    const credential = entry === undefined ? undefined : credentialOf(entry, key, file.path);
    if (credential !== undefined) return { credential, origin: file.path };
  }
  return undefined;
}

/** Asks each helper once per server: some take a second, and some a person. */
class HelperMemory {
  readonly #options: CredentialOptions;
  readonly #answers = new Map<string, Promise<Credential | undefined>>();

  constructor(options: CredentialOptions) {
    this.#options = options;
  }

  async find(file: AuthFile, registry: string, options: CallOptions): Promise<FoundCredential | undefined> {
    const host = canonicalHost(registry);
    const own = file.helpers.get(host);
    const name = own ?? file.store;
    if (name === undefined) return undefined;
    const credential = await this.ask(name, helperServer(registry), options).catch((error: unknown) => {
      if (own !== undefined || file.auths.has(host) || !isMissingHelper(error)) throw error;
      // A store that was once set up for every host and is gone: nothing says that it holds this one.
      this.#options.warn?.(`${error.message.replace(/\.$/, '')} (${file.path}); going on without it for ${host}`);
      return undefined;
    });
    return credential === undefined ? undefined : { credential, origin: `docker-credential-${name} (${file.path})` };
  }

  ask(name: string, server: string, options: CallOptions): Promise<Credential | undefined> {
    const key = `${name} ${server}`;
    const running = this.#answers.get(key) ?? this.#start(name, server, options);
    this.#answers.set(key, running);
    // A failure is not an answer: whoever asks next may try again.
    running.catch(() => this.#answers.delete(key));
    return running;
  }

  #start(name: string, server: string, options: CallOptions): Promise<Credential | undefined> {
    const { env, helperTimeoutMs } = this.#options;
    return helperGet({ ...options, name, server, env, ...(helperTimeoutMs && { timeoutMs: helperTimeoutMs }) });
  }
}

function isMissingHelper(error: unknown): error is Error {
  return isTranshipError(error) && error.code === 'E_HELPER_MISSING';
}

function register(credential: Credential, registerSecret: (value: string) => void): void {
  if (credential.kind === 'identity-token') return registerSecret(credential.token.reveal());
  const { username, password } = credential;
  registerSecret(password.reveal());
  // The form in which it goes over the wire.
  registerSecret(Buffer.from(`${username}:${password.reveal()}`, 'utf8').toString('base64'));
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
