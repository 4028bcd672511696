import { isoMicroseconds, isoSeconds } from '../format.ts';
import { json, noContent, ok, ReplyError } from '../http/reply.ts';
import { findNamespace, findRobot } from '../model/accounts.ts';
import { referenceProblem } from '../model/addresses.ts';
import { logAction } from '../model/logs.ts';
import type { JsonObject, Repository, RepositoryMirror } from '../model/types.ts';
import { feature, knows, nextId } from '../model/world.ts';
import { resolvedIp } from '../registry/resolved-ip.ts';
import {
  type Call,
  type Handlers,
  invalidRequest,
  notFound,
  numberOf,
  objectOf,
  repositoryOf,
  textOf,
} from './call.ts';
import { brokenServer, messageError } from './errors.ts';

export const fullRetries = 3;

export const mirrorHandlers: Handlers = {
  getRepoMirrorConfig: (call) => ok(view(call, mirrorOf(call, repositoryOf(call)))),

  createRepoMirrorConfig(call) {
    const repository = repositoryOf(call);
    refuseUnderOrganizationMirror(call, repository);
    if (repository.mirror !== undefined) {
      const name = `${repository.namespace}/${repository.name}`;
      throw detailError(409, `Mirror configuration already exits for repository ${name}`);
    }
    checkKnownFields(call);
    const mirror = newMirror(call, repository);
    repository.mirror = mirror;
    repository.state = 'MIRROR';
    repository.userRoles.set(mirror.robot, 'write');
    const changed = { changed: 'external_reference', to: mirror.reference };
    log(call, repository, 'repo_mirror_config_changed', changed);
    return json(201, '');
  },

  changeRepoMirrorConfig(call) {
    const repository = repositoryOf(call);
    const mirror = mirrorOf(call, repository);
    refuseUnderOrganizationMirror(call, repository);
    applyChanges(call, repository, mirror);
    return json(201, '');
  },

  syncNow(call) {
    const repository = repositoryOf(call);
    const mirror = mirrorOf(call, repository);
    if (mirror.status === 'SYNCING') throw notFound(call);
    mirror.status = 'SYNC_NOW';
    mirror.expires = undefined;
    mirror.retries = Math.max(mirror.retries, 1);
    log(call, repository, 'repo_mirror_config_changed', { changed: 'sync_status', to: 'SYNC_NOW' });
    return noContent();
  },

  syncCancel(call) {
    const repository = repositoryOf(call);
    const mirror = mirrorOf(call, repository);
    if (mirror.status !== 'SYNCING' && mirror.status !== 'SYNC_NOW') throw notFound(call);
    mirror.status = 'CANCEL';
    mirror.expires = undefined;
    mirror.retries = 0;
    log(call, repository, 'repo_mirror_config_changed', { changed: 'sync_status', to: 'SYNC_CANCEL' });
    return noContent();
  },
};

function mirrorOf(call: Call, repository: Repository): RepositoryMirror {
  if (repository.mirror === undefined) throw notFound(call);
  return repository.mirror;
}

function detailError(status: number, detail: string): ReplyError {
  return new ReplyError(json(status, { detail }));
}

function refuseUnderOrganizationMirror(call: Call, repository: Repository): void {
  if (findNamespace(call.world, repository.namespace)?.mirror === undefined) return;
  throw invalidRequest(
    call,
    'Repository mirror configuration cannot be managed when organization-level mirroring is configured',
  );
}

const fieldsSince: Readonly<Record<string, string>> = {
  is_enabled: '3.7',
  external_reference: '3.7',
  external_registry_username: '3.7',
  external_registry_password: '3.7',
  sync_start_date: '3.7',
  sync_interval: '3.7',
  robot_username: '3.7',
  root_rule: '3.7',
  external_registry_config: '3.7',
  skopeo_timeout_interval: '3.15',
  architecture_filter: '3.17',
};

