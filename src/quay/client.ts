/**
 * Calls Quay's API by the rows of {@link endpoints}. What the client guards: paths are built only from checked segments,
 * nothing but GET follows a redirect, and a change whose feature is not known to be on is never sent, because its path would
 * then mean another object.
 */

import type { HttpAnswer, HttpClient } from '../http/types.ts';
import type { Secret } from '../kit/secret.ts';
import { TranshipError } from '../oci/errors.ts';
import type { CallOptions } from '../oci/ports.ts';
import { answerError, isAbsent, wordsOf } from './answer-error.ts';
import { type Endpoint, type EndpointName, endpoints, type PathOf, type ReplyOf } from './endpoints.ts';
import type { QuayFeatures } from './features.ts';
import { buildPath, type ParametersOf } from './path.ts';

export interface QuayClientOptions {
  /** Where Quay answers: scheme, host, port, and a path where it stands behind one. */
  readonly url: URL;
  readonly token?: Secret | undefined;
  readonly http: HttpClient;
}

/** What a call needs beside its name: path parameters where its path has some, query and body. */
type CallArguments<Name extends EndpointName> = CallOptions & {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
} & ([ParametersOf<PathOf<Name>>] extends [never]
    ? { readonly parameters?: undefined }
    : { readonly parameters: { readonly [Parameter in ParametersOf<PathOf<Name>>]: string } });

export interface QuayClient {
  /** `host[:port]`, for messages. */
  readonly server: string;
  readonly url: URL;
  /** Makes one call. Any answer but a success throws a `TranshipError` with Quay's own words. */
  call<Name extends EndpointName>(name: Name, args: CallArguments<Name>): Promise<ReplyOf<Name>>;
  /** The same, with `undefined` where the object does not exist (404, or one of Quay's 400s that mean it). */
  find<Name extends EndpointName>(name: Name, args: CallArguments<Name>): Promise<ReplyOf<Name> | undefined>;
  /** One request as it is: for what stands outside the table (`/config`, sign-in). The path is appended to the server's. */
  send(method: string, path: string, options?: RawCall): Promise<HttpAnswer>;
  /** Tells which features are on. Until then, calls that need one are refused. */
  useFeatures(features: QuayFeatures): void;
  readonly features: QuayFeatures | undefined;
}

interface RawCall extends CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Sent without the token. */
  readonly anonymous?: boolean;
  /** The caller waits for the server to come up. */
  readonly awaitsHost?: boolean;
}

/**
 * Most answers are small. The largest is an older Quay's listing of a namespace, which has all repositories in one page: tens of
 * thousands with their descriptions.
 */
const largestAnswer = 32 * 1024 * 1024;

export function openQuay(options: QuayClientOptions): QuayClient {
  let features: QuayFeatures | undefined;
  const base = withoutTrailingSlash(options.url);

  async function send(method: string, path: string, raw: RawCall = {}): Promise<HttpAnswer> {
    return options.http.request({
      method: method as 'GET',
      url: new URL(base + path),
      headers: { accept: 'application/json', ...raw.headers },
      authorization: raw.anonymous === true ? undefined : bearer(options.token),
      ...(raw.body === undefined ? {} : { body: raw.body }),
      bodyLimit: largestAnswer,
      redirects: 'return',
      signal: raw.signal,
      awaitsHost: raw.awaitsHost,
    });
  }

  async function exchange<Name extends EndpointName>(name: Name, args: CallArguments<Name>): Promise<HttpAnswer> {
    const endpoint: Endpoint = endpoints[name];
    refuseUnknownFeature(name, endpoint, features, options.url.host);
    const path = buildPath(endpoint.path, args.parameters ?? {});
    const body = args.body === undefined ? undefined : Buffer.from(JSON.stringify(args.body));
    const answer = await send(endpoint.method, `/api/v1${path}${queryOf(endpoint, args.query)}`, {
      signal: args.signal,
      ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
    });
    return answer;
  }

  async function call<Name extends EndpointName>(name: Name, args: CallArguments<Name>): Promise<ReplyOf<Name>> {
    return read(name, await exchange(name, args));
  }

  async function find<Name extends EndpointName>(
    name: Name,
    args: CallArguments<Name>,
  ): Promise<ReplyOf<Name> | undefined> {
    const answer = await exchange(name, args);
    if (!isSuccess(answer) && isAbsent(answer.status, wordsOf(textAnswer(answer)))) return undefined;
    return read(name, answer);
  }

  function read<Name extends EndpointName>(name: Name, answer: HttpAnswer): ReplyOf<Name> {
    const endpoint = endpoints[name];
    if (!isSuccess(answer)) {
      throw answerError(textAnswer(answer), {
        what: `${endpoint.method} ${answer.url.pathname.replace(/^.*\/api\/v1(?=\/)/, '')}`,
        server: options.url.host,
        scope: endpoint.scope,
        feature: (endpoint as Endpoint).feature,
      });
    }
    return parseReply(name, endpoint, answer);
  }

  return {
    server: options.url.host,
    url: options.url,
    call,
    find,
    send,
    useFeatures: (known) => {
      features = known;
    },
    get features() {
      return features;
    },
  };
}

