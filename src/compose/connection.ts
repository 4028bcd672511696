import { readFile } from 'node:fs/promises';
import type { HostSettings } from '../http/types.ts';
import { TranshipError } from '../oci/errors.ts';

/** How registries are reached, beyond the defaults. */
export interface ConnectionOptions {
  /** Plain HTTP: for every registry, or for these hosts. Loopback addresses fall back to it by themselves. */
  readonly plainHttp?: boolean | readonly string[];
  /** No certificate check: for every registry, or for these hosts. */
  readonly insecure?: boolean | readonly string[];
  /** A PEM file of certificate authorities to trust beside the system's. */
  readonly caFile?: string | undefined;
  /** What single hosts need; wins over the rest. */
  readonly hosts?: ReadonlyMap<string, HostSettings>;
}

/** What the transport asks for each host. Throws `E_CA_FILE` when the file of authorities is not to be used. */
export async function hostSettings(options: ConnectionOptions): Promise<(host: string) => HostSettings> {
  const ca = options.caFile === undefined ? undefined : await readAuthorities(options.caFile);
  return (host) => ({
    ...(holds(options.plainHttp, host) && { plainHttp: true }),
    ...(holds(options.insecure, host) && { insecure: true }),
    ...(ca !== undefined && { ca }),
    ...options.hosts?.get(host),
  });
}

function holds(said: boolean | readonly string[] | undefined, host: string): boolean {
  return typeof said === 'object' ? said.includes(host) : said === true;
}

export async function readAuthorities(path: string): Promise<string> {
  try {
    const text = await readFile(path, 'utf8');
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  } catch (error) {
    throw unusable(path, 'cannot be read', error);
  }
  throw unusable(path, 'holds no certificate in PEM form');
}

function unusable(path: string, why: string, cause?: unknown): TranshipError {
  return new TranshipError('E_CA_FILE', 'usage', `The file of certificate authorities ${why}.`, {
    subject: path,
    hint: 'It has to hold blocks that begin with -----BEGIN CERTIFICATE-----.',
    ...(cause === undefined ? {} : { cause }),
  });
}
