/**
 * What a Quay can do, found out before anything is written: the flags of `GET /config` and the paths of its discovery
 * document. Never its version number, which comes from the build's environment and has been seen to be wrong.
 */
import type { HttpAnswer } from '../http/types.ts';
import { TranshipError } from '../oci/errors.ts';
import type { CallOptions } from '../oci/ports.ts';
import type { QuayClient } from './client.ts';
import { type Endpoint, type EndpointName, endpoints, type Feature } from './endpoints.ts';
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
  /** The name that Quay writes into its mirrors and tokens, and sends its registry's clients to: `host[:port]`. */
  readonly hostname: string | undefined;
  /** Quay's own page for OAuth applications without one, under the name that it has for itself. */
  readonly localApp: string | undefined;
}

/** Asks `server` what it is and can do, and makes `client` heed it. */
export async function detectFeatures(client: QuayClient, options: CallOptions = {}): Promise<QuayFeatures> {
  const configured = await ask(client, '/config', ServerConfig, options);
  if (!('document' in configured) && !isUnknownPath(configured)) throw noQuay(client, configured);
  const described = await ask(client, '/api/v1/discovery', Discovery, options);
  if (!('document' in described)) throw noQuay(client, 'document' in configured ? described : configured);
  const discovery = described.document;
  const paths = new Map(Object.entries(discovery.paths).map(([path, item]) => [anonymousParameters(path), item]));
  const offers = (name: EndpointName) => paths.has(anonymousParameters(`/api/v1${endpoints[name].path}`));
  if (!('document' in configured) && !offers('listRepositories')) throw noQuay(client, configured);
  const config = 'document' in configured ? configured.document : { features: featuresBehind(offers) };
  const features: QuayFeatures = {
    isOn: (feature) => config.features[feature] === true,
    offers,
    takes: (name, field) => {
      const { path, method } = endpoints[name];
      const item = paths.get(anonymousParameters(`/api/v1${path}`));
      return bodyFields(memberOf(item, method.toLowerCase()), discovery).includes(field);
    },
    authentication: textIn(config.config, 'AUTHENTICATION_TYPE'),
    readOnly: config.registry_state === 'readonly',
    version: config.version_number ?? undefined,
    hostname: textIn(config.config, 'SERVER_HOSTNAME'),
    localApp: localAppOf(config.config),
  };
  client.useFeatures(features);
  return features;
}

function localAppOf(config: Readonly<Record<string, unknown>> | null | undefined): string | undefined {
  const [host, scheme = 'https', path = '/oauth/localapp'] = [
    textIn(config, 'SERVER_HOSTNAME'),
    textIn(config, 'PREFERRED_URL_SCHEME'),
    textIn(config, 'LOCAL_OAUTH_HANDLER'),
  ];
  return host === undefined ? undefined : `${scheme}://${host}${path}`;
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

interface NoDocument {
  readonly path: string;
  readonly answer: HttpAnswer;
}

/** The document, or what was answered in its place. Throws where the server itself fails. */
async function ask<T>(
  client: QuayClient,
  path: string,
  shape: Shape<T>,
  options: CallOptions,
): Promise<NoDocument | (NoDocument & { readonly document: T })> {
  const answer = await client.send('GET', path, { ...options, anonymous: true });
  if (answer.status >= 500) throw failingServer(client, path, answer.status);
  const document = answer.status === 200 ? shape.safeParse(jsonOrNothing(answer.body.toString('utf8'))) : undefined;
  return { path, answer, ...(document?.success === true && { document: document.data }) };
}

/** As Quay answers what it has no route for: its page of status 404, or first the same path with a slash. */
function isUnknownPath({ answer: { status, headers, url } }: NoDocument): boolean {
  const target = headers.get('location');
  return status === 404 || (target !== undefined && URL.parse(target, url.href)?.href === `${url.href}/`);
}

/**
 * The oldest Quays have no `/config`, and a proxy may let only the API through. The discovery document leaves out calls
 * whose feature is off, so it tells of every feature that has a call. Whether a first user may be made stands nowhere else:
 * the server itself refuses it.
 */
function featuresBehind(offers: (name: EndpointName) => boolean): Readonly<Record<string, boolean>> {
  const names = Object.keys(endpoints) as EndpointName[];
  const offered = names.flatMap((name) => {
    const { feature }: Endpoint = endpoints[name];
    return feature !== undefined && offers(name) ? [[feature, true] as const] : [];
  });
  return { ...Object.fromEntries(offered), USER_INITIALIZE: true };
}

/** Behind a gateway whose Quay is down or starting, this is all that is seen. */
function failingServer(client: QuayClient, path: string, status: number): TranshipError {
  return new TranshipError('E_QUAY_SERVER', 'temporary', `${client.server} fails now (GET ${path}: ${status})`, {
    subject: client.server,
    hint: 'Nothing was written. Run it again when Quay is up; its health is shown at /health/instance.',
  });
}

function noQuay(client: QuayClient, { path, answer: { status, headers } }: NoDocument): TranshipError {
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
