import { empty, ok } from '../http/reply.ts';
import { feature, randomUUID } from '../model/world.ts';
import { type Handlers, notFound, objectOf, param, requireSuperUser } from './call.ts';
import { discoveryDocument } from './discovery.ts';

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
};
