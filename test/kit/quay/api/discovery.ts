import { feature, type World } from '../model/world.ts';
import { hasSince } from '../settings.ts';
import type { Call } from './call.ts';
import { type Route, routes } from './routes.ts';
import type { Schema } from './schema.ts';
import { schemas } from './schemas.ts';

/** The Swagger document, of the routes that this server has: its features and its version decide. */
export function discoveryDocument(call: Call): object {
  const withInternal = call.query.get('internal') === 'true';
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    if (!exists(call.world, route) || (route.internal && !withInternal)) continue;
    const path = `/api/v1${route.path}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  const { host, protocol } = new URL(call.world.origin);
  return {
    swagger: '2.0',
    host,
    basePath: '/',
    schemes: [protocol.replace(':', '')],
    info: { version: 'v1', title: 'Quay Frontend' },
    paths,
    definitions: definitions(call.world),
  };
}

function exists(world: World, route: Route): boolean {
  const isOn = route.feature === undefined || feature(world, route.feature);
  return isOn && hasSince(world.settings.version, route.since);
}

function operationOf(route: Route): object {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const name = definitionOf(route);
  const body =
    name === undefined ? [] : [{ name: 'body', in: 'body', required: true, schema: { $ref: `#/definitions/${name}` } }];
  return {
    operationId: route.operation,
    parameters: [...names.map((each) => ({ name: each, in: 'path', required: true, type: 'string' })), ...body],
    ...(route.scope === undefined ? {} : { security: [{ oauth2_implicit: [route.scope] }] }),
    ...(route.internal ? { 'x-internal': true } : {}),
    ...(route.fresh ? { 'x-requires-fresh-login': true } : {}),
  };
}

/** Several calls have a schema of the same name, and the document keeps one of them for all. */
function definitionOf(route: Route): string | undefined {
  if (route.operation === 'changeOrganization') return 'UpdateOrg';
  return route.body === 'NewAppToken' || route.body === 'NewApplicationToken' ? 'NewToken' : route.body;
}

const newToken: Schema = {
  type: 'object',
  required: ['friendlyName'],
  properties: { friendlyName: { type: 'string' } },
};

const fieldsSince: Readonly<Record<string, string | undefined>> = {
  skopeo_timeout_interval: '3.15',
  architecture_filter: '3.17',
  contact_email: '3.18',
  tagPattern: '3.13',
  tagPatternMatches: '3.13',
};

function definitions(world: World): Record<string, Schema> {
  const all = Object.entries<Schema>(schemas).map(([name, schema]) => [name, withoutLater(world, schema)] as const);
  return { ...Object.fromEntries(all), NewToken: newToken };
}

/** Without the fields that this version does not know. */
function withoutLater(world: World, schema: Schema): Schema {
  if (schema.properties === undefined) return schema;
  const known = ([name]: readonly [string, unknown]) => hasSince(world.settings.version, fieldsSince[name]);
  const required = schema.required?.filter((name) => known([name, undefined]));
  return {
    ...schema,
    properties: Object.fromEntries(Object.entries(schema.properties).filter(known)),
    ...(required === undefined ? {} : { required }),
  };
}
