import type { HttpAnswer, HttpClient, HttpRequest } from '../../http/types.ts';
import { Secret } from '../../kit/secret.ts';
import type { Credential } from '../../oci/credential.ts';
import { TranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import { basicAuthorization } from './basic.ts';
import { formatScope, type Scope } from './scope.ts';

/** Where tokens are had, as a `Bearer` challenge named it. The realm has passed the URL policy. */
export interface TokenService {
  readonly realm: URL;
  /** The registry that named it, where that is another host. */
  readonly givenBy: URL | undefined;
  readonly service: string | undefined;
}

const clientId = 'tranship';
const longestAnswer = 65_536;
/** What a service answers that does not know this form of asking: Quay has GET only, others POST only. */
const formUnknown: ReadonlySet<number> = new Set([404, 405, 501]);

/**
 * Asks for a token. A password goes by GET with Basic, an identity token by the OAuth2 POST that it needs; a service that
 * does not know the one form is asked in the other. No redirect is followed and no token of a registry is sent along.
 */
export async function requestToken(
  http: HttpClient,
  service: TokenService,
  scopes: readonly Scope[],
  credential: Credential | undefined,
  options: CallOptions = {},
): Promise<HttpAnswer> {
  const byGet = () => http.request({ ...getRequest(service, scopes, credential), ...options });
  if (credential === undefined) return byGet();
  const byPost = () => http.request({ ...postRequest(service, scopes, credential), ...options });

  const [first, second] = credential.kind === 'identity-token' ? [byPost, byGet] : [byGet, byPost];
  const answer = await first();
  const refusesIdentity = credential.kind === 'identity-token' && answer.status === 401;
  return formUnknown.has(answer.status) || refusesIdentity ? await second() : answer;
}

function getRequest(service: TokenService, scopes: readonly Scope[], credential: Credential | undefined): HttpRequest {
  const url = new URL(service.realm);
  if (service.service !== undefined) url.searchParams.set('service', service.service);
  for (const scope of scopes) url.searchParams.append('scope', formatScope(scope));
  url.searchParams.set('client_id', clientId);
  if (credential?.kind === 'basic') url.searchParams.set('account', credential.username);
  const authorization = credential === undefined ? undefined : basicAuthorization(credential);
  return { method: 'GET', url, authorization, givenBy: service.givenBy, ...common };
}

function postRequest(service: TokenService, scopes: readonly Scope[], credential: Credential): HttpRequest {
  const form = new URLSearchParams({ client_id: clientId, access_type: 'offline', ...grantOf(credential) });
  if (service.service !== undefined) form.set('service', service.service);
  if (scopes.length > 0) form.set('scope', scopes.map(formatScope).join(' '));
  return {
    method: 'POST',
    url: service.realm,
    givenBy: service.givenBy,
    headers: { ...common.headers, 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(form.toString()),
    redirects: common.redirects,
    bodyLimit: common.bodyLimit,
    retry: 'idempotent',
  };
}

const common = {
  headers: { accept: 'application/json' },
  redirects: 'return',
  bodyLimit: longestAnswer,
} as const;

function grantOf(credential: Credential): Record<string, string> {
  if (credential.kind === 'identity-token') {
    return { grant_type: 'refresh_token', refresh_token: credential.token.reveal() };
  }
  return { grant_type: 'password', username: credential.username, password: credential.password.reveal() };
}

/** A `Bearer` header's value. */
export function bearerAuthorization(token: Secret): Secret {
  return new Secret(`Bearer ${token.reveal()}`);
}

/** A token service that says yes and gives nothing. */
export function unusableAnswer(service: TokenService, status: number): TranshipError {
  return new TranshipError('E_TOKEN_ANSWER', 'failed', 'The token service gave an answer that holds no token.', {
    subject: service.realm.origin + service.realm.pathname,
    serverSaid: `HTTP ${status}`,
    hint: 'Check that the registry names the right token service; `tranship doctor` shows what it offers.',
  });
}
