import { hasFullAccess } from '../auth/access.ts';
import { humanSize } from '../format.ts';
import { json, noContent, ok } from '../http/reply.ts';
import { findUser } from '../model/accounts.ts';
import { logAction } from '../model/logs.ts';
import { quotaView } from '../model/quotas.ts';
import type { Account, Quota, QuotaLimit } from '../model/types.ts';
import { feature, nextId } from '../model/world.ts';
import {
  type Call,
  type Handlers,
  invalidRequest,
  notFound,
  numberOf,
  organizationOf,
  param,
  refused,
  requireOrganizationMember,
  requireSuperUser,
  textOf,
} from './call.ts';
import { messageError } from './errors.ts';
import { adminUser } from './users.ts';

export const quotaHandlers: Handlers = {
  listOrganizationQuota: (call) => list(readable(call)),
  createOrganizationQuota: (call) => create(call, writable(call)),
  getOrganizationQuota: (call) => ok(quotaView(quotaOf(call, readable(call)))),
  changeOrganizationQuota: (call) => change(call, writable(call)),
  deleteOrganizationQuota: (call) => remove(call, writable(call)),

  listOrganizationQuotaLimit: (call) => ok(limitViews(quotaOf(call, readable(call)))),
  getOrganizationQuotaLimit: (call) => ok(limitView(limitOf(call, quotaOf(call, readable(call))))),
  createOrganizationQuotaLimit(call) {
    const organization = writable(call);
    const quota = quotaOf(call, organization);
    const percent = numberOf(call, 'threshold_percent') ?? 0;
    const type = typeOf(call);
    const exists = quota.limits.some((limit) => limit.type === type && limit.percent === percent);
    if (exists || percent === 0) throw invalidRequest(call, 'Quota limit already exists');
    checkPercent(percent);
    quota.limits.push({ id: nextId(call.world, 'quotalimits'), type, percent });
    log(call, 'org_create_quota_limit', organization, { type, threshold_percent: percent });
    return json(201, 'Created');
  },
  changeOrganizationQuotaLimit(call) {
    const organization = writable(call);
    const quota = quotaOf(call, organization);
    const limit = limitOf(call, quota);
    const before = { previous_type: limit.type, previous_threshold_percent: limit.percent };
    const percent = numberOf(call, 'threshold_percent');
    if (percent !== undefined) {
      checkPercent(percent);
      limit.percent = percent;
    }
    if (textOf(call, 'type') !== undefined) limit.type = typeOf(call);
    const now = { type: limit.type, threshold_percent: limit.percent };
    log(call, 'org_change_quota_limit', organization, { ...now, ...before });
    return ok(quotaView(sorted(quota)));
  },
  deleteOrganizationQuotaLimit(call) {
    const organization = writable(call);
    const quota = quotaOf(call, organization);
    const limit = limitOf(call, quota);
    quota.limits.splice(quota.limits.indexOf(limit), 1);
    const gone = { limit_id: limit.id, type: limit.type, threshold_percent: limit.percent };
    log(call, 'org_delete_quota_limit', organization, gone);
    return noContent();
  },

  listUserQuota: (call) => list(adminUser(call)),
  getUserQuota: (call) => ok(quotaView(quotaOf(call, adminUser(call)))),
  listUserQuotaLimit: (call) => ok(limitViews(quotaOf(call, adminUser(call)))),
  getUserQuotaLimit: (call) => ok(limitView(limitOf(call, quotaOf(call, adminUser(call))))),

  listOrganizationQuotaSuperUser: (call) => list(superUsersOrganization(call)),
  createOrganizationQuotaSuperUser: (call) => create(call, superUsersOrganization(call)),
  changeOrganizationQuotaSuperUser: (call) => change(call, superUsersOrganization(call)),
  deleteOrganizationQuotaSuperUser: (call) => remove(call, superUsersOrganization(call)),
  listUserQuotaSuperUser: (call) => list(superUsersUser(call)),
  createUserQuotaSuperUser: (call) => create(call, superUsersUser(call)),
  changeUserQuotaSuperUser: (call) => change(call, superUsersUser(call)),
  deleteUserQuotaSuperUser: (call) => remove(call, superUsersUser(call)),
};

function readable(call: Call): Account {
  requireOrganizationMember(call, param(call, 'orgname'));
  return organizationOf(call);
}

