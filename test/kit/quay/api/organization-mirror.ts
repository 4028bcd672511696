import { isoMicroseconds } from '../format.ts';
import { json, noContent, ok, type Reply } from '../http/reply.ts';
import { findRobot } from '../model/accounts.ts';
import { addressProblem, hostOf } from '../model/addresses.ts';
import { logAction } from '../model/logs.ts';
import { repositoriesOf } from '../model/repositories.ts';
import type { Account, MirroredRepository, OrganizationMirror } from '../model/types.ts';
import { nextId } from '../model/world.ts';
import { verifyConnection } from '../worker/discovery.ts';
import {
  type Call,
  type Handlers,
  invalidRequest,
  notFound,
  numberOf,
  objectOf,
  organizationOf,
  param,
  requireOrganizationAdmin,
  textOf,
} from './call.ts';
import { fullRetries, isoDate, parseStartDate } from './mirror.ts';

const statuses = ['CANCEL', 'FAIL', 'NEVER_RUN', 'SUCCESS', 'SYNCING', 'SYNC_NOW', 'SKIP'];

export const organizationMirrorHandlers: Handlers = {
  getOrgMirrorConfig: (call) => ok(view(mirrorOf(call))),

  createOrgMirrorConfig(call) {
    const organization = guarded(call);
    if (organization.mirror !== undefined) {
      throw invalidRequest(call, 'Mirror configuration already exists for this organization');
    }
    organization.mirror = newMirror(call, organization);
    logAction(call, 'org_mirror_enabled', organization.username, {
      external_registry_type: organization.mirror.type,
      external_registry_url: organization.mirror.url,
      external_namespace: organization.mirror.namespace,
      sync_interval: organization.mirror.intervalSeconds,
      robot_username: organization.mirror.robot,
    });
    return json(201, '');
  },

  updateOrgMirrorConfig(call) {
    const mirror = mirrorOf(call);
    applyChanges(call, mirror);
    log(call, 'org_mirror_updated', mirror);
    return ok('');
  },

  deleteOrgMirrorConfig(call) {
    const organization = guarded(call);
    const mirror = mirrorOf(call);
    for (const repository of repositoriesOf(call.world, organization.username)) {
      if (repository.state === 'ORG_MIRROR') repository.state = 'NORMAL';
    }
    delete organization.mirror;
    log(call, 'org_mirror_deleted', mirror);
    return noContent();
  },

  syncOrgMirrorNow(call) {
    const mirror = mirrorOf(call);
    if (mirror.status === 'SYNCING') throw invalidRequest(call, 'Sync is already in progress');
    mirror.status = 'SYNC_NOW';
    mirror.start = call.world.clock.now();
    mirror.expires = undefined;
    mirror.retries = Math.max(mirror.retries, 1);
    log(call, 'org_mirror_sync_now_requested', mirror);
    return noContent();
  },

  cancelOrgMirrorSync(call) {
    const mirror = mirrorOf(call);
    mirror.status = 'CANCEL';
    mirror.expires = undefined;
    mirror.retries = 0;
    for (const one of mirror.repositories) {
      if (one.status === 'SYNC_NOW' || one.status === 'SYNCING') one.status = 'CANCEL';
    }
    log(call, 'org_mirror_sync_cancelled', mirror);
    return noContent();
  },

  async verifyOrgMirrorConnection(call) {
    return ok(await verifyConnection(call.world, mirrorOf(call)));
  },

  listOrgMirrorRepositories: (call) => listRepositories(call, mirrorOf(call)),
};

function guarded(call: Call): Account {
  requireOrganizationAdmin(call, param(call, 'orgname'));
  return organizationOf(call);
}

function mirrorOf(call: Call): OrganizationMirror {
  const { mirror } = guarded(call);
  if (mirror === undefined) throw notFound(call);
  return mirror;
}

function newMirror(call: Call, organization: Account): OrganizationMirror {
  const start = startOf(call) ?? 0;
  const url = urlOf(call) ?? '';
  const robot = robotOf(call, organization) ?? '';
  if (repositoriesOf(call.world, organization.username).length > 0) {
    throw invalidRequest(
      call,
      'Cannot create organization mirror: the organization already contains repositories. Organization mirroring requires an empty organization.',
    );
  }
  if (organization.proxyCache !== undefined) {
    throw invalidRequest(call, 'Organization has a proxy cache configuration');
  }
  return {
    id: nextId(call.world, 'orgmirror'),
    type: textOf(call, 'external_registry_type') ?? 'quay',
    url,
    namespace: textOf(call, 'external_namespace') ?? '',
    username: textOf(call, 'external_registry_username') ?? null,
    password: textOf(call, 'external_registry_password') ?? null,
    config: objectOf(call, 'external_registry_config') ?? {},
    robot,
    visibility: textOf(call, 'visibility') ?? 'private',
    filters: filtersOf(call) ?? [],
    timeoutSeconds: numberOf(call, 'skopeo_timeout') ?? 300,
    enabled: call.body['is_enabled'] !== false,
    intervalSeconds: numberOf(call, 'sync_interval') ?? 3600,
    start,
    status: 'NEVER_RUN',
    retries: fullRetries,
    expires: undefined,
    created: call.world.clock.now(),
    repositories: [],
  };
}

