/**
 * Signs in with a password, as a browser does: for Quays without a token API (before 3.18) this is the only way to a
 * lasting token, and for a Quay whose first user was made but whose token got lost, the way back in.
 */

import type { HttpAnswer } from '../http/types.ts';
import { Secret } from '../kit/secret.ts';
import { TranshipError } from '../oci/errors.ts';
import type { CallOptions } from '../oci/ports.ts';
import { answerError, wordsOf } from './answer-error.ts';
import type { QuayClient } from './client.ts';

export interface QuaySession {
  /** Makes an API call with the session's rights. Below `/api/v1`. */
  send(method: string, path: string, body?: unknown, options?: CallOptions): Promise<HttpAnswer>;
  /**
   * A token of `scopes` for the application `client`, valid ten years. `localapp` is Quay's own page for applications
   * without a redirect address.
   */
  mintToken(client: string, scopes: readonly string[], options?: CallOptions): Promise<Secret>;
}

/** Throws `E_QUAY_SIGN_IN` when the password is wrong, and `E_THROTTLED` after too many wrong ones. */
export async function signIn(
  quay: QuayClient,
  username: string,
  password: Secret,
  options: CallOptions = {},
): Promise<QuaySession> {
  const cookies = new Map<string, string>();
  let csrf = await readCsrfToken();

  await authenticate();
  return {
    send: (method, path, body, call = options) => exchange(method, `/api/v1${path}`, json(body), call),
    mintToken,
  };

  /** Up to 3.15 there is no such call, and the token stands in the pages. */
  async function readCsrfToken(): Promise<string> {
    for (const path of ['/csrf_token', '/']) {
      const answer = await quay.send('GET', path, { ...options, anonymous: true });
      keepCookies(answer);
      const token = csrfTokenIn(answer.body.toString('utf8'));
      if (token !== undefined) return token;
    }
    throw new TranshipError('E_NOT_QUAY', 'failed', `${quay.server} gives no CSRF token, so nobody can sign in`, {
      subject: quay.server,
      hint: 'Is this a Quay with its web page switched on?',
    });
  }

  async function authenticate(): Promise<void> {
    const answer = await exchange('POST', '/api/v1/signin', json({ username, password: password.reveal() }), options);
    if (answer.status === 200) return;
    const said = wordsOf(quoted(answer));
    if (answer.status === 429 || /too many login attempts/i.test(said)) {
      throw new TranshipError('E_THROTTLED', 'temporary', `Signing in as ${username}: too many failed attempts`, {
        subject: quay.server,
        serverSaid: said,
        hint: 'Quay refuses even the right password for a while. Wait a minute, then try again.',
      });
    }
    throw new TranshipError('E_QUAY_SIGN_IN', 'auth', `Signing in as ${username} was refused`, {
      subject: quay.server,
      serverSaid: said,
      hint: 'Check the user name and password. Users of LDAP or OIDC need a password that Quay itself knows.',
    });
  }

  async function mintToken(client: string, scopes: readonly string[], call: CallOptions = options): Promise<Secret> {
    const form = new URLSearchParams({
      response_type: 'token',
      client_id: client,
      scope: scopes.join(' '),
      // Compared with the server's own name for itself, whatever address leads there.
      redirect_uri: quay.features?.localApp ?? `${quay.url.origin}/oauth/localapp`,
      state: 'tranship',
      format: 'json',
      _csrf_token: csrf,
    });
    const answer = await exchange(
      'POST',
      '/oauth/authorizeapp',
      { type: 'application/x-www-form-urlencoded', text: `${form}` },
      call,
    );
    const location = answer.headers.get('location');
    const token =
      location === undefined ? undefined : new URLSearchParams(location.split('#', 2)[1]).get('access_token');
    if (token !== undefined && token !== null) return new Secret(token);
    throw answerError(quoted(answer), {
      what: 'Making a token by the web flow',
      server: quay.server,
      scope: scopes.join(' '),
    });
  }

  async function exchange(
    method: string,
    path: string,
    body: Body | undefined,
    call: CallOptions,
  ): Promise<HttpAnswer> {
    const answer = await quay.send(method, path, {
      ...call,
      anonymous: true,
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        'x-csrf-token': csrf,
        ...(body === undefined ? {} : { 'content-type': body.type }),
      },
      ...(body === undefined ? {} : { body: Buffer.from(body.text) }),
    });
    keepCookies(answer);
    csrf = answer.headers.get('x-next-csrf-token') ?? csrf;
    return answer;
  }

  function keepCookies(answer: HttpAnswer): void {
    for (const line of answer.headers.all('set-cookie')) {
      const [pair = ''] = line.split(';', 1);
      const equals = pair.indexOf('=');
      if (equals > 0) cookies.set(pair.slice(0, equals).trim(), pair.slice(equals + 1).trim());
    }
  }
}

interface Body {
  readonly type: string;
  readonly text: string;
}

function json(document: unknown): Body | undefined {
  return document === undefined ? undefined : { type: 'application/json', text: JSON.stringify(document) };
}

/** Newer Quays answer JSON; up to 3.15 the token stands in the page's script. */
function csrfTokenIn(page: string): string | undefined {
  return /"csrf_token"\s*:\s*"([^"]+)"/.exec(page)?.[1] ?? /window\.__token\s*=\s*'([^']+)'/.exec(page)?.[1];
}

function quoted(answer: HttpAnswer): { status: number; contentType: string | undefined; body: string } {
  return { status: answer.status, contentType: answer.headers.get('content-type'), body: answer.body.toString('utf8') };
}
