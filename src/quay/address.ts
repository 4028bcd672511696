/** The address of a Quay as people write it: a host, a host with a port, a URL. */
import { TranshipError } from '../oci/errors.ts';

/**
 * `quay.example.com`, `quay.example.com:8443`, `https://quay.example.com/` and `…/api/v1/` are one kind of address. TLS unless
 * `http://` says otherwise. Throws `E_QUAY_ADDRESS` for what is none, and for a path: Quay does not run below one.
 */
export function parseQuayAddress(text: string): URL {
  const written = text.trim();
  const url = URL.parse(/^[a-z][a-z\d+.-]*:\/\//i.test(written) ? written : `https://${written}`);
  if (url === null || url.hostname === '' || !/^https?:$/.test(url.protocol) || url.search + url.hash !== '') {
    throw wrongAddress(`"${shown(written)}" is no address of a Quay`, 'Write it like https://quay.example.com.');
  }
  if (url.username !== '' || url.password !== '') {
    throw wrongAddress(
      'A user and a password must not stand in the address of a Quay',
      'The API takes a token: see `tranship quay login`.',
    );
  }
  if (!/^\/(?:api\/v1\/?)?$/.test(url.pathname)) {
    throw wrongAddress(
      `The address of a Quay has no path, "${url.host}${url.pathname}" has one`,
      `Quay does not work below a path of another site. Give it a name of its own, and write that, like https://${url.host}.`,
    );
  }
  return new URL(url.origin);
}

function wrongAddress(message: string, hint: string): TranshipError {
  return new TranshipError('E_QUAY_ADDRESS', 'usage', message, { hint });
}

/** Never more than the host and path of what may hold a password. */
function shown(text: string): string {
  return text.replace(/^([a-z]+:\/\/)?[^/@]*@/i, '$1…@').slice(0, 200);
}
