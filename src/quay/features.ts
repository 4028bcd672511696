/**
 * What a Quay can do, found out before anything is written: the flags of `GET /config` and the paths of its discovery
 * document. Never its version number, which comes from the build's environment and has been seen to be wrong.
 */
import type { HttpAnswer } from '../http/types.ts';
import { TranshipError } from '../oci/errors.ts';
import type { CallOptions } from '../oci/ports.ts';
import type { QuayClient } from './client.ts';
import { type EndpointName, endpoints, type Feature } from './endpoints.ts';
import { Discovery, ServerConfig } from './replies.ts';

export interface QuayFeatures {
  isOn(feature: Feature | string): boolean;
  /** Whether the server offers the call's path, by its discovery document. */
  offers(name: EndpointName): boolean;
  /** Whether the call's body has the field, by its discovery document. */
  takes(name: EndpointName, field: string): boolean;
  /** `Database`, `LDAP`, `OIDC`… */
  readonly authentication: string | undefined;
  /** Whether the server says it takes writes. */
  readonly readOnly: boolean;
  /** What the server calls itself. To show, never to decide by. */
  readonly version: string | undefined;
  /** The name that Quay writes into its mirrors and tokens. */
  readonly hostname: string | undefined;
}

/** Asks `server` what it is and can do, and makes `client` heed it. */
export async function detectFeatures(client: QuayClient, options: CallOptions = {}): Promise<QuayFeatures> {
  const config = await readDocument(client, '/config', ServerConfig, options);
  const discovery = await readDocument(client, '/api/v1/discovery', Discovery, options);
  const paths = new Map(Object.entries(discovery.paths).map(([path, item]) => [anonymousParameters(path), item]));
  const features: QuayFeatures = {
    isOn: (feature) => config.features[feature] === true,
    offers: (name) => paths.has(anonymousParameters(`/api/v1${endpoints[name].path}`)),
    takes: (name, field) => {
      const { path, method } = endpoints[name];
      const item = paths.get(anonymousParameters(`/api/v1${path}`));
      return bodyFields(memberOf(item, method.toLowerCase()), discovery).includes(field);
    },
    authentication: textIn(config.config, 'AUTHENTICATION_TYPE'),
    readOnly: config.registry_state === 'readonly',
    version: config.version_number ?? undefined,
    hostname: textIn(config.config, 'SERVER_HOSTNAME'),
  };
  client.useFeatures(features);
  return features;
}

/** The fields of an operation's body: its schema stands among the document's definitions. */
function bodyFields(operation: unknown, document: unknown): readonly string[] {
  const parameters = memberOf(operation, 'parameters');
  const body: unknown = Array.isArray(parameters)
    ? parameters.find((each) => memberOf(each, 'in') === 'body')
    : undefined;
  const schema = memberOf(body, 'schema');
  const reference = memberOf(schema, '$ref');
  const named = typeof reference === 'string' ? reference.split('/').at(-1) : undefined;
  const found = named === undefined ? schema : memberOf(memberOf(document, 'definitions'), named);
  return Object.keys(memberOf(found, 'properties') ?? {});
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

interface Shape<T> {
  safeParse(document: unknown): { readonly success: true; readonly data: T } | { readonly success: false };
}

async function readDocument<T>(client: QuayClient, path: string, shape: Shape<T>, options: CallOptions): Promise<T> {
  const answer = await client.send('GET', path, { ...options, anonymous: true });
  const document = answer.status === 200 ? shape.safeParse(jsonOrNothing(answer.body.toString('utf8'))) : undefined;
  if (document?.success === true) return document.data;
  throw answer.status >= 500 ? failingServer(client, path, answer.status) : noQuay(client, path, answer);
}

/** Behind a gateway whose Quay is down or starting, this is all that is seen. */
function failingServer(client: QuayClient, path: string, status: number): TranshipError {
  return new TranshipError('E_QUAY_SERVER', 'temporary', `${client.server} fails now (GET ${path}: ${status})`, {
    subject: client.server,
    hint: 'Nothing was written. Run it again when Quay is up; its health is shown at /health/instance.',
  });
}

function noQuay(client: QuayClient, path: string, { status, headers }: HttpAnswer): TranshipError {
  const target = status >= 300 && status < 400 ? headers.get('location') : undefined;
  const elsewhere = target === undefined ? undefined : hostOf(target, client.url);
  const sentOn = elsewhere === undefined ? '' : `, a redirect to ${elsewhere}`;
  return new TranshipError(
    'E_NOT_QUAY',
    'failed',
    `${client.url.href} does not answer as a Quay does (GET ${path}: ${status}${sentOn})`,
    {
      subject: client.server,
      hint:
        elsewhere === undefined
          ? 'Give the address under which Quay shows its web page. A Quay behind a path of another site is not supported by Quay itself.'
          : `Redirects are not followed, as they would carry the token along. If Quay is at ${elsewhere}, give that address; if that is a sign-in page, the API has to be reachable past it.`,
    },
  );
}

/** Only scheme and host of a redirect's target: the rest may hold what is nobody's business. */
function hostOf(target: string, base: URL): string | undefined {
  return URL.parse(target, base.href)?.origin;
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `/organization/{orgname}/team/{teamname}` and our own names for the same parameters become equal. */
function anonymousParameters(path: string): string {
  return path.replaceAll(/\{[^}]+\}/g, '{}');
}

function textIn(fields: Readonly<Record<string, unknown>> | null | undefined, key: string): string | undefined {
  const value = fields?.[key];
  return typeof value === 'string' ? value : undefined;
}
