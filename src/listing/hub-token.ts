import { z } from 'zod';
import { registerSecret } from '../http/redact.ts';
import { Secret } from '../kit/secret.ts';
import type { RepositoryName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import { type Authorizing, documentOf } from './api.ts';
import { type Account, accountOf, bearer } from './authorization.ts';
import type { ListingDeps } from './types.ts';

const tokenAnswer = z.looseObject({ access_token: z.string().min(1) });

/** An access token of the Hub API, exchanged for the account's password or access token, once a run and after a 401. */
export function hubAuthorization(deps: ListingDeps, base: URL): (options: Authorizing) => Promise<Secret | undefined> {
  let token: Promise<Secret | undefined> | undefined;
  return ({ repository: about, signal, renewed }) => {
    if (deps.api?.token !== undefined) return Promise.resolve(bearer(deps.api.token));
    if (renewed) token = undefined;
    const pending = token ?? exchange(about, { signal });
    token = pending;
    pending.catch(() => {
      if (token === pending) token = undefined;
    });
    return pending;
  };

  async function exchange(about: RepositoryName | undefined, options: CallOptions): Promise<Secret | undefined> {
    const account = await accountOf(deps, about, options);
    return account && bearer(await signIn(deps, base, account, options));
  }
}

async function signIn(
  { http, host }: ListingDeps,
  base: URL,
  { username, password }: Account,
  { signal }: CallOptions,
): Promise<Secret> {
  const answer = await http.request({
    method: 'POST',
    url: new URL('/v2/auth/token', base),
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ identifier: username, secret: password.reveal() })),
    redirects: 'return',
    retry: 'idempotent',
    signal,
  });
  const { access_token } = documentOf(answer, tokenAnswer, { what: 'The token of the Hub API', subject: host });
  registerSecret(access_token);
  return new Secret(access_token);
}
