import { empty, ok } from '../http/reply.ts';
import { feature, randomUUID } from '../model/world.ts';
import { hasSince } from '../settings.ts';
import { type Call, type Handlers, notFound, objectOf, param, repositoryOf, requireSuperUser } from './call.ts';
import { type Route, routes } from './routes.ts';
import { schemas } from './schemas.ts';

export const miscHandlers: Handlers = {
  discovery: (call) => ok(discoveryDocument(call)),

  getErrorDescription(call) {
    const type = param(call, 'error_type');
    return ok({ type: `${call.world.origin}/api/v1/error/${type}`, title: type, description: type });
  },

  getRegistryCapabilities(call) {
    return ok({
      sparse_manifests: {
        supported: feature(call.world, 'SPARSE_INDEX'),
        required_architectures: [],
        optional_architectures_allowed: feature(call.world, 'SPARSE_INDEX'),
      },
      mirror_architectures: ['amd64', 'arm64', 'ppc64le', 's390x'],
    });
  },

  getGlobalMessages(call) {
    const messages = call.world.messages.map(({ uuid, content, severity, mediaType }) => ({
      uuid,
      content,
      severity,
      media_type: mediaType,
    }));
    return ok({ messages });
  },

  createGlobalMessage(call) {
    requireSuperUser(call);
    const message = objectOf(call, 'message') ?? {};
    call.world.messages.push({
      uuid: randomUUID(),
      content: String(message['content']),
      mediaType: String(message['media_type']),
      severity: String(message['severity']),
    });
    return empty(201);
  },

  deleteGlobalMessage(call) {
    requireSuperUser(call);
    const index = call.world.messages.findIndex((message) => message.uuid === param(call, 'uuid'));
    if (index < 0) throw notFound(call);
    call.world.messages.splice(index, 1);
    return empty(204);
  },

  listUserNotifications: () => ok({ notifications: [], additional: false }),
  getUserNotification(call) {
    throw notFound(call);
  },
  updateUserNotification(call) {
    throw notFound(call);
  },

  /** Nothing is ever built here, but without these routes a build's deletion would be that of a repository. */
  getRepoBuilds(call) {
    repositoryOf(call);
    return ok({ builds: [] });
  },
  getRepoBuild(call) {
    throw notFound(call);
  },
  cancelRepoBuild(call) {
    throw notFound(call);
  },
};

/** The Swagger document, of the routes that this server has: its features and its version decide. */
function discoveryDocument(call: Call): object {
  const withInternal = call.query.get('internal') === 'true';
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    if (!exists(call, route) || (route.internal && !withInternal)) continue;
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
    definitions: schemas,
  };
}

function exists(call: Call, route: Route): boolean {
  const isOn = route.feature === undefined || feature(call.world, route.feature);
  return isOn && hasSince(call.world.settings.version, route.since);
}

function operationOf(route: Route): object {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const body =
    route.body === undefined ? [] : [{ name: 'body', in: 'body', schema: { $ref: `#/definitions/${route.body}` } }];
  return {
    operationId: route.operation,
    parameters: [...names.map((name) => ({ name, in: 'path', required: true, type: 'string' })), ...body],
    ...(route.scope === undefined ? {} : { security: [{ oauth2_implicit: [route.scope] }] }),
    ...(route.internal ? { 'x-internal': true } : {}),
    ...(route.fresh ? { 'x-requires-fresh-login': true } : {}),
  };
}
