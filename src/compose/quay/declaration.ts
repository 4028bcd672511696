/** `quay.yaml` with its secrets read. A password that is not to be had means "unchanged", so it is no error here. */
import { loadQuayFile, type QuayFile, type WrittenCredentials } from '../../config/quay-file.ts';
import type { DeclaredOrganization as Written } from '../../config/quay-state.ts';
import type { SecretReference } from '../../config/types.ts';
import { readSecretRef } from '../../credentials/secret-ref.ts';
import { registerSecret } from '../../http/redact.ts';
import { Secret } from '../../kit/secret.ts';
import { isTranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type {
  DeclaredMirrorCredentials,
  DeclaredOrganization,
  DeclaredQuay,
  DeclaredRepository,
} from '../../quay/declared/types.ts';
import { fromConfigFolder, secretFrom } from '../configured.ts';
import { readUpTo } from '../read-file.ts';
import { connectQuay, type QuayConnection, type QuayConnectOptions } from './connect.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface SecretOptions extends CallOptions {
  readonly env?: Environment;
}

/** Throws a `ConfigError` with every mistake at once. */
export function loadDeclaration(file: string, options: CallOptions = {}): Promise<QuayFile> {
  return loadQuayFile(file, { ...options, readFile: readUpTo });
}

/** Connects to the file's server with the file's token. What the options say wins. */
export async function connectDeclared(
  { file, server }: QuayFile,
  options: Omit<QuayConnectOptions, 'server'>,
): Promise<QuayConnection> {
  const { token, tls } = server;
  const read =
    options.token === undefined && token !== undefined ? await secretOf(token, file, options) : options.token;
  return connectQuay({
    ...options,
    server: server.url,
    token: read,
    insecure: tls?.insecure === true || (options.insecure ?? false),
    caFile: options.caFile ?? (tls?.ca === undefined ? undefined : fromConfigFolder(file, tls.ca)),
  });
}

/** The declaration as it is compared and applied. */
export async function readSecrets({ file, state }: QuayFile, options: SecretOptions): Promise<DeclaredQuay> {
  const organizations: Record<string, DeclaredOrganization> = {};
  for (const [name, written] of Object.entries(state.organizations)) {
    organizations[name] = await organizationOf(written, (credentials) => credentialsOf(credentials, file, options));
  }
  return { ...state, organizations };
}

type Reader = (written: WrittenCredentials) => Promise<DeclaredMirrorCredentials>;

async function organizationOf(written: Written<WrittenCredentials>, read: Reader): Promise<DeclaredOrganization> {
  const { proxyCache, mirror, repositories, ...rest } = written;
  return {
    ...rest,
    ...(proxyCache && { proxyCache: await withCredentials(proxyCache, read) }),
    ...(mirror && { mirror: await withCredentials(mirror, read) }),
    ...(repositories && { repositories: await repositoriesOf(repositories, read) }),
  };
}

async function repositoriesOf(
  written: NonNullable<Written<WrittenCredentials>['repositories']>,
  read: Reader,
): Promise<Record<string, DeclaredRepository>> {
  const repositories: Record<string, DeclaredRepository> = {};
  for (const [name, { mirror, ...rest }] of Object.entries(written)) {
    repositories[name] = { ...rest, ...(mirror && { mirror: await withCredentials(mirror, read) }) };
  }
  return repositories;
}

async function withCredentials<T extends { readonly credentials?: WrittenCredentials }>(
  part: T,
  read: Reader,
): Promise<Omit<T, 'credentials'> & { credentials?: DeclaredMirrorCredentials }> {
  const { credentials, ...rest } = part;
  return { ...rest, ...(credentials && { credentials: await read(credentials) }) };
}

async function credentialsOf(
  { username, password }: WrittenCredentials,
  file: string,
  options: SecretOptions,
): Promise<DeclaredMirrorCredentials> {
  const name = typeof username === 'string' ? username : (await secretOf(username, file, options)).reveal();
  try {
    return { username: name, password: await secretOf(password, file, options) };
  } catch (error) {
    // A program that fails is a mistake; a variable or a file that is not there is "unchanged".
    if (!isTranshipError(error) || error.code !== 'E_SECRET' || 'command' in password) throw error;
    return { username: name, passwordFrom: error.subject ?? '' };
  }
}

async function secretOf(
  reference: SecretReference,
  file: string,
  { env = {}, signal }: SecretOptions,
): Promise<Secret> {
  const value = await readSecretRef(secretFrom(reference, file), { env, signal });
  registerSecret(value);
  return new Secret(value);
}
