/** What `plan` and `sync` do: one run over the registries of a configuration, without writing or with. */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { Config, StageConfig } from '../config/types.ts';
import { pullsLeftText } from '../execute/run/pull-gate.ts';
import { type RunOptions, type RunResult, runSync } from '../execute/run/run.ts';
import type { SyncWorld } from '../execute/run/world.ts';
import { exitCodeOf } from '../oci/exit-code.ts';
import type { CallOptions } from '../oci/ports.ts';
import { totalsOf } from '../plan/totals.ts';
import type { FailedTag, Plan, PlanItem, RepositoryPlan, TransferBytes } from '../plan/types.ts';
import { collectReport } from '../report/collect.ts';
import type { EventListener, Failure } from '../report/events.ts';
import { exitCodeOfReport } from '../report/exit-code.ts';
import type { Report } from '../report/report.ts';
import { openFilteredIndexes } from '../state/filtered-indexes.ts';
import { openJournals } from '../state/prune-journals.ts';
import { lockRun } from '../state/run-lock.ts';
import { hostsOf } from './configured.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';
import { type Intent, openSyncWorld } from './sync-world.ts';

export interface SyncSession extends AsyncDisposable {
  readonly intent: Intent;
  readonly world: SyncWorld;
  readonly session: Session;
  /** Requests so far, by host. */
  readonly requests: ReadonlyMap<string, number>;
  /** Everything that happens is told to `listener` too, until the result is disposed of. */
  listen(listener: EventListener): Disposable;
}

