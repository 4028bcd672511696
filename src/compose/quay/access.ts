/** Getting in: the first user, lasting tokens, kept tokens, ownership. */
import { registerSecret } from '../../http/redact.ts';
import type { Secret } from '../../kit/secret.ts';
import { TranshipError } from '../../oci/errors.ts';
import { type FirstUser, type FirstUserOptions, type FirstUserToken, makeFirstUser } from '../../quay/first-user.ts';
import { requireLiveToken } from '../../quay/liveness.ts';
import { mintByApi, mintInSession, type NamedToken } from '../../quay/mint.ts';
import { signIn } from '../../quay/session.ts';
import { type QuayConnection, requireWritable } from './connect.ts';

export { firstTokenSeconds } from '../../quay/first-user.ts';
export { allOrganizations, makeOwner, tokensUser } from '../../quay/ownership.ts';
export { allScopes, parseScopes } from '../../quay/scope-names.ts';
export { openTokenStore } from '../../quay/token-store.ts';
export { requireLiveToken };

export async function bootstrapQuay(
  connection: QuayConnection,
  user: FirstUser,
  options: FirstUserOptions,
): Promise<FirstUserToken> {
  requireWritable(connection);
  const made = await makeFirstUser(connection.quay, user, options);
  registerSecret(made.token.reveal());
  return made;
}

export interface TokenOptions extends NamedToken {
  /** Signs in as a browser does, where the server has no token API or there is no token to ask it with. */
  readonly login?: { readonly username: string; readonly password: Secret } | undefined;
}

export async function createQuayToken(connection: QuayConnection, options: TokenOptions): Promise<Secret> {
  requireWritable(connection);
  const token = await minted(connection, options);
  registerSecret(token.reveal());
  return token;
}

async function minted({ quay, features, token }: QuayConnection, options: TokenOptions): Promise<Secret> {
  const { login, signal } = options;
  if (token !== undefined && features.offers('createApplicationToken')) return mintByApi(quay, options);
  if (login !== undefined) {
    if (options.seconds !== undefined) throw noLifetime(quay.server);
    return mintInSession(quay, await signIn(quay, login.username, login.password, { signal }), options);
  }
  throw new TranshipError('E_QUAY_UNSUPPORTED', 'usage', `${quay.server} makes tokens only for who signs in`, {
    subject: quay.server,
    hint: 'Give --username and --password-stdin. The token API came with Quay 3.18.',
  });
}

function noLifetime(server: string): TranshipError {
  return new TranshipError('E_QUAY_UNSUPPORTED', 'usage', 'A token made by signing in always lives ten years', {
    subject: server,
    hint: 'Leave --expires out. Other lifetimes need the token API of Quay 3.18 and a token to ask it with.',
  });
}
