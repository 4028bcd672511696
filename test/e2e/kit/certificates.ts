/** A private certificate authority and a server certificate for loopback, made by openssl. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOk } from './process.ts';
import { tool } from './tools.ts';

export interface Certificates {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export interface CertificateOptions {
  /** May be negative: then the certificate has run out. */
  readonly days?: number;
  /** What the certificate stands for. */
  readonly names?: string;
}

export async function makeCertificates(
  folder: string,
  { days = 30, names = 'DNS:localhost,IP:127.0.0.1' }: CertificateOptions = {},
): Promise<Certificates> {
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): Promise<string> => runOk(tool('openssl'), args, { cwd: folder });
  await openssl(
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=Test CA'],
    ...['-days', '60', '-keyout', at('ca.key'), '-out', at('ca.pem')],
  );
  await openssl(
    ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=localhost'],
    ...['-keyout', at('server.key'), '-out', at('server.csr')],
  );
  writeFileSync(at('san.cnf'), `subjectAltName=${names}\n`);
  await openssl(
    ...['x509', '-req', '-in', at('server.csr'), '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial'],
    ...['-extfile', at('san.cnf'), '-out', at('server.pem'), '-days', String(days)],
  );
  return { caFile: at('ca.pem'), certFile: at('server.pem'), keyFile: at('server.key') };
}