/** Quotas are set by superusers with full access only. */
function writable(call: Call): Account {
  if (!feature(call.world, 'EDIT_QUOTA') || !hasFullAccess(call.world, call.caller)) throw refused(call);
  return organizationOf(call);
}

function superUsersOrganization(call: Call): Account {
  requireSuperUser(call);
  return organizationOf(call, param(call, 'namespace'));
}

function superUsersUser(call: Call): Account {
  requireSuperUser(call);
  const user = findUser(call.world, param(call, 'namespace'));
  if (user === undefined) throw notFound(call);
  return user;
}

function list(account: Account) {
  return ok(account.quota === undefined ? [] : [quotaView(sorted(account.quota))]);
}

function create(call: Call, account: Account) {
  const bytes = bytesOf(call) ?? 0;
  if (account.quota !== undefined) {
    const noun = account.kind === 'organization' ? 'Organization' : 'User';
    throw invalidRequest(call, `${noun} quota for '${account.username}' already exists`);
  }
  const limitBytes = positive(call, bytes);
  account.quota = { id: nextId(call.world, 'quota'), limitBytes, limits: [] };
  log(call, 'org_create_quota', account, sizeDetails(limitBytes));
  return json(201, 'Created');
}

function change(call: Call, account: Account) {
  const quota = quotaOf(call, account);
  const bytes = bytesOf(call);
  const before = quota.limitBytes;
  if (bytes !== undefined) {
    quota.limitBytes = positive(call, bytes);
    log(call, 'org_change_quota', account, {
      ...sizeDetails(quota.limitBytes),
      previous_limit_bytes: before,
      previous_limit: humanSize(before),
    });
  }
  return ok(quotaView(sorted(quota)));
}

function remove(call: Call, account: Account) {
  const quota = quotaOf(call, account);
  delete account.quota;
  log(call, 'org_delete_quota', account, { quota_id: quota.id, ...sizeDetails(quota.limitBytes) });
  return noContent();
}

function quotaOf(call: Call, account: Account): Quota {
  const { quota } = account;
  if (quota === undefined || String(quota.id) !== param(call, 'quota_id')) throw notFound(call);
  return sorted(quota);
}

function sorted(quota: Quota): Quota {
  quota.limits.sort((a, b) => a.percent - b.percent);
  return quota;
}

function limitOf(call: Call, quota: Quota): QuotaLimit {
  const limit = quota.limits.find((one) => String(one.id) === param(call, 'limit_id'));
  if (limit === undefined) throw notFound(call);
  return limit;
}

function limitView(limit: QuotaLimit): object {
  return { id: limit.id, type: limit.type, limit_percent: limit.percent };
}

function limitViews(quota: Quota): object[] {
  return quota.limits.map(limitView);
}

function typeOf(call: Call): string {
  const type = textOf(call, 'type') ?? '';
  if (type !== 'Warning' && type !== 'Reject') throw messageError(400, 'Quota type must be one of [Warning, Reject]');
  return type;
}

function checkPercent(percent: number): void {
  if (percent < 1 || percent > 100) throw messageError(400, 'Quota limit threshold must be between 1 and 100');
}

/** Only organisations' quotas leave a trace. */
function log(call: Call, kind: string, account: Account, details: object): void {
  if (account.kind !== 'organization') return;
  logAction(call, kind, account.username, { namespace: account.username, ...details });
}

function sizeDetails(bytes: number): object {
  return { limit_bytes: bytes, limit: humanSize(bytes) };
}

function positive(call: Call, bytes: number): number {
  if (bytes <= 0) throw invalidRequest(call, `Invalid quota size limit value: '${bytes}'`);
  return bytes;
}

const powers = 'KMGTPEZY';

/** `limit_bytes`, or `limit` as text: `10GiB`, `5 GB`, `100`. */
function bytesOf(call: Call): number | undefined {
  const bytes = numberOf(call, 'limit_bytes');
  if (bytes !== undefined) return bytes;
  const [, digits, unit = ''] = /^(\d+)\s?(\w*)$/.exec(textOf(call, 'limit') ?? '') ?? [];
  if (digits === undefined) return undefined;
  const power = unit === '' || unit === 'B' ? 0 : powers.indexOf(unit.charAt(0)) + 1;
  return Number(digits) * (unit.includes('i') ? 1024 : 1000) ** power;
}