function applyChanges(call: Call, mirror: OrganizationMirror): void {
  mirror.start = startOf(call) ?? mirror.start;
  mirror.url = urlOf(call) ?? mirror.url;
  mirror.robot = robotOf(call, guarded(call)) ?? mirror.robot;
  mirror.namespace = textOf(call, 'external_namespace') ?? mirror.namespace;
  mirror.visibility = textOf(call, 'visibility') ?? mirror.visibility;
  mirror.intervalSeconds = numberOf(call, 'sync_interval') ?? mirror.intervalSeconds;
  mirror.timeoutSeconds = numberOf(call, 'skopeo_timeout') ?? mirror.timeoutSeconds;
  mirror.filters = filtersOf(call) ?? mirror.filters;
  mirror.config = { ...mirror.config, ...objectOf(call, 'external_registry_config') };
  if (typeof call.body['is_enabled'] === 'boolean') mirror.enabled = call.body['is_enabled'];
  if ('external_registry_username' in call.body) mirror.username = textOf(call, 'external_registry_username') ?? null;
  if ('external_registry_password' in call.body) mirror.password = textOf(call, 'external_registry_password') ?? null;
}

function startOf(call: Call): number | undefined {
  const text = call.body['sync_start_date'];
  if (text === undefined) return undefined;
  const start = parseStartDate(text);
  if (start !== undefined) return start;
  throw invalidRequest(call, 'Invalid sync_start_date format. Use ISO 8601: YYYY-MM-DDTHH:MM:SSZ');
}

function urlOf(call: Call): string | undefined {
  const url = textOf(call, 'external_registry_url');
  if (url === undefined) return undefined;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1] ?? '';
  if (scheme !== 'http' && scheme !== 'https') {
    throw invalidRequest(call, `Invalid URL scheme '${scheme}': only HTTP and HTTPS are allowed`);
  }
  const location = url.replace(/^https?:\/\//, '');
  const problem =
    hostOf(location) === ''
      ? 'URL must include a hostname'
      : addressProblem(call.world, location, 'The provided registry URL is not allowed');
  if (problem !== undefined) throw invalidRequest(call, problem);
  return url;
}

function robotOf(call: Call, organization: Account): string | undefined {
  const name = textOf(call, 'robot_username');
  if (name === undefined) return undefined;
  const robot = findRobot(call.world, name);
  if (robot === undefined) throw invalidRequest(call, `Invalid robot account: ${name}`);
  if (robot.robot?.owner !== organization.username) {
    throw invalidRequest(call, 'Robot account must belong to the organization');
  }
  return name;
}

function filtersOf(call: Call): readonly string[] | undefined {
  const filters = call.body['repository_filters'];
  return Array.isArray(filters) ? filters.map(String) : undefined;
}

function view(mirror: OrganizationMirror): object {
  return {
    is_enabled: mirror.enabled,
    external_registry_type: mirror.type,
    external_registry_url: mirror.url,
    external_namespace: mirror.namespace,
    external_registry_username: mirror.username,
    has_external_registry_password: mirror.password !== null,
    external_registry_config: mirror.config,
    repository_filters: mirror.filters,
    robot_username: mirror.robot,
    visibility: mirror.visibility,
    sync_interval: mirror.intervalSeconds,
    sync_start_date: isoDate(mirror.start),
    sync_expiration_date: mirror.expires === undefined ? null : isoDate(mirror.expires),
    sync_status: mirror.status,
    sync_retries_remaining: mirror.retries,
    repo_sync_status_counts: countsOf(mirror),
    skopeo_timeout: mirror.timeoutSeconds,
    creation_date: isoMicroseconds(mirror.created),
  };
}

function shown(mirror: OrganizationMirror): readonly MirroredRepository[] {
  return mirror.repositories.filter((one) => !one.deleted);
}

function countsOf(mirror: OrganizationMirror): object {
  return Object.fromEntries(
    statuses.map((status) => [status, shown(mirror).filter((one) => one.status === status).length]),
  );
}

function listRepositories(call: Call, mirror: OrganizationMirror): Reply {
  const page = Math.max(1, Number(call.query.get('page') ?? 1));
  const limit = Math.min(500, Math.max(1, Number(call.query.get('limit') ?? 100)));
  const status = call.query.get('status');
  if (status !== null && !statuses.includes(status)) {
    throw invalidRequest(call, `Invalid status filter '${status}'. Valid values: ${statuses.join(', ')}`);
  }
  const rows = shown(mirror).filter((one) => status === null || one.status === status);
  const start = (page - 1) * limit;
  return ok({
    repositories: rows.slice(start, start + limit).map((one) => ({
      name: one.name,
      sync_status: one.status,
      discovery_date: isoMicroseconds(one.discovered),
      last_sync_date: one.lastSync === undefined ? null : isoMicroseconds(one.lastSync),
      status_message: one.message,
      quay_repository: one.repository,
    })),
    page,
    limit,
    total: rows.length,
    has_next: rows.length > start + limit,
  });
}

function log(call: Call, kind: string, mirror: OrganizationMirror): void {
  logAction(call, kind, param(call, 'orgname'), { external_reference: `${mirror.url}/${mirror.namespace}` });
}