/** Opens the registries of a configuration. Nothing is asked of them yet. */
export async function openSync(intent: Intent, options: SessionOptions): Promise<SyncSession> {
  const requests = new Map<string, number>();
  const listeners = new Set<EventListener>();
  const session = await openSession({
    ...options,
    hosts: new Map([...(options.hosts ?? []), ...(await hostsOf(intent.config, intent.file, options))]),
    emit: (event) => {
      if (event.type === 'request') requests.set(event.host, (requests.get(event.host) ?? 0) + 1);
      options.emit?.(event);
      for (const listener of listeners) listener(event);
    },
  });
  const layouts = new AsyncDisposableStack();
  return {
    intent,
    session,
    world: openSyncWorld(session, intent, { env: options.env ?? {}, layouts }),
    requests,
    listen(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    async [Symbol.asyncDispose]() {
      await layouts.disposeAsync();
      await session[Symbol.asyncDispose]();
    },
  };
}

export interface SyncInput
  extends CallOptions,
    Pick<RunOptions, 'failFast' | 'jobs' | 'passes' | 'judge' | 'only' | 'works'> {
  /** The folder that keeps locks, and what earlier listings told. Without it nothing is locked and nothing pruned. */
  readonly stateFolder?: string;
  /** How long to wait for another run of the same configuration. Default 0. */
  readonly lockTimeoutMs?: number;
  /** Tells runs apart that share a configuration and do not stand in each other's way: shards. */
  readonly lockScope?: string;
  /** Look at what is to be pruned, and do it unless this is a dry run. Default: as the configuration says. */
  readonly prunes?: boolean;
  /** Bring nothing over. */
  readonly copies?: boolean;
  readonly dryRun?: boolean;
  /** Told what was done until then where the run is stopped; it rejects all the same. */
  readonly stopped?: (report: Report) => void;
  /** Names the run in its report. Default: one that nobody else has. */
  readonly runId?: string;
}

/** Looks at everything, writes nothing, and tells what would be done. */
export async function planSync(sync: SyncSession, input: SyncInput = {}): Promise<Plan> {
  const bytes = new Map<PlanItem, TransferBytes>();
  const failures = new Map<string, Failure>();
  const emit: EventListener = (event) => {
    if (event.type === 'warning') sync.session.emit(event);
    if (event.type === 'copy-failed') failures.set(event.copy, event.error);
    if (event.type === 'copy-finished') failures.delete(event.copy);
  };
  const foresaw: RunOptions['foresaw'] = (item, transfer) => bytes.set(item, transfer);
  const result = await runOver(sync, { ...input, dryRun: true, emit, foresaw });
  const plans = result.plans.map((one) => withFailures(one, failures));
  const plan = planOf(sync, { plans }, (item) => withBytes(item, bytes.get(item)));
  if (plan.totals.expected.countedPulls > 0) await tellPullsLeft(sync, input);
  return plan;
}

/** How many pulls are left at the sources that count them, which is worth knowing before the run. Asking is no pull. */
async function tellPullsLeft(
  { intent: { config }, world, session }: SyncSession,
  { signal }: CallOptions,
): Promise<void> {
  const counting = config.stages.filter((stage) => isCounted(config, stage));
  for (const registry of new Set(counting.map(({ from }) => from.registry))) {
    const quota = await world.pullsLeft?.(registry, { signal }).catch(() => undefined);
    signal?.throwIfAborted();
    if (quota === undefined) continue;
    const message = pullsLeftText(quota);
    session.emit({ type: 'warning', at: session.clock.wall(), code: 'W_PULL_QUOTA', message, subject: registry });
  }
}

export interface SyncOutcome {
  readonly plan: Plan;
  readonly report: Report;
}

/**
 * Makes the destinations hold what the configuration says. What happens to each tag is told by events and stands in the
 * report, whose exit code is the run's. Throws for what is wrong before anything is tried, and `E_LOCKED`.
 */
export async function carryOut(sync: SyncSession, input: SyncInput = {}): Promise<SyncOutcome> {
  await using _lock = await lock(sync, input);
  const { emit, clock } = sync.session;
  const collector = collectReport();
  using _collecting = sync.listen(collector.listen);
  const run = input.runId ?? randomUUID();
  emit({ type: 'run-started', at: clock.wall(), run, intent: sync.intent.file, dryRun: input.dryRun ?? false });
  const finished = (exitCode: number) => emit({ type: 'run-finished', at: clock.wall(), exitCode });
  const result = await runOver(sync, { ...input, emit }).catch((error: unknown) => {
    if (input.signal?.aborted) {
      finished(exitCodeOf('cancelled'));
      input.stopped?.(collector.report());
    }
    throw error;
  });
  finished(exitCodeOfReport(collector.report()));
  return { plan: planOf(sync, result), report: collector.report() };
}

async function lock(sync: SyncSession, { stateFolder, dryRun, lockTimeoutMs, lockScope, signal }: SyncInput) {
  if (stateFolder === undefined || dryRun) return undefined;
  const subject = `${JSON.stringify(sync.intent.config)} ${lockScope ?? ''}`;
  return lockRun(stateFolder, subject, { waitMs: lockTimeoutMs ?? 0, clock: sync.session.clock, signal });
}

async function runOver(
  sync: SyncSession,
  options: SyncInput & Pick<RunOptions, 'emit' | 'foresaw'>,
): Promise<RunResult> {
  const { config, file } = sync.intent;
  const { stateFolder, prunes = true } = options;
  const choosesPlatforms = config.stages.some(({ platforms }) => platforms !== 'all');
  const filtered =
    choosesPlatforms && stateFolder !== undefined ? await openFilteredIndexes(stateFolder, resolve(file)) : undefined;
  const result = await runSync(config, sync.world, {
    ...options,
    filtered,
    ...(prunes && stateFolder !== undefined && { journals: openJournals(stateFolder, resolve(file)) }),
    looksInto: (stage) => !isCounted(config, stage),
    now: () => sync.session.clock.wall(),
    ...(options.dryRun ? {} : { ledger: sync.session.ledger }),
  });
  if (!options.dryRun) await filtered?.save();
  return result;
}

function planOf(
  { session, intent, requests }: SyncSession,
  { plans }: Pick<RunResult, 'plans'>,
  finish: (item: PlanItem) => PlanItem = (item) => item,
): Plan {
  const repositories = plans.map((one) => ({ ...one, items: one.items.map(finish) }));
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

/** What could not be read for the plan's sake, or has none of the chosen platforms, is not to be copied but fails. */
function withFailures(plan: RepositoryPlan, failures: ReadonlyMap<string, Failure>): RepositoryPlan {
  const { source, destination } = plan;
  const items: PlanItem[] = [];
  const failedTags: FailedTag[] = [...(plan.failedTags ?? [])];
  for (const item of plan.items) {
    const isTransfer = item.action === 'copy' || item.action === 'update';
    const copy = `${source.location}:${item.tag} → ${destination.location}:${item.target}`;
    const failure = isTransfer ? failures.get(copy) : undefined;
    if (isTransfer && failure !== undefined) failedTags.push({ tag: item.tag, target: item.target, failure });
    else items.push(item);
  }
  return failedTags.length === 0 ? plan : { ...plan, items, failedTags };
}

function withBytes(item: PlanItem, bytes: TransferBytes | undefined): PlanItem {
  return bytes === undefined || (item.action !== 'copy' && item.action !== 'update') ? item : { ...item, bytes };
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
