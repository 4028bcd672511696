import { Secret } from '../kit/secret.ts';
import type { Credential } from '../oci/credential.ts';
import { TranshipError } from '../oci/errors.ts';
import type { AuthEntry } from './auth-file.ts';

/** The credential in an entry, or `undefined` for an empty one, which only says "ask the helper". */
export function credentialOf(entry: AuthEntry, key: string, path: string): Credential | undefined {
  if (entry.identitytoken !== undefined) return identityToken(entry.identitytoken);
  if (entry.auth !== undefined) return decodeAuth(entry.auth, key, path);
  if (entry.username === undefined || entry.password === undefined) return undefined;
  return basic(entry.username, entry.password);
}

/** `auth` as files keep it: base64 of `user:password`. */
export function encodeAuth(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
}

export function basic(username: string, password: string): Credential {
  return { kind: 'basic', username, password: new Secret(password) };
}

export function identityToken(token: string): Credential {
  return { kind: 'identity-token', token: new Secret(token) };
}

/** Split at the first colon, since passwords hold colons; docker pads with NUL, which is no part of the password. */
function decodeAuth(auth: string, key: string, path: string): Credential {
  const text = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = text.indexOf(':');
  if (colon > 0) return basic(text.slice(0, colon), text.slice(colon + 1));
  throw new TranshipError('E_AUTH_FILE', 'usage', `The entry for ${key} is not base64 of "user:password".`, {
    subject: path,
    hint: `Write it anew with \`tranship login ${key}\`.`,
  });
}