function isSuccess(answer: HttpAnswer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

/**
 * Below `/repository/` a path whose feature is off falls through to the repository route: `DELETE …/autoprunepolicy/x`
 * deletes the repository of that name and answers 204.
 */
function refuseUnknownFeature(
  name: string,
  endpoint: Endpoint,
  features: QuayFeatures | undefined,
  server: string,
): void {
  if (endpoint.feature === undefined || endpoint.method === 'GET' || endpoint.feature === 'USER_INITIALIZE') return;
  if (features?.isOn(endpoint.feature) === true) return;
  throw new TranshipError(
    'E_QUAY_FEATURE_OFF',
    'usage',
    `${callName(endpoint)}: the feature ${endpoint.feature} is off`,
    {
      subject: server,
      hint: `Set FEATURE_${endpoint.feature}: true in Quay's config.yaml${endpoint.since === undefined ? '' : ` (Quay ${endpoint.since} or newer)`}, or leave ${name} out.`,
    },
  );
}

function parseReply<Name extends EndpointName>(name: Name, endpoint: Endpoint, answer: HttpAnswer): ReplyOf<Name> {
  if (isPage(answer)) throw pageInstead(endpoint, answer);
  const document = answer.body.length === 0 ? undefined : documentOf(answer);
  const parsed = endpoint.reply.safeParse(document);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue === undefined ? '' : ` at ${issue.path.join('.') || 'its root'}: ${issue.message}`;
    throw new TranshipError(
      'E_QUAY_ANSWER',
      'failed',
      `${callName(endpoint)}: the answer is not what Quay documents${where}`,
      {
        subject: answer.url.host,
        serverSaid: wordsOf(textAnswer(answer)),
        hint: 'Is this a Quay, and does no proxy change its answers?',
      },
    );
  }
  return parsed.data as ReplyOf<Name>;
}

/** The API never answers with a page; a proxy that signs people in does, with status 200, also to what should be a change. */
function isPage(answer: HttpAnswer): boolean {
  const { contentType, body } = textAnswer(answer);
  return contentType?.includes('html') === true && /^\s*</.test(body);
}

function pageInstead(endpoint: Endpoint, answer: HttpAnswer): TranshipError {
  return new TranshipError(
    'E_QUAY_ANSWER',
    'failed',
    `${callName(endpoint)}: a web page came back instead of an answer, so nothing is known to be done`,
    { subject: answer.url.host, hint: 'A proxy in front of Quay answers in its place. Let the path /api/ through it.' },
  );
}

function documentOf(answer: HttpAnswer): unknown {
  try {
    return JSON.parse(answer.body.toString('utf8'));
  } catch {
    return answer.body.toString('utf8');
  }
}

function queryOf(
  endpoint: Endpoint,
  query: Readonly<Record<string, string | number | boolean | undefined>> = {},
): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (endpoint.query?.includes(key) !== true) throw new Error(`${endpoint.path} takes no parameter ${key}`);
    if (value !== undefined) search.set(key, String(value));
  }
  return search.size === 0 ? '' : `?${search}`;
}

function callName(endpoint: Endpoint): string {
  return `${endpoint.method} ${endpoint.path}`;
}

function textAnswer(answer: HttpAnswer): { status: number; contentType: string | undefined; body: string } {
  return { status: answer.status, contentType: answer.headers.get('content-type'), body: answer.body.toString('utf8') };
}

function withoutTrailingSlash(url: URL): string {
  return (url.origin + url.pathname).replace(/\/+$/, '');
}

function bearer(token: Secret | undefined): Secret | undefined {
  return token?.map((value) => `Bearer ${value}`);
}
