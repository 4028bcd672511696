import { registerSecret } from '../http/redact.ts';
import type { HttpAnswer, HttpClient, HttpDownload, HttpRequest, HttpUpload, ResponseHeaders } from '../http/types.ts';
import { allowedUrl, type UrlQuestion } from '../http/url-policy.ts';
import type { Clock } from '../kit/clock.ts';
import type { CredentialSource } from '../oci/credential.ts';
import type { RepositoryName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import type { EventListener } from '../report/events.ts';
import { printable } from './answer-words.ts';
import { type Access, toPing } from './auth/access.ts';
import { Authorizer, type Pass } from './auth/authorizer.ts';
import { Abilities, type Capabilities } from './capabilities.ts';
import type { Tried } from './errors.ts';
import { InTurn } from './in-turn.ts';
import { productOfAnswer, productOfHost } from './product.ts';
import { warningsOf } from './warnings.ts';

export interface WireParts {
  /** `host[:port]` as it stands in references. */
  readonly host: string;
  readonly http: HttpClient;
  readonly credentials: CredentialSource;
  readonly clock: Clock;
  readonly emit: EventListener;
  readonly urlSettings: UrlQuestion['settings'];
  readonly registryDomains: readonly string[];
  readonly capabilities: Partial<Capabilities>;
}

/** A URL that the URL policy allowed, whether credentials may go there, and who gave it. */
export interface Target {
  readonly url: URL;
  readonly credentials: boolean;
  readonly givenBy: URL;
}

interface Addressed {
  /** A path below the registry's root, or a place that an answer named. */
  readonly to: string | Target;
  readonly access: Access;
  /** Renew a token that would end sooner. */
  readonly minimumLifeMs?: number;
}

/** How long the registry may think, where that is not the usual time. */
export type PingOptions = CallOptions & Pick<HttpRequest, 'headTimeoutMs'>;

export interface Call extends Omit<HttpRequest, 'url' | 'authorization' | 'givenBy'>, Addressed {}

export interface UploadCall extends Omit<HttpUpload, 'url' | 'authorization' | 'givenBy'>, Addressed {}

/** An answer to an upload, and whether a 401 led to a token that may open next time. */
export interface UploadAnswer extends HttpAnswer, Tried {
  readonly renewed: boolean;
}

/** docker.io is a name; its registry stands elsewhere. */
const apiHosts: Readonly<Record<string, string>> = {
  'docker.io': 'registry-1.docker.io',
  'index.docker.io': 'registry-1.docker.io',
};

const mostNotices = 1000;

/** Requests to one registry: addressed below its root, authorised as it wants, its warnings and its product noticed. */
export class Wire {
  readonly host: string;
  readonly clock: Clock;
  readonly abilities: Abilities;
  readonly authorizer: Authorizer;
  /** Questions whose first answer saves asking the others. */
  readonly scouting = new InTurn<'referrers'>();
  readonly #parts: WireParts;
  readonly #noticed = new Set<string>();
  #base: URL;
  #looks = 0;

  constructor(parts: WireParts) {
    this.#parts = parts;
    this.host = parts.host;
    this.clock = parts.clock;
    this.#base = new URL(`https://${apiHosts[parts.host] ?? parts.host}/`);
    this.abilities = new Abilities(productOfHost(parts.host), parts.capabilities, (what, why) =>
      this.warn('W_CAPABILITY', `${parts.host}: ${why} (${what})`),
    );
    this.authorizer = new Authorizer({
      host: parts.host,
      http: parts.http,
      credentials: parts.credentials,
      clock: parts.clock,
      registerSecret,
      judgeRealm: ({ realm, base }, withoutCredentials) =>
        this.#judge({ purpose: 'realm', base, url: realm, withoutCredentials }).url,
      ping: (options) => this.ping(options),
    });
  }

  /** Where the registry really answers: another host for docker.io, `http` after a fall-back. */
  get base(): URL {
    return this.#base;
  }

  async request(call: Call): Promise<HttpAnswer & Tried> {
    return this.#authorised(call, (authorized) =>
      this.#parts.http.request({ about: aboutOf(call), ...unaddressed(call), ...authorized }),
    );
  }

  async download(call: Call): Promise<HttpDownload & Tried> {
    return this.#authorised(call, (authorized) =>
      this.#parts.http.download({ about: aboutOf(call), ...unaddressed(call), ...authorized }),
    );
  }

  /** Sends once: after a 401 only the upload itself knows how it goes on. */
  async upload(call: UploadCall): Promise<UploadAnswer> {
    const pass = await this.#passFor(call);
    const answer = await this.#parts.http.upload({
      about: aboutOf(call),
      ...unaddressed(call),
      ...this.#addressed(call, pass),
    });
    this.#notice(answer);
    const renewed = await this.#better(answer, call, pass);
    return { ...(await this.#told(answer, call)), renewed: renewed !== undefined };
  }

  /** The front door without credentials, for its challenges and headers. */
  async ping(options: PingOptions = {}): Promise<HttpAnswer> {
    const url = new URL('/v2/', this.#base);
    const answer = await this.#parts.http.request({ method: 'GET', url, about: '/v2/', ...options });
    this.#notice(answer);
    return answer;
  }

  /** The front door as who we are for that repository. */
  enter(repository: RepositoryName, options: CallOptions = {}): Promise<HttpAnswer & Tried> {
    return this.request({ method: 'GET', to: '/v2/', access: { ...toPing, repository }, ...options });
  }

  /** The place that an answer's `Location` names, judged by the URL policy; `undefined` where it names none. */
  location(answer: { readonly headers: ResponseHeaders; readonly url: URL }): Target | undefined {
    const url = answer.headers.get('location');
    if (url === undefined || url === '') return undefined;
    return this.#judge({ purpose: 'location', base: answer.url, url });
  }

  /** Tells the user, once. */
  warn(code: `W_${string}`, message: string, subject: string = this.host): void {
    const key = `${code} ${subject} ${message}`;
    if (this.#noticed.has(key) || this.#noticed.size >= mostNotices) return;
    this.#noticed.add(key);
    this.#parts.emit({ type: 'warning', at: this.clock.wall(), code, message, subject });
  }

  /** One renewal, and one wait for a clock that is behind: never more for one request. */
  async #authorised<A extends Answer>(call: Addressed & CallOptions, send: Send<A>): Promise<A & Tried> {
    let pass: Pass | undefined = await this.#passFor(call);
    for (let sent = 1; ; sent++) {
      const answer = await send(this.#addressed(call, pass));
      this.#notice(answer);
      if (answer.status < 400) this.authorizer.proves(pass);
      pass = sent < mostSendings ? await this.#better(answer, call, pass) : undefined;
      if (pass === undefined) return this.#told(answer, call);
    }
  }

  /** Who reads that credentials are missing wants to know whether any were found, and where. */
  async #told<A extends Answer>(answer: A, { access, signal }: Addressed & CallOptions): Promise<A & Tried> {
    if (answer.status !== 401 || answer.url.origin !== this.#base.origin) return answer;
    if (this.authorizer.scheme === undefined) return answer;
    const found = await this.authorizer.credential(access.repository, { signal });
    return { ...answer, tried: found?.origin ?? null };
  }

  async #passFor({ to, access, minimumLifeMs, signal }: Addressed & CallOptions): Promise<Pass> {
    if (typeof to !== 'string' && !to.credentials) return { authorization: undefined };
    return this.authorizer.pass(access, { signal, ...(minimumLifeMs !== undefined && { minimumLifeMs }) });
  }

  /** A challenge is answered only where it comes from the very origin that was asked: never after a redirect elsewhere. */
  async #better(answer: Answer, call: Addressed & CallOptions, used: Pass): Promise<Pass | undefined> {
    if (answer.status !== 401 || answer.url.origin !== this.#base.origin) return undefined;
    return this.authorizer.afterRefusal(answer, call.access, used, { signal: call.signal });
  }

  /** An address behind a name that the registry gave is checked once more when the connection is made. */
  #addressed({ to }: Addressed, { authorization }: Pass): Authorized {
    if (typeof to === 'string') return { url: new URL(to, this.#base), authorization };
    const elsewhere = to.url.host !== to.givenBy.host;
    return { url: to.url, authorization, ...(elsewhere && { givenBy: to.givenBy }) };
  }

  #judge(question: Pick<UrlQuestion, 'purpose' | 'base' | 'url' | 'withoutCredentials'>): Target {
    const { registryDomains, urlSettings } = this.#parts;
    const verdict = allowedUrl({ ...question, registryDomains, ...(urlSettings && { settings: urlSettings }) });
    if (verdict.notice !== undefined) this.warn('W_OTHER_HOST', verdict.notice);
    return { url: verdict.url, credentials: verdict.credentials, givenBy: question.base };
  }

  #notice({ headers, url }: Pick<Answer, 'headers' | 'url'>): void {
    if (url.host === this.#base.host && url.protocol !== this.#base.protocol) this.#base = new URL('/', url);
    if (url.origin !== this.#base.origin) return;
    this.#recognise(headers);
    for (const warning of warningsOf(headers)) this.warn('W_REGISTRY', printable(warning));
  }

  #recognise(headers: ResponseHeaders): void {
    if (this.abilities.product !== undefined || this.#looks >= mostLooks) return;
    this.#looks += 1;
    const { scheme } = this.authorizer;
    this.abilities.product = productOfAnswer(headers, scheme?.kind === 'bearer' ? scheme.realm.realm : undefined);
  }
}

/** Answers after which a registry whose product did not show is nobody's in particular. */
const mostLooks = 100;

/** What a request is about. Registries choose the places of uploads as they like. */
function aboutOf({ to }: Addressed): string {
  if (typeof to !== 'string') return 'uploads';
  return /\/(uploads|blobs|manifests|tags|referrers)\/[^/]*$/.exec(to.replace(/\?.*$/, ''))?.[1] ?? 'requests';
}

/** What is the transport's of a call. */
function unaddressed<C extends Addressed>(call: C): Omit<C, keyof Addressed> {
  const { to: _to, access: _access, minimumLifeMs: _minimumLifeMs, ...rest } = call;
  return rest;
}

type Answer = Pick<HttpAnswer, 'status' | 'headers' | 'url'>;
type Authorized = Pick<HttpRequest, 'url' | 'authorization' | 'givenBy'>;
type Send<A> = (authorized: Authorized) => Promise<A>;

const mostSendings = 3;
