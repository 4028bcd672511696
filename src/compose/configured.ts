/** What a configuration says of its registries, in the words of the transport and of the rooms that need it. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isPem } from '../config/pem.ts';
import type { Config, CredentialsConfig, RegistryConfig, SecretReference, TlsConfig } from '../config/types.ts';
import type { ConfiguredCredential } from '../credentials/configured.ts';
import { readSecretRef } from '../credentials/secret-ref.ts';
import { registerSecret } from '../http/redact.ts';
import type { HostSettings } from '../http/types.ts';
import { Secret } from '../kit/secret.ts';
import { TranshipError } from '../oci/errors.ts';
import { readAuthorities } from './connection.ts';
import type { RegistryUse } from './session.ts';

/**
 * How the transport reaches each host that the configuration names. Where two names stand for one host, what either says
 * holds. Throws `E_CA_FILE` and `E_CLIENT_CERTIFICATE` for files that are not to be used.
 */
export async function hostsOf(
  config: Config,
  file: string,
  { env = {} }: { readonly env?: Readonly<Record<string, string | undefined>> } = {},
): Promise<ReadonlyMap<string, HostSettings>> {
  const hosts = new Map<string, HostSettings>();
  for (const registry of Object.values(config.registries)) {
    if (registry.layout !== undefined) continue;
    hosts.set(registry.host, { ...hosts.get(registry.host), ...(await settingsOf(registry, { file, env })) });
  }
  return hosts;
}

/** How a registry is opened by its name in the configuration. */
export function registryUse(name: string, config: Config, file: string): RegistryUse {
  const registry = config.registries[name];
  if (registry === undefined) {
    throw new TranshipError('E_CONFIG', 'usage', `The registry "${name}" is not configured.`, { subject: name });
  }
  const { host, credentials, tokenHosts, allowedHosts } = registry;
  return {
    host,
    ...(credentials && { credential: credentialOf(credentials, `${file}: registries.${name}.credentials`, file) }),
    settings: { ...(tokenHosts && { tokenHosts }), ...(allowedHosts && { allowedHosts }) },
    registryDomains: Object.values(config.registries)
      .filter(({ layout }) => layout === undefined)
      .map((each) => each.host),
  };
}

/** A path in a configuration is meant from the folder that the configuration is in. */
export function fromConfigFolder(file: string, path: string): string {
  return resolve(dirname(file), path);
}

/** A reference to a secret with its file, if it is one, found from the configuration's folder. */
export function secretFrom(reference: SecretReference, file: string): SecretReference {
  return 'file' in reference ? { file: fromConfigFolder(file, reference.file) } : reference;
}

interface Surroundings {
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

async function settingsOf(
  { plainHttp, mayBePlainHttp, tls, limits, tokenHosts, allowedHosts }: RegistryConfig,
  around: Surroundings,
): Promise<HostSettings> {
  return {
    ...(plainHttp && { plainHttp }),
    ...(mayBePlainHttp && { mayBePlainHttp }),
    ...limits,
    ...(tokenHosts && { tokenHosts }),
    ...(allowedHosts && { allowedHosts }),
    ...(tls && (await tlsOf(tls, around))),
  };
}

async function tlsOf({ ca, cert, key, insecure }: TlsConfig, around: Surroundings): Promise<HostSettings> {
  return {
    ...(insecure && { insecure }),
    ...(ca !== undefined && { ca: isPem(ca) ? ca : await readAuthorities(fromConfigFolder(around.file, ca)) }),
    ...(cert !== undefined &&
      key !== undefined && {
        clientCertificate: {
          cert: isPem(cert) ? cert : await readPem(fromConfigFolder(around.file, cert)),
          key: new Secret(await keyOf(key, around)),
        },
      }),
  };
}

async function keyOf(key: NonNullable<TlsConfig['key']>, { file, env }: Surroundings): Promise<string> {
  if (typeof key === 'string') return readPem(fromConfigFolder(file, key));
  const text = await readSecretRef(secretFrom(key, file), { env });
  registerSecret(text);
  return text;
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new TranshipError('E_CLIENT_CERTIFICATE', 'usage', 'The client certificate or its key cannot be read.', {
      subject: path,
      hint: 'Correct the path under `tls`; it is meant from the folder of the configuration.',
      cause,
    });
  }
}

function credentialOf(
  credentials: CredentialsConfig,
  origin: string,
  file: string,
): ConfiguredCredential | 'anonymous' {
  if (credentials === 'anonymous') return credentials;
  if ('token' in credentials) return { token: secretFrom(credentials.token, file), origin };
  if ('helper' in credentials) return { ...credentials, origin };
  const { username, password } = credentials;
  return {
    username: typeof username === 'string' ? username : secretFrom(username, file),
    password: secretFrom(password, file),
    origin,
  };
}
