import { Secret } from '../../kit/secret.ts';
import type { Credential } from '../../oci/credential.ts';

/** The user name under which docker and others send an identity token where only a password can be sent. */
const identityTokenUser = '<token>';

/** A `Basic` header's value (RFC 7617, in UTF-8). */
export function basicAuthorization(credential: Credential): Secret {
  const [username, password] =
    credential.kind === 'basic'
      ? [credential.username, credential.password]
      : ([identityTokenUser, credential.token] as const);
  return new Secret(`Basic ${Buffer.from(`${username}:${password.reveal()}`, 'utf8').toString('base64')}`);
}
