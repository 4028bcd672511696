import { identify } from '../auth/identify.ts';
import { sessionOf, withSession } from '../auth/sessions.ts';
import { type Reply, ReplyError, text } from '../http/reply.ts';
import { type FakeRequest, jsonBody } from '../http/request.ts';
import type { Rule } from '../http/router.ts';
import { feature, knows, type World } from '../model/world.ts';
import { applicationHandlers } from './applications.ts';
import { type Call, type Handlers, invalidRequest, refused, requireRepositoryScope } from './call.ts';
import { logHandlers } from './logs.ts';
import { manifestHandlers } from './manifests.ts';
import { mirrorHandlers } from './mirror.ts';
import { mirrorHealthHandlers } from './mirror-health.ts';
import { miscHandlers } from './misc.ts';
import { notificationHandlers } from './notifications.ts';
import { organizationMirrorHandlers } from './organization-mirror.ts';
import { organizationHandlers } from './organizations.ts';
import { permissionHandlers } from './permissions.ts';
import { policyHandlers } from './policies.ts';
import { prototypeHandlers } from './prototypes.ts';
import { proxyCacheHandlers } from './proxy-cache.ts';
import { quotaHandlers } from './quotas.ts';
import { repositoryHandlers } from './repositories.ts';
import { repositoryListHandlers } from './repository-list.ts';
import { robotHandlers } from './robots.ts';
import { type Route, routes } from './routes.ts';
import { firstMistake, type Schema } from './schema.ts';
import { type SchemaName, schemas } from './schemas.ts';
import { searchHandlers } from './search.ts';
import { superuserHandlers } from './superuser.ts';
import { tagHandlers } from './tags.ts';
import { teamSyncingHandlers } from './team-syncing.ts';
import { teamHandlers } from './teams.ts';
import { unusedHandlers } from './unused.ts';
import { userHandlers } from './users.ts';

const handlers: Handlers = {
  ...applicationHandlers,
  ...logHandlers,
  ...manifestHandlers,
  ...mirrorHandlers,
  ...mirrorHealthHandlers,
  ...miscHandlers,
  ...notificationHandlers,
  ...organizationHandlers,
  ...organizationMirrorHandlers,
  ...permissionHandlers,
  ...policyHandlers,
  ...prototypeHandlers,
  ...proxyCacheHandlers,
  ...quotaHandlers,
  ...repositoryHandlers,
  ...repositoryListHandlers,
  ...robotHandlers,
  ...searchHandlers,
  ...superuserHandlers,
  ...tagHandlers,
  ...teamHandlers,
  ...teamSyncingHandlers,
  ...unusedHandlers,
  ...userHandlers,
};

export type Endpoint = (
  world: World,
  request: FakeRequest,
  params: Readonly<Record<string, string>>,
) => Reply | Promise<Reply>;

/** The routes that this server has: a feature that is off and a version that is too old take theirs away. */
export function apiRules(world: World): Rule<Endpoint>[] {
  const byPath = new Map<string, Map<string, Endpoint>>();
  for (const route of routes) {
    if (!isServed(world, route)) continue;
    const methods = byPath.get(route.path) ?? new Map<string, Endpoint>();
    methods.set(route.method, endpointOf(route));
    byPath.set(route.path, methods);
  }
  return [...byPath].map(([path, methods]) => ({ path: `/api/v1${path}`, methods, json: true }));
}

function isServed(world: World, route: Route): boolean {
  if (route.feature !== undefined && !feature(world, route.feature)) return false;
  return knows(world, route.since ?? '3.7') && handlers[route.operation] !== undefined;
}

const cors = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'DELETE, GET, HEAD, OPTIONS, POST, PUT',
  'Access-Control-Max-Age': '21600',
  'Access-Control-Allow-Headers': 'AUTHORIZATION, CONTENT-TYPE, X-REQUESTED-WITH',
};

function endpointOf(route: Route): Endpoint {
  return async (world, request, params) => {
    const reply = await answerCall(route, world, request, params);
    const withCors: Reply = { ...reply, headers: { ...reply.headers, ...cors } };
    const current = sessionOf(world, request);
    const keepsSession = current !== undefined && withCors.headers['Set-Cookie'] === undefined;
    return keepsSession ? withSession(withCors, current) : withCors;
  };
}

async function answerCall(
  route: Route,
  world: World,
  request: FakeRequest,
  params: Readonly<Record<string, string>>,
): Promise<Reply> {
  const caller = identify(world, request);
  const call: Call = { world, request, params, caller, query: request.query, body: {} };
  try {
    guardAgainstForgery(route, call);
    if (route.path.startsWith('/repository/{repository}')) requireRepositoryScope(call, route.scope ?? 'repo:admin');
    if (route.fresh && route.path.startsWith('/superuser') && caller.user === undefined) throw refused(call);
    const handler = handlers[route.operation];
    if (handler === undefined) throw new Error(`No handler for ${route.operation}`);
    return await handler({ ...call, body: bodyOf(route, call) });
  } catch (error) {
    if (error instanceof ReplyError) return error.reply;
    throw error;
  }
}

/** Whatever changes something needs an OAuth token, or a session with its CSRF token. The text is Quay's own. */
function guardAgainstForgery(route: Route, call: Call): void {
  if (route.method === 'GET' || call.caller.via === 'oauth') return;
  const session = sessionOf(call.world, call.request)?.session;
  if (session !== undefined && session.csrf === call.request.headers['x-csrf-token']) return;
  const who = call.caller.user === undefined ? '' : ` (authorized: user ${call.caller.user})`;
  throw new ReplyError(text(403, `{"error": "CSRF token was invalid or missing.${who}"}`));
}

/** What older versions did not know they do not ask for either. */
function schemaOf(world: World, name: SchemaName): Schema {
  const schema: Schema = schemas[name];
  if (name === 'CreateMirrorConfig' && !knows(world, '3.15')) {
    return { ...schema, required: (schema.required ?? []).filter((field) => field !== 'skopeo_timeout_interval') };
  }
  if (name === 'NewOrgQuota' && !knows(world, '3.12')) return { type: 'object', ...schema.oneOf?.[0] };
  return schema;
}

/** Routes whose body may be missing, of another type or broken: it then counts as empty. */
const lenient = new Set(['createOrgRobot', 'createUserRobot']);

function bodyOf(route: Route, call: Call): Call['body'] {
  if (route.body === undefined) {
    return route.method === 'GET' || call.request.body.length === 0 ? {} : plainBody(call);
  }
  const value = lenient.has(route.operation) ? lenientBody(call) : jsonBody(call.request);
  const schema = schemaOf(call.world, route.body);
  const mistake = firstMistake(schema, value);
  if (mistake !== undefined) throw invalidRequest(call, mistake);
  return value as Call['body'];
}

function lenientBody(call: Call): unknown {
  try {
    return jsonBody(call.request);
  } catch (error) {
    if (error instanceof ReplyError) return {};
    throw error;
  }
}

function plainBody(call: Call): Call['body'] {
  const value = lenientBody(call);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Call['body']) : {};
}
