import type { NativeTls } from '../native.ts';
import type { ForeignIo } from '../reader.ts';

/**
 * The files of a folder of certificates as docker and podman read it (containers-certs.d): every `*.crt` is an authority, `X.cert` with
 * `X.key` a certificate of ours. `undefined` where there is no such folder; `more` are files that had no room.
 */
export async function certificatesIn(
  folder: string,
  { listFolder, signal }: ForeignIo,
): Promise<{ readonly tls: NativeTls; readonly more: readonly string[] } | undefined> {
  const names = await listFolder?.(folder, { signal });
  if (names === undefined) return undefined;
  const path = (name: string): string => `${folder.replace(/\/+$/, '')}/${name}`;
  const [ca, ...authorities] = names.filter((name) => name.endsWith('.crt')).toSorted();
  const [cert, ...certificates] = names
    .filter((name) => name.endsWith('.cert') && names.includes(keyOf(name)))
    .toSorted();
  return {
    tls: {
      ...(ca !== undefined && { ca: path(ca) }),
      ...(cert !== undefined && { cert: path(cert), key: path(keyOf(cert)) }),
    },
    more: [...authorities, ...certificates],
  };
}

function keyOf(certificate: string): string {
  return certificate.replace(/\.cert$/, '.key');
}
