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
  const session = new WebSession(quay, options);
  await session.visit();
  await session.authenticate(username, password);
  return session;
}

/** What a browser keeps of a server: its cookies, and the token by which a page proves to be the server's own. */
class WebSession implements QuaySession {
  readonly #quay: QuayClient;
  readonly #options: CallOptions;
  readonly #cookies = new Map<string, string>();
  #csrf = '';

  constructor(quay: QuayClient, options: CallOptions) {
    this.#quay = quay;
    this.#options = options;
  }

  /** Gets the CSRF token. Up to 3.15 there is no call for it, and it stands in the pages. */
  async visit(): Promise<void> {
    for (const path of ['/csrf_token', '/']) {
      const answer = await this.#quay.send('GET', path, { ...this.#options, anonymous: true });
      this.#keepCookies(answer);
      const token = csrfTokenIn(answer.body.toString('utf8'));
      if (token === undefined) continue;
      this.#csrf = token;
      return;
    }
    const { server } = this.#quay;
    throw new TranshipError('E_NOT_QUAY', 'failed', `${server} gives no CSRF token, so nobody can sign in`, {
      subject: server,
      hint: 'Is this a Quay with its web page switched on?',
    });
  }

  async authenticate(username: string, password: Secret): Promise<void> {
    const answer = await this.send('POST', '/signin', { username, password: password.reveal() });
    if (answer.status !== 200) throw signInRefused(answer, username, this.#quay.server);
  }

  send(method: string, path: string, body?: unknown, call: CallOptions = this.#options): Promise<HttpAnswer> {
    return this.#exchange(method, `/api/v1${path}`, json(body), call);
  }

  async mintToken(client: string, scopes: readonly string[], call: CallOptions = this.#options): Promise<Secret> {
    const form = new URLSearchParams({
      response_type: 'token',
      client_id: client,
      scope: scopes.join(' '),
      // Compared with the server's own name for itself, whatever address leads there.
      redirect_uri: this.#quay.features?.localApp ?? `${this.#quay.url.origin}/oauth/localapp`,
      state: 'tranship',
      format: 'json',
      _csrf_token: this.#csrf,
    });
    const body = { type: 'application/x-www-form-urlencoded', text: `${form}` };
    const answer = await this.#exchange('POST', '/oauth/authorizeapp', body, call);
    const location = answer.headers.get('location') ?? '';
    const token = new URLSearchParams(location.split('#', 2)[1]).get('access_token');
    if (token !== null) return new Secret(token);
    throw answerError(quoted(answer), {
      what: 'Making a token by the web flow',
      server: this.#quay.server,
      scope: scopes.join(' '),
    });
  }

  async #exchange(method: string, path: string, body: Body | undefined, call: CallOptions): Promise<HttpAnswer> {
    const answer = await this.#quay.send(method, path, {
      ...call,
      anonymous: true,
      headers: {
        cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        'x-csrf-token': this.#csrf,
        ...(body === undefined ? {} : { 'content-type': body.type }),
      },
      ...(body === undefined ? {} : { body: Buffer.from(body.text) }),
    });
    this.#keepCookies(answer);
    this.#csrf = answer.headers.get('x-next-csrf-token') ?? this.#csrf;
    return answer;
  }

  #keepCookies(answer: HttpAnswer): void {
    for (const line of answer.headers.all('set-cookie')) {
      const [pair = ''] = line.split(';', 1);
      const equals = pair.indexOf('=');
      if (equals > 0) this.#cookies.set(pair.slice(0, equals).trim(), pair.slice(equals + 1).trim());
    }
  }
}

function signInRefused(answer: HttpAnswer, username: string, server: string): TranshipError {
  const said = wordsOf(quoted(answer));
  if (answer.status === 429 || /too many login attempts/i.test(said)) {
    return new TranshipError('E_THROTTLED', 'temporary', `Signing in as ${username}: too many failed attempts`, {
      subject: server,
      serverSaid: said,
      hint: 'Quay refuses even the right password for a while. Wait a minute, then try again.',
    });
  }
  return new TranshipError('E_QUAY_SIGN_IN', 'auth', `Signing in as ${username} was refused`, {
    subject: server,
    serverSaid: said,
    hint: 'Check the user name and password. Users of LDAP or OIDC need a password that Quay itself knows.',
  });
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
