import { json, noContent, ok, type Reply } from '../http/reply.ts';
import { logAction } from '../model/logs.ts';
import { splitPath } from '../model/repositories.ts';
import type { Notification } from '../model/types.ts';
import { randomUUID } from '../model/world.ts';
import {
  type Call,
  type Handlers,
  invalidRequest,
  maybeRepository,
  notFound,
  objectOf,
  organizationOf,
  param,
  repositoryOf,
  requireOrganizationAdmin,
  textOf,
} from './call.ts';
import { brokenServer } from './errors.ts';
import { adminUser } from './users.ts';

const repositoryEvents = new Set(
  'repo_push repo_mirror_sync_started repo_mirror_sync_success repo_mirror_sync_failed vulnerability_found repo_image_expiry build_queued build_start build_success build_failure build_cancelled'.split(
    ' ',
  ),
);
const namespaceEvents = new Set(['quota_warning', 'quota_error']);
const methods = new Set(['quay_notification', 'email', 'webhook', 'slack', 'hipchat', 'flowdock']);

/** Notifications of repositories, and of organisations and users about their quota. */
export const notificationHandlers: Handlers = {
  listRepoNotifications: (call) => list(maybeRepository(call)?.notifications ?? []),
  createRepoNotification(call) {
    const notification = create(call, repositoryOf(call).notifications, repositoryEvents);
    log(call, 'add_repo_notification', notification);
    return json(201, view(notification));
  },
  getRepoNotification: (call) => ok(view(find(call, repositoryOf(call).notifications))),
  resetRepositoryNotificationFailures(call) {
    const notification = find(call, repositoryOf(call).notifications);
    notification.failures = 0;
    log(call, 'reset_repo_notification', notification);
    return noContent();
  },
  deleteRepoNotification(call) {
    const rows = repositoryOf(call).notifications;
    const uuid = param(call, 'uuid');
    const notification = rows.find((one) => one.uuid === uuid);
    if (notification === undefined) {
      const { namespace, name } = splitPath(param(call, 'repository'));
      throw invalidRequest(call, `No repository notification found for: ${namespace}, ${name}, ${uuid}`);
    }
    rows.splice(rows.indexOf(notification), 1);
    log(call, 'delete_repo_notification', notification);
    return noContent();
  },
  testRepoNotification(call) {
    find(call, repositoryOf(call).notifications);
    return ok({});
  },

  listOrgNotifications: (call) => list(ofOrganization(call)),
  createOrgNotification: (call) => json(201, view(create(call, ofOrganization(call), namespaceEvents))),
  getOrgNotification: (call) => ok(view(find(call, ofOrganization(call)))),
  deleteOrgNotification: (call) => remove(call, ofOrganization(call)),
  resetOrgNotificationFailures: (call) => reset(call, ofOrganization(call)),
  testOrgNotification(call) {
    find(call, ofOrganization(call));
    return ok({});
  },

  listUserNamespaceNotifications: (call) => list(adminUser(call).notifications),
  createUserNamespaceNotification: (call) =>
    json(201, view(create(call, adminUser(call).notifications, namespaceEvents))),
  getUserNamespaceNotification: (call) => ok(view(find(call, adminUser(call).notifications))),
  deleteUserNamespaceNotification: (call) => remove(call, adminUser(call).notifications),
  resetUserNamespaceNotificationFailures: (call) => reset(call, adminUser(call).notifications),
  testUserNamespaceNotification(call) {
    find(call, adminUser(call).notifications);
    return ok({});
  },
};

function ofOrganization(call: Call): Notification[] {
  requireOrganizationAdmin(call, param(call, 'orgname'));
  return organizationOf(call).notifications;
}

function list(rows: readonly Notification[]): Reply {
  return ok({ notifications: rows.map(view) });
}

function create(call: Call, rows: Notification[], events: ReadonlySet<string>): Notification {
  const event = textOf(call, 'event') ?? '';
  const method = textOf(call, 'method') ?? '';
  if (!events.has(event) || !methods.has(method)) throw brokenServer();
  const config = objectOf(call, 'config') ?? {};
  if (method === 'webhook' && !config['url']) throw invalidRequest(call, 'Missing webhook URL');
  if (method === 'email') {
    throw invalidRequest(
      call,
      'The specified e-mail address is not authorized to receive notifications for this repository',
    );
  }
  const notification: Notification = {
    uuid: randomUUID(),
    title: textOf(call, 'title') ?? null,
    event,
    method,
    config,
    eventConfig: objectOf(call, 'eventConfig') ?? {},
    failures: 0,
  };
  rows.push(notification);
  return notification;
}

function find(call: Call, rows: readonly Notification[]): Notification {
  const notification = rows.find((one) => one.uuid === param(call, 'uuid'));
  if (notification === undefined) throw notFound(call);
  return notification;
}

function remove(call: Call, rows: Notification[]): Reply {
  rows.splice(rows.indexOf(find(call, rows)), 1);
  return noContent();
}

function reset(call: Call, rows: readonly Notification[]): Reply {
  find(call, rows).failures = 0;
  return noContent();
}

function view(notification: Notification): object {
  return {
    uuid: notification.uuid,
    title: notification.title,
    event: notification.event,
    method: notification.method,
    config: notification.config,
    event_config: notification.eventConfig,
    number_of_failures: notification.failures,
  };
}

function log(call: Call, kind: string, notification: Notification): void {
  const { namespace, name } = splitPath(param(call, 'repository'));
  logAction(
    call,
    kind,
    namespace,
    {
      repo: name,
      namespace,
      notification_id: notification.uuid,
      event: notification.event,
      method: notification.method,
    },
    name,
  );
}