/** Quay hands the body on as it is, and what it does not know breaks it. */
function checkKnownFields(call: Call): void {
  for (const name of Object.keys(call.body)) {
    const since = fieldsSince[name];
    if (since === undefined || !knows(call.world, since)) throw brokenServer();
  }
}

function newMirror(call: Call, repository: Repository): RepositoryMirror {
  const robot = call.body['robot_username'];
  const start = startDateOf(call) ?? 0;
  const reference = referenceOf(call) ?? '';
  checkArchitectures(call);
  const globs = globsOf(call) ?? [];
  if (robot === undefined) throw brokenServer();
  return {
    id: nextId(call.world, 'mirror'),
    reference,
    enabled: call.body['is_enabled'] !== false,
    username: textOf(call, 'external_registry_username') ?? null,
    password: textOf(call, 'external_registry_password') ?? null,
    config: objectOf(call, 'external_registry_config') ?? {},
    intervalSeconds: numberOf(call, 'sync_interval') ?? 0,
    start,
    robot: robotOf(call, repository, String(robot)),
    globs,
    architectures: [],
    timeoutSeconds: numberOf(call, 'skopeo_timeout_interval') ?? 300,
    status: 'NEVER_RUN',
    retries: fullRetries,
    expires: undefined,
  };
}

function applyChanges(call: Call, repository: Repository, mirror: RepositoryMirror): void {
  const { body } = call;
  const changed = (what: string, to: unknown) => {
    log(call, repository, 'repo_mirror_config_changed', { changed: what, to });
  };
  checkArchitectures(call);
  const start = startDateOf(call);
  const reference = referenceOf(call);
  if (typeof body['is_enabled'] === 'boolean') {
    mirror.enabled = body['is_enabled'];
    changed('is_enabled', mirror.enabled);
  }
  if (reference !== undefined) {
    mirror.reference = reference;
    changed('external_reference', reference);
  }
  applyCredentials(call, repository, mirror);
  if (start !== undefined) {
    mirror.start = start;
    changed('sync_start_date', start / 1000);
  }
  mirror.intervalSeconds = numberOf(call, 'sync_interval') ?? mirror.intervalSeconds;
  mirror.timeoutSeconds = numberOf(call, 'skopeo_timeout_interval') ?? mirror.timeoutSeconds;
  const robot = textOf(call, 'robot_username');
  if (robot !== undefined) {
    mirror.robot = robotOf(call, repository, robot);
    repository.userRoles.set(mirror.robot, 'write');
    changed('robot_username', robot);
  }
  const globs = globsOf(call);
  if (globs !== undefined) {
    mirror.globs = globs;
    changed('mirror_rule', globs);
  }
  mirror.config = mergedConfig(mirror.config, objectOf(call, 'external_registry_config'));
}

function applyCredentials(call: Call, repository: Repository, mirror: RepositoryMirror): void {
  const { body } = call;
  const hasName = 'external_registry_username' in body;
  const hasPassword = 'external_registry_password' in body;
  if (!hasName && !hasPassword) return;
  if (!hasName) throw detailError(400, 'Unable to set a new password without also specifying a username.');
  const name = textOf(call, 'external_registry_username') ?? null;
  const password = textOf(call, 'external_registry_password') ?? null;
  if (name === null && password !== null) {
    throw detailError(400, 'Unable to delete username while setting a password.');
  }
  mirror.username = name;
  log(call, repository, 'repo_mirror_config_changed', { changed: 'external_registry_username', to: name });
  if (!hasPassword && name !== null) return;
  mirror.password = password;
  const to = password === null ? null : '********';
  log(call, repository, 'repo_mirror_config_changed', { changed: 'external_registry_password', to });
}

const proxyKeys = ['http_proxy', 'https_proxy', 'no_proxy'];

