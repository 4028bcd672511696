/** What `plan` and `sync` do: one run over the registries of a configuration, without writing or with. */
import type { Config, StageConfig } from '../config/types.ts';
import { type RunOptions, type RunResult, runSync } from '../execute/run/run.ts';
import type { SyncWorld } from '../execute/run/world.ts';
import type { CallOptions } from '../oci/ports.ts';
import { totalsOf } from '../plan/totals.ts';
import type { Plan, PlanItem, RepositoryPlan, TransferBytes } from '../plan/types.ts';
import type { Event, EventListener } from '../report/events.ts';
import { hostsOf } from './configured.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';
import { type Intent, openSyncWorld } from './sync-world.ts';

export interface SyncSession extends AsyncDisposable {
  readonly intent: Intent;
  readonly world: SyncWorld;
  readonly session: Session;
  /** Requests so far, by host. */
  readonly requests: ReadonlyMap<string, number>;
}

/** Opens the registries of a configuration. Nothing is asked of them yet. */
export async function openSync(intent: Intent, options: SessionOptions): Promise<SyncSession> {
  const requests = new Map<string, number>();
  const session = await openSession({
    ...options,
    hosts: new Map([...(options.hosts ?? []), ...(await hostsOf(intent.config, intent.file))]),
    emit: (event) => {
      if (event.type === 'request') requests.set(event.host, (requests.get(event.host) ?? 0) + 1);
      options.emit?.(event);
    },
  });
  return {
    intent,
    session,
    world: openSyncWorld(session, intent),
    requests,
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

export interface SyncInput extends CallOptions, Pick<RunOptions, 'failFast' | 'jobs' | 'passes' | 'judge' | 'only'> {}

/** Looks at everything, writes nothing, and tells what would be done. */
export async function planSync(sync: SyncSession, input: SyncInput = {}): Promise<Plan> {
  const bytes = new Map<string, TransferBytes>();
  const emit: EventListener = (event) => {
    if (event.type === 'copy-finished') bytes.set(event.copy, transferOf(event));
    else if (event.type === 'warning') sync.session.emit(event);
  };
  const result = await runOver(sync, { ...input, dryRun: true, emit });
  return planOf(sync, result, (repository, item) => withBytes(repository, item, bytes));
}

export interface SyncOutcome {
  readonly plan: Plan;
  readonly result: RunResult;
}

/** Makes the destinations hold what the configuration says. What happens to each tag is told by events. */
export async function carryOut(sync: SyncSession, input: SyncInput & { dryRun?: boolean } = {}): Promise<SyncOutcome> {
  const result = await runOver(sync, { ...input, emit: sync.session.emit });
  return { plan: planOf(sync, result), result };
}

function runOver(sync: SyncSession, options: SyncInput & Pick<RunOptions, 'dryRun' | 'emit'>): Promise<RunResult> {
  const { config } = sync.intent;
  return runSync(config, sync.world, {
    ...options,
    looksInto: (stage) => !isCounted(config, stage),
    now: () => sync.session.clock.wall(),
    ...(options.dryRun ? {} : { ledger: sync.session.ledger }),
  });
}

function planOf(
  { session, intent, requests }: SyncSession,
  { plans }: RunResult,
  finish: (repository: RepositoryPlan, item: PlanItem) => PlanItem = (_, item) => item,
): Plan {
  const repositories = plans.map((one) => ({ ...one, items: one.items.map((item) => finish(one, item)) }));
  const counted = countedHosts(intent.config);
  return {
    apiVersion: 'tranship/v1',
    kind: 'Plan',
    createdAt: new Date(session.clock.wall()).toISOString(),
    intent: intent.file,
    repositories,
    totals: totalsOf(repositories, {
      requests: Object.fromEntries(requests),
      isCounted: (location) => counted.some((host) => location.startsWith(`${host}/`)),
    }),
  };
}

function withBytes(
  { source, destination }: RepositoryPlan,
  item: PlanItem,
  known: ReadonlyMap<string, TransferBytes>,
): PlanItem {
  if (item.action !== 'copy' && item.action !== 'update') return item;
  const bytes = known.get(`${source.location}:${item.tag} → ${destination.location}:${item.target}`);
  return bytes === undefined ? item : { ...item, bytes };
}

function transferOf({ bytesMoved, bytesMounted, bytesPresent }: Event & { type: 'copy-finished' }): TransferBytes {
  return { total: bytesMoved + bytesMounted + bytesPresent, toMove: bytesMoved };
}

/** Where reading a manifest counts as a pull, nothing is read for a plan's sake. */
function isCounted(config: Config, { from }: StageConfig): boolean {
  const host = config.registries[from.registry]?.host;
  return host !== undefined && countedHosts(config).includes(host);
}

function countedHosts(config: Config): readonly string[] {
  return Object.values(config.registries)
    .filter(({ host, kind }) => kind === 'docker-hub' || host === 'docker.io')
    .map(({ host }) => host);
}
