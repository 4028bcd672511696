/** Whether a login opens the registry, asked of its token service before anything is copied. */
import type { HttpClient } from '../../http/types.ts';
import type { Secret } from '../../kit/secret.ts';
import { TranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import { answerError, wordsOf } from '../answer-error.ts';
import type { QuayClient } from '../client.ts';

export interface RegistryLogin {
  readonly username: string;
  readonly password: Secret;
}

const largestAnswer = 64 * 1024;

/** Asks for a token without any scope, so that nothing is made by asking. Throws `E_QUAY_SIGN_IN`. */
export async function requireLogin(
  { url, server }: Pick<QuayClient, 'url' | 'server'>,
  http: HttpClient,
  { username, password }: RegistryLogin,
  { signal }: CallOptions = {},
): Promise<void> {
  const basic = password.map((text) => `Basic ${Buffer.from(`${username}:${text}`).toString('base64')}`);
  const target = new URL(`/v2/auth?service=${encodeURIComponent(server)}`, url);
  const answer = await http.request({
    method: 'GET',
    url: target,
    headers: { accept: 'application/json' },
    authorization: basic,
    bodyLimit: largestAnswer,
    redirects: 'return',
    signal,
  });
  if (answer.status === 200) return;
  const told = {
    status: answer.status,
    contentType: answer.headers.get('content-type'),
    body: answer.body.toString('utf8'),
  };
  if (answer.status !== 401 && answer.status !== 403)
    throw answerError(told, { what: `Logging in to ${server}`, server, scope: 'none' });
  throw new TranshipError('E_QUAY_SIGN_IN', 'auth', `The registry ${server} refused the login of ${username}`, {
    subject: server,
    serverSaid: wordsOf(told),
    hint: 'Check user and password. A token logs in as the user $oauthtoken, a robot as organisation+name.',
  });
}
