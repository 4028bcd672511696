import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecureContext } from 'node:tls';
import { TranshipError } from '../oci/errors.ts';
import { codeOf } from './errors.ts';
import { nodeTls } from './node-tls.ts';
import type { Environment } from './proxy.ts';
import type { HostSettings } from './types.ts';

export interface TrustOptions {
  readonly env: Environment;
  settings(host: string): HostSettings;
  /** Directories with a folder per `host[:port]`, as docker and podman have them. */
  readonly certificateFolders: readonly string[];
}

export const usualCertificateFolders = ['/etc/docker/certs.d', '/etc/containers/certs.d'];

/** `first`: what the user named for the host, or else Node's built-in store. `all`: every authority that there is. */
export type TrustReach = 'first' | 'all';

/**
 * Which authorities are trusted for a host, and what we show it of ourselves. Reading the bundled and the system's stores
 * costs a tenth of a second, so that they are only read once the first choice does not suffice.
 */
export class Trust {
  readonly #options: TrustOptions;
  readonly #contexts = new Map<string, SecureContext>();

  constructor(options: TrustOptions) {
    this.#options = options;
  }

  context(host: string, reach: TrustReach): SecureContext {
    const key = `${host} ${reach}`;
    const known = this.#contexts.get(key);
    if (known !== undefined) return known;
    const made = this.#make(host, reach);
    this.#contexts.set(key, made);
    return made;
  }

  #make(host: string, reach: TrustReach): SecureContext {
    const { ca, clientCertificate } = this.#options.settings(host);
    const folder = this.#fromFolders(host);
    const named = [...(ca === undefined ? [] : [ca]), ...folder.authorities];
    const own = reach === 'first' ? named : [...named, ...this.#fromEnvironment()];
    const identity =
      clientCertificate === undefined
        ? folder.identity
        : { cert: clientCertificate.cert, key: clientCertificate.key.reveal() };
    try {
      // Node passes over an authority that it cannot read, and the user would wonder.
      for (const pem of own) new X509Certificate(pem);
      return nodeTls().createSecureContext({ minVersion: 'TLSv1.2', ...authorities(own, reach), ...identity });
    } catch (cause) {
      throw unusable(`the certificates for ${host} cannot be read`, cause);
    }
  }

  #fromEnvironment(): readonly string[] {
    const file = this.#options.env['SSL_CERT_FILE'];
    return file === undefined || file === '' ? [] : [readPem(file)];
  }

  #fromFolders(host: string): { authorities: readonly string[]; identity?: { cert: string; key: string } } {
    for (const root of this.#options.certificateFolders) {
      const folder = join(root, host);
      const names = filesOf(folder);
      if (names.length === 0) continue;
      const authorities = names.filter((name) => name.endsWith('.crt')).map((name) => readPem(join(folder, name)));
      const pair = names.find((name) => name.endsWith('.cert') && names.includes(name.replace(/cert$/u, 'key')));
      if (pair === undefined) return { authorities };
      const key = readPem(join(folder, pair.replace(/cert$/u, 'key')));
      return { authorities, identity: { cert: readPem(join(folder, pair)), key } };
    }
    return { authorities: [] };
  }
}

/** Without certificates of the user's own, the built-in store, shared in the process, costs nothing. */
function authorities(own: readonly string[], reach: TrustReach): { ca?: string[] } {
  if (reach === 'first') return own.length === 0 ? {} : { ca: [...own] };
  const { getCACertificates } = nodeTls();
  return { ca: [...getCACertificates('default'), ...getCACertificates('system'), ...own] };
}

function filesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (cause) {
    // Most hosts have no such folder, and one that we may not read is not meant for us.
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(codeOf(cause))) return [];
    throw unusable(`the certificate folder ${folder} cannot be read`, cause);
  }
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw unusable(`the certificate file ${file} cannot be read`, cause);
  }
}

function unusable(message: string, cause: unknown): TranshipError {
  const detail = cause instanceof Error ? `: ${cause.message}` : '';
  return new TranshipError('E_TLS_CERTIFICATE_FILE', 'usage', message + detail, {
    hint: 'it must be PEM text that this user can read',
    cause,
  });
}
