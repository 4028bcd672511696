/**
 * Doubles of vendors' registries: the embedded registry with the vendor's own API in front of it, on the same content. Each is
 * written from the vendor's published description, which it names; none of them was compared with the real service.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { digestOf } from '../../../src/oci/digest.ts';
import { mediaTypes } from '../../../src/oci/media-type.ts';
import { send, type Target } from '../corpus/push.ts';
import { type EmbeddedOptions, type EmbeddedRegistry, startEmbedded } from '../embedded.ts';
import { type Personality, withPersonality } from '../embedded-personality.ts';
import { Shelf } from './shelf.ts';

export interface VendorRequest {
  readonly method: string;
  /** Still encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  /** Where the client thinks that it is: `https://acme.azurecr.io`. */
  readonly origin: string;
  body(): Promise<Buffer>;
}

export interface VendorReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly document?: unknown;
  /** Sent as it is, as HTML. */
  readonly page?: string;
}

/** Answers what is the vendor's own; `undefined` leaves a request to the registry behind it. */
export type Vendor = (
  request: VendorRequest,
  shelf: Shelf,
) => VendorReply | undefined | Promise<VendorReply | undefined>;

export interface VendorDouble extends EmbeddedRegistry {
  readonly shelf: Shelf;
  /** `METHOD /path?query` of every request since the last `forget`. */
  asked(): readonly string[];
  forget(): void;
  /** Pushes one small index under each tag, different for each `content`, past every check. Its digest. */
  push(repository: string, tags: readonly string[], content?: string): Promise<string>;
  /** Answers in everyone's stead while it gives something. */
  intercept: ((request: VendorRequest) => VendorReply | undefined) | undefined;
}

export interface DoubleOptions extends Pick<EmbeddedOptions, 'tls' | 'personality' | 'listen'> {
  /** Milliseconds since the epoch, for the times of tags. */
  readonly now?: () => number;
  /** PEM text of the authority behind `tls`, whose certificate must then name IP:127.0.0.1 too. */
  readonly ca?: string;
}

const ownHeader = 'x-test-own';

export async function startDouble(
  vendor: Vendor,
  { now = Date.now, personality = {}, ca, ...options }: DoubleOptions = {},
): Promise<VendorDouble> {
  const shelf = new Shelf(now);
  const hooks: { intercept: VendorDouble['intercept'] } = { intercept: undefined };
  const first: Vendor = async (request, content) => hooks.intercept?.(request) ?? (await vendor(request, content));
  const embedded = await startEmbedded({ ...options, personality, wrap: inFront(first, shelf, personality) });
  let from = 0;
  return {
    ...embedded,
    shelf,
    asked: () => embedded.requests.slice(from).map(({ method, url }) => `${method} ${url}`),
    forget: () => {
      from = embedded.requests.length;
    },
    push: (repository, tags, content = repository) =>
      push({ url: embedded.url, ...(ca !== undefined && { ca }) }, repository, tags, content),
    get intercept() {
      return hooks.intercept;
    },
    set intercept(answer) {
      hooks.intercept = answer;
    },
  };
}

type Wrap = NonNullable<EmbeddedOptions['wrap']>;

function inFront(vendor: Vendor, shelf: Shelf, personality: Personality): Wrap {
  return (next) => {
    const behind: typeof next = (request, response) => {
      shelf.watch(request, response);
      next(request, response);
    };
    const judged: typeof next = (request, response) => {
      if (request.headers[ownHeader] !== undefined) return behind(request, response);
      void Promise.resolve(vendor(vendorRequest(request), shelf)).then(
        (reply) => (reply === undefined ? behind(request, response) : answer(request, response, reply)),
        () => response.destroy(),
      );
      return undefined;
    };
    return withPersonality(personality)(judged);
  };
}

function vendorRequest(request: IncomingMessage): VendorRequest {
  const { method = '', headers, socket } = request;
  const origin = `${'encrypted' in socket ? 'https' : 'http'}://${headers.host}`;
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  return {
    method,
    path,
    query: new URLSearchParams(query),
    authorization: headers.authorization,
    origin,
    body: async () => Buffer.concat(await request.toArray()),
  };
}

function answer(request: IncomingMessage, response: ServerResponse, reply: VendorReply): void {
  const { status, headers = {}, document, page } = reply;
  const body = page ?? (document === undefined ? '' : JSON.stringify(document));
  const type = page === undefined ? 'application/json' : 'text/html';
  request.resume();
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), ...headers });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Tags of one request, as parameters of a push by digest (distribution specification 1.1). */
const tagsTogether = 10;

async function push(target: Target, repository: string, tags: readonly string[], content: string): Promise<string> {
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [], annotations: { content } };
  const body = Buffer.from(JSON.stringify(index));
  const headers = { 'content-type': mediaTypes.ociIndex, [ownHeader]: '1' };
  const digest = digestOf(body);
  for (let from = 0; from < tags.length; from += tagsTogether) {
    const some = tags.slice(from, from + tagsTogether).map((tag) => `tag=${tag}`);
    const path = `/v2/${repository}/manifests/${digest}?${some.join('&')}`;
    const { status } = await send(target, path, { method: 'PUT', headers, body });
    if (status !== 201) throw new Error(`the double answered ${status} to a push of ${repository}`);
  }
  return digest;
}

/** The part of a list that begins behind `last`, and whether there is more. */
export function pageBehind<Entry>(
  entries: readonly Entry[],
  nameOf: (entry: Entry) => string,
  last: string | null,
  size: number,
): { readonly entries: readonly Entry[]; readonly more: boolean } {
  const from =
    last === null ? 0 : entries.findIndex((entry) => Buffer.compare(Buffer.from(nameOf(entry)), Buffer.from(last)) > 0);
  const rest = from < 0 ? [] : entries.slice(from);
  return { entries: rest.slice(0, size), more: rest.length > size };
}

/** A number of a query within its bounds; `otherwise` where it is none. */
export function numberIn(query: URLSearchParams, name: string, otherwise: number, most: number): number {
  const value = Number(query.get(name) ?? otherwise);
  return Number.isInteger(value) && value >= 1 ? Math.min(value, most) : otherwise;
}
