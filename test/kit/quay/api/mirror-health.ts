import { isoMicroseconds } from '../format.ts';
import { json, type Reply } from '../http/reply.ts';
import { findNamespace } from '../model/accounts.ts';
import type { Repository, RepositoryMirror, SyncStatus } from '../model/types.ts';
import { type Call, type Handlers, notFound, requireSuperUser } from './call.ts';

const failingThreshold = 20;
const mostWarnings = 5;

export const mirrorHealthHandlers: Handlers = {
  getRepositoryMirrorHealth: (call) => health(call, true),
  getSuperUserRepositoryMirrorHealth: (call) => health(call, false),
};

interface Mirrored {
  readonly repository: Repository;
  readonly mirror: RepositoryMirror;
}

/** Quay asks its own process for its workers, but they live in another: it always finds none and is never healthy. */
function health(call: Call, withWarnings: boolean): Reply {
  requireSuperUser(call);
  const namespace = call.query.get('namespace');
  if (namespace !== null && findNamespace(call.world, namespace) === undefined) throw notFound(call);
  const mirrored = mirrorsOf(call, namespace);
  const count = (status: SyncStatus) => mirrored.filter(({ mirror }) => mirror.status === status).length;
  const [failed, neverRun] = [count('FAIL'), count('NEVER_RUN')];
  const time = isoMicroseconds(call.world.clock.now());
  const issues = [
    ...failures(failed, mirrored.length - neverRun, time),
    ...(withWarnings ? warnings(mirrored, time) : []),
  ];
  return json(503, {
    healthy: false,
    workers: { active: 0, configured: 0, status: 'degraded' },
    repositories: {
      total: mirrored.length,
      syncing: count('SYNCING'),
      completed: count('SUCCESS'),
      failed,
      never_run: neverRun,
      ...(call.query.get('detailed') === 'true' ? details(mirrored) : {}),
    },
    tags_pending: 0,
    last_check: time,
    issues,
  });
}

function mirrorsOf(call: Call, namespace: string | null): Mirrored[] {
  return [...call.world.repositories.values()]
    .filter((repository) => namespace === null || repository.namespace === namespace)
    .flatMap((repository) => (repository.mirror?.enabled !== true ? [] : [{ repository, mirror: repository.mirror }]))
    .sort((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1));
}

function pathOf({ repository }: Mirrored): string {
  return `${repository.namespace}/${repository.name}`;
}

function failures(failed: number, everRun: number, timestamp: string): object[] {
  const percent = everRun === 0 ? 0 : (failed / everRun) * 100;
  if (percent <= failingThreshold) return [];
  const message = `${percent.toFixed(1)}% of repositories are failing (threshold: ${failingThreshold.toFixed(1)}%)`;
  return [{ severity: 'critical', message, timestamp }];
}

function warnings(mirrored: readonly Mirrored[], timestamp: string): object[] {
  return mirrored
    .filter(({ mirror }) => mirror.status === 'NEVER_RUN')
    .slice(0, mostWarnings)
    .map((one) => ({ severity: 'warning', message: `Repository ${pathOf(one)} has never been synced`, timestamp }));
}

function details(mirrored: readonly Mirrored[]): object {
  return {
    details: mirrored.map(({ repository, mirror }) => ({
      namespace: repository.namespace,
      repository: repository.name,
      sync_status: mirror.status,
      is_enabled: mirror.enabled,
      last_sync: null,
      retries_remaining: mirror.retries,
    })),
    pagination: { limit: 100, offset: 0, has_more: false },
  };
}