/** The first proxy key of all only makes the empty block; Quay takes it from the second time on. */
function mergedConfig(config: JsonObject, changes: JsonObject | undefined): JsonObject {
  if (changes === undefined) return config;
  const merged: Record<string, unknown> = { ...config };
  if ('verify_tls' in changes) merged['verify_tls'] = changes['verify_tls'];
  if ('unsigned_images' in changes) merged['unsigned_images'] = changes['unsigned_images'];
  const proxy = changes['proxy'] as JsonObject | undefined;
  for (const key of proxyKeys) {
    if (proxy === undefined || !(key in proxy)) continue;
    const block = merged['proxy'] as JsonObject | undefined;
    merged['proxy'] = block === undefined ? {} : { ...block, [key]: proxy[key] };
  }
  return merged;
}

function checkArchitectures(call: Call): void {
  const filter = call.body['architecture_filter'];
  if (Array.isArray(filter) && filter.length > 0 && !feature(call.world, 'SPARSE_INDEX')) {
    throw detailError(400, 'Architecture filtering requires FEATURE_SPARSE_INDEX to be enabled.');
  }
}

function startDateOf(call: Call): number | undefined {
  const text = call.body['sync_start_date'];
  if (text === undefined) return undefined;
  const start = parseStartDate(text);
  if (start !== undefined) return start;
  throw detailError(400, 'Incorrect DateTime format for sync_start_date.');
}

/** Whole seconds and `Z`, nothing else. */
export function parseStartDate(text: unknown): number | undefined {
  const fits = typeof text === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text);
  return fits ? Date.parse(text) : undefined;
}

function referenceOf(call: Call): string | undefined {
  const reference = textOf(call, 'external_reference');
  const guarded = reference !== undefined && knows(call.world, '3.19');
  const problem = guarded ? referenceProblem(call.world, reference) : undefined;
  if (problem !== undefined) throw invalidRequest(call, problem);
  return reference;
}

function globsOf(call: Call): readonly string[] | undefined {
  const globs = objectOf(call, 'root_rule')?.['rule_value'];
  if (globs === undefined) return undefined;
  if (!Array.isArray(globs) || globs.length === 0) {
    throw invalidRequest(call, 'validation failed: rule_value for TAG_GLOB_CSV must be a list with at least one rule');
  }
  return globs.map(String);
}

function robotOf(call: Call, repository: Repository, name: string): string {
  const robot = findRobot(call.world, name);
  if (robot === undefined) throw messageError(400, 'Could not find robot with specified username');
  if (robot.robot?.owner !== repository.namespace) throw messageError(400, 'Invalid robot');
  return name;
}

function view(call: Call, mirror: RepositoryMirror): object {
  return {
    is_enabled: mirror.enabled,
    mirror_type: 'PULL',
    external_reference: mirror.reference,
    external_registry_username: mirror.username,
    external_registry_config: mirror.config,
    sync_interval: mirror.intervalSeconds,
    sync_start_date: isoDate(mirror.start),
    sync_expiration_date: mirror.expires === undefined ? null : isoDate(mirror.expires),
    sync_retries_remaining: mirror.retries,
    sync_status: mirror.status,
    root_rule: { rule_kind: 'tag_glob_csv', rule_value: mirror.globs },
    robot_username: mirror.robot,
    ...(knows(call.world, '3.15') ? { skopeo_timeout_interval: mirror.timeoutSeconds } : {}),
    ...(knows(call.world, '3.17') ? { architecture_filter: mirror.architectures } : {}),
  };
}

/** With microseconds as soon as there are any, although no call accepts them. */
export function isoDate(milliseconds: number): string {
  return milliseconds % 1000 === 0 ? isoSeconds(milliseconds) : isoMicroseconds(milliseconds);
}

function log(call: Call, repository: Repository, kind: string, details: object): void {
  const { namespace, name } = repository;
  logAction(
    call,
    kind,
    namespace,
    {
      repo: name,
      namespace,
      'user-agent': call.request.headers['user-agent'] ?? '',
      ...details,
      username: call.caller.user,
      resolved_ip: resolvedIp,
    },
    repository,
  );
}
