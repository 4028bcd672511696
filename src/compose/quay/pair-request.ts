/** What `quay sync` and `quay diff` are told, from a file or the command line, with tokens read. */
import {
  type ListEntry,
  listOf,
  loadQuaySyncFile,
  type QuaySyncFile,
  type QuaySyncSide,
  readEntry,
} from '../../config/quay-sync-file.ts';
import type { SecretReference } from '../../config/types.ts';
import { readSecretRef } from '../../credentials/secret-ref.ts';
import { registerSecret } from '../../http/redact.ts';
import { Secret } from '../../kit/secret.ts';
import { TranshipError } from '../../oci/errors.ts';
import type { RepositoryName } from '../../oci/names.ts';
import type { CallOptions } from '../../oci/ports.ts';
import { fromConfigFolder, secretFrom } from '../configured.ts';
import { readUpTo } from '../read-file.ts';
import type { PairRequest, PairSide } from './pair.ts';

export interface PairSecrets extends CallOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function loadPairFile(file: string, options: CallOptions = {}): Promise<QuaySyncFile> {
  return loadQuaySyncFile(file, { ...options, readFile: readUpTo });
}

export async function requestOf(file: QuaySyncFile, options: PairSecrets): Promise<PairRequest> {
  const read = (side: QuaySyncSide) => sideOf(side, file.file, options);
  return { source: await read(file.source), destinations: await Promise.all(file.destinations.map(read)) };
}

async function sideOf(
  { server, token, login, tls }: QuaySyncSide,
  file: string,
  options: PairSecrets,
): Promise<PairSide> {
  return {
    server,
    ...(token && { token: await readSecret(secretFrom(token, file), options) }),
    ...(login && {
      login: { username: login.username, password: await readSecret(secretFrom(login.password, file), options) },
    }),
    ...(tls?.insecure === true && { insecure: true }),
    ...(tls?.ca !== undefined && { ca: fromConfigFolder(file, tls.ca) }),
  };
}

/** Reads a secret, and keeps it out of everything that is printed from now on. */
export async function readSecret(reference: SecretReference, options: PairSecrets): Promise<Secret> {
  const text = await readSecretRef(reference, options);
  registerSecret(text);
  return new Secret(text);
}

/** Throws `E_USAGE` for an entry that names no repository. */
export function listFrom(entries: readonly string[]): ReadonlyMap<RepositoryName, ReadonlySet<string> | undefined> {
  const read = entries.map((text): ListEntry => {
    const entry = readEntry(text);
    if (entry !== undefined) return entry;
    throw new TranshipError('E_USAGE', 'usage', `"${text}" names no repository.`, {
      hint: 'Write organisation/repository or organisation/repository:tag.',
    });
  });
  return listOf(read) as ReadonlyMap<RepositoryName, ReadonlySet<string> | undefined>;
}
