import { rfc2822 } from '../format.ts';
import { ok, type Reply } from '../http/reply.ts';
import { findNamespace } from '../model/accounts.ts';
import { pageStart, pageToken } from '../model/paging.ts';
import type { LogEntry } from '../model/types.ts';
import { type Call, type Handlers, param, repositoryOf, requireOrganizationAdmin, requireSuperUser } from './call.ts';
import { messageError } from './errors.ts';
import { adminUser } from './users.ts';
import { accountAvatar, performerView } from './views.ts';

const pageSize = 20;
const oneDay = 24 * 3600 * 1000;

export const logHandlers: Handlers = {
  listOrgLogs: (call) => list(call, ofOrganization(call)),
  getAggregateOrgLogs: (call) => aggregate(call, ofOrganization(call)),
  exportOrgLogs(call) {
    ofOrganization(call);
    return exported();
  },
  listRepoLogs: (call) => list(call, ofRepository(call)),
  getAggregateRepoLogs: (call) => aggregate(call, ofRepository(call)),
  exportRepoLogs(call) {
    ofRepository(call);
    return exported();
  },
  listUserLogs: (call) => list(call, ofUser(call)),
  getAggregateUserLogs: (call) => aggregate(call, ofUser(call)),
  exportUserLogs(call) {
    ofUser(call);
    return exported();
  },
  listAllLogs(call) {
    requireSuperUser(call);
    return list(call, call.world.logs, true);
  },
  listAllAggregateLogs(call) {
    requireSuperUser(call);
    return aggregate(call, call.world.logs);
  },
};

function ofOrganization(call: Call): readonly LogEntry[] {
  const name = param(call, 'orgname');
  requireOrganizationAdmin(call, name);
  if (findNamespace(call.world, name) === undefined) throw messageError(400, `Invalid namespace requested: ${name}`);
  return call.world.logs.filter((entry) => entry.namespace === name);
}

function ofRepository(call: Call): readonly LogEntry[] {
  const { namespace, name } = repositoryOf(call);
  return call.world.logs.filter((entry) => entry.namespace === namespace && entry.repository === name);
}

function ofUser(call: Call): readonly LogEntry[] {
  const { username } = adminUser(call);
  return call.world.logs.filter((entry) => entry.namespace === username);
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** The days asked for, `MM/DD/YYYY`; what is no date counts as not given. */
function spanOf(call: Call): Span {
  const now = call.world.clock.now();
  const day = (name: string) => {
    const text = call.query.get(name) ?? '';
    return /^\d\d\/\d\d\/\d{4}$/.test(text) ? Date.parse(`${text} UTC`) : undefined;
  };
  const to = day('endtime');
  const end = to === undefined ? now + oneDay : to + oneDay;
  return { from: day('starttime') ?? (to === undefined ? now - oneDay : end - 2 * oneDay), to: end };
}

function within(call: Call, entries: readonly LogEntry[], { from, to }: Span): LogEntry[] {
  const performer = call.query.get('performer');
  return entries
    .filter((entry) => entry.time >= from && entry.time < to)
    .filter((entry) => performer === null || entry.performer === performer)
    .toReversed();
}

function list(call: Call, entries: readonly LogEntry[], withNamespace = false): Reply {
  const span = spanOf(call);
  const rows = within(call, entries, span);
  const start = pageStart(call.world, call.query.get('next_page')) ?? 0;
  const page = rows.slice(start, start + pageSize);
  // Quay goes on to older tables after the last row of this one, so that a page with rows is never the last.
  const more = page.length > 0;
  return ok({
    start_time: rfc2822(span.from),
    end_time: rfc2822(span.to),
    logs: page.map((entry) => view(call, entry, withNamespace)),
    ...(more ? { next_page: pageToken(call.world, start + pageSize) } : {}),
  });
}

function view(call: Call, entry: LogEntry, withNamespace: boolean): object {
  const performer = entry.performer === undefined ? undefined : performerView(call.world, entry.performer);
  return {
    kind: entry.kind,
    metadata: entry.metadata,
    ip: entry.ip ?? null,
    datetime: rfc2822(entry.time),
    ...(performer === undefined ? {} : { performer }),
    ...(withNamespace ? namespaceView(call, entry.namespace) : {}),
  };
}

function namespaceView(call: Call, name: string | undefined): object {
  const account = name === undefined ? undefined : findNamespace(call.world, name);
  if (account === undefined) return {};
  const kind = account.kind === 'organization' ? 'org' : 'user';
  return { namespace: { kind, name: account.username, avatar: accountAvatar(account) } };
}

function aggregate(call: Call, entries: readonly LogEntry[]): Reply {
  const counts = new Map<string, { kind: string; count: number; datetime: string }>();
  for (const entry of within(call, entries, spanOf(call))) {
    const day = new Date(entry.time);
    const midnight = Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate());
    const key = `${entry.kind} ${midnight}`;
    const row = counts.get(key) ?? { kind: entry.kind, count: 0, datetime: rfc2822(midnight) };
    row.count += 1;
    counts.set(key, row);
  }
  return ok({ aggregated: [...counts.values()] });
}

function exported(): Reply {
  return ok({ export_id: '00000000-0000-4000-8000-000000000000' });
}
