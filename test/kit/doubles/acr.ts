/**
 * Azure Container Registry, as its REST reference describes it:
 * - "Tag - Get List", https://learn.microsoft.com/en-us/rest/api/containerregistry/tag/get-list (`/acr/v1/{name}/_tags`, its
 *   `last`, `n`, `orderby`, and the sample answer with `createdTime` and `lastUpdateTime`);
 * - "Repository - Get List" for `_catalog`, with the same paging by `Link`;
 * - https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md for `/oauth2/token` and the scopes `registry:catalog:*` and
 *   `repository:NAME:metadata_read`.
 */
import {
  type DoubleOptions,
  numberIn,
  pageBehind,
  startDouble,
  type VendorDouble,
  type VendorRequest,
} from './double.ts';
import { Gate, type GateOptions, needsOfDistribution } from './gate.ts';
import type { Shelf, ShelvedTag } from './shelf.ts';

export interface AcrOptions extends DoubleOptions {
  /** As it calls itself: `acme.azurecr.io`. */
  readonly name?: string;
  readonly users?: Readonly<Record<string, string>>;
  readonly grants?: GateOptions['grants'];
}

export interface AcrDouble extends VendorDouble {
  readonly tokenRequests: Gate['tokenRequests'];
}

/** The most entries of one page. */
const mostEntries = 100;

export async function startAcr(options: AcrOptions = {}): Promise<AcrDouble> {
  const { name = 'acme.azurecr.io', users = {}, grants, ...rest } = options;
  const gate = new Gate({ path: '/oauth2/token', service: name, users, ...(grants && { grants }), needs });
  const double = await startDouble(
    (request, shelf) => gate.check(request) ?? tags(request, shelf, name) ?? catalog(request, shelf),
    rest,
  );
  return Object.assign(double, { tokenRequests: gate.tokenRequests });
}

function needs(request: VendorRequest): readonly string[] | undefined {
  if (request.path === '/acr/v1/_catalog') return ['registry:catalog:*'];
  const name = /^\/acr\/v1\/(.+)\/_tags$/.exec(request.path)?.[1];
  return name === undefined ? needsOfDistribution(request) : [`repository:${name}:metadata_read`];
}

function tags({ method, path, query }: VendorRequest, shelf: Shelf, registry: string) {
  const name = /^\/acr\/v1\/(.+)\/_tags$/.exec(path)?.[1];
  if (name === undefined || method !== 'GET') return undefined;
  if (!shelf.has(name)) {
    const error = { code: 'NAME_UNKNOWN', message: `repository "${name}" is not found`, detail: { name } };
    return { status: 404, document: { errors: [error] } };
  }
  const size = numberIn(query, 'n', mostEntries, mostEntries);
  const { entries, more } = pageBehind(shelf.tags(name), (tag) => tag.name, query.get('last'), size);
  return {
    status: 200,
    headers: link(more, `/acr/v1/${name}/_tags`, entries.at(-1)?.name, size),
    document: { registry, imageName: name, tags: entries.map(tagOf) },
  };
}

function catalog({ method, path, query }: VendorRequest, shelf: Shelf) {
  if (method !== 'GET' || (path !== '/acr/v1/_catalog' && path !== '/v2/_catalog')) return undefined;
  const size = numberIn(query, 'n', mostEntries, mostEntries);
  const { entries, more } = pageBehind(shelf.repositories, (name) => name, query.get('last'), size);
  return { status: 200, headers: link(more, path, entries.at(-1), size), document: { repositories: entries } };
}

function link(more: boolean, path: string, last: string | undefined, size: number): Record<string, string> {
  if (!more || last === undefined) return {};
  return { link: `<${path}?last=${encodeURIComponent(last)}&n=${size}&orderby=>; rel="next"` };
}

function tagOf({ name, digest, createdAt, updatedAt }: ShelvedTag) {
  const changeableAttributes = { deleteEnabled: true, writeEnabled: true, readEnabled: true, listEnabled: true };
  return {
    name,
    digest,
    createdTime: sevenDigits(createdAt),
    lastUpdateTime: sevenDigits(updatedAt),
    signed: false,
    changeableAttributes,
  };
}

/** `2018-09-06T06:17:21.0856539Z` */
function sevenDigits(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '0000Z');
}
