/**
 * A whole synchronisation: stages in the order of their dependencies, repositories planned when their stage starts and
 * carried out as soon as each is planned, what failed for a passing reason tried again at the end.
 */
import type { Config, StageConfig } from '../../config/types.ts';
import { AdaptiveLimiter } from '../../kit/limiter.ts';
import { isTranshipError, TranshipError } from '../../oci/errors.ts';
import type { RepositoryName } from '../../oci/names.ts';
import type { RepositoryPlan } from '../../plan/types.ts';
import type { EventListener } from '../../report/events.ts';
import { failureOf, sideOf } from '../failure.ts';
import { Ledger } from '../ledger.ts';
import { ClosedDestinations } from './closed.ts';
import { copyGroup, idOf, mayPass } from './copy-group.ts';
import { type CopyGroup, groupsOf } from './groups.ts';
import { planRepository, type RepositoryWork } from './plan-repository.ts';
import { runStages } from './stage-graph.ts';
import { RunClaims, repositoriesOf, type StagePlanner, stagePlanner } from './stage-plan.ts';
import type { Judge, SyncWorld } from './world.ts';

export interface RunOptions {
  /** Look at everything and write nothing. */
  readonly dryRun?: boolean;
  /** Do not look into what would be copied: no bytes in the plan, and no manifest is read. Only with `dryRun`. */
  readonly planOnly?: boolean;
  /** Begin nothing more once something failed. */
  readonly failFast?: boolean;
  /** Images copied at the same time. */
  readonly jobs?: number;
  /** Times that an item is tried at most (decision "passes"). */
  readonly passes?: number;
  readonly judge?: Judge | undefined;
  /** Only these pairs: what `--retry-failed` and shards leave of the configuration. */
  readonly only?: (stage: string, repository: RepositoryName) => boolean;
  /** Called once a repository is carried out, for what comes after copying: pruning, the journal. */
  readonly afterRepository?: (work: RepositoryWork, failed: boolean) => Promise<void>;
  readonly ledger?: Ledger;
  readonly emit: EventListener;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

/** Images in flight. Each waits mostly for small answers; blobs are bounded by the ledger, requests by the transport. */
const usualJobs = 32;

/** Repositories planned and carried out at the same time. */
const repositoriesInFlight = 8;

const usualPasses = 3;

export interface RunResult {
  readonly plans: readonly RepositoryPlan[];
  readonly failed: number;
  readonly blocked: number;
}

/** Rejects only when it was stopped, or for a configuration that no run can carry out. Everything else is in the events. */
export async function runSync(config: Config, world: SyncWorld, options: RunOptions): Promise<RunResult> {
  const run = new SyncRun(config, world, options);
  return run.run();
}

/** Something to do again in a later pass. Returns how many of its parts failed. */
interface Retry {
  readonly size: number;
  again(): Promise<number>;
}

class SyncRun {
  readonly #config: Config;
  readonly #world: SyncWorld;
  readonly #options: RunOptions;
  readonly #ledger: Ledger;
  readonly #images: AdaptiveLimiter;
  readonly #repositories = new AdaptiveLimiter(repositoriesInFlight);
  readonly #claims = new RunClaims();
  readonly #closed = new ClosedDestinations();
  readonly #plans: RepositoryPlan[] = [];
  readonly #created = new Map<string, Promise<void>>();
  #retries: Retry[] = [];
  #pass = 1;
  #failed = 0;
  #blocked = 0;

  constructor(config: Config, world: SyncWorld, options: RunOptions) {
    this.#config = config;
    this.#world = world;
    this.#options = options;
    this.#ledger = options.ledger ?? new Ledger();
    this.#images = new AdaptiveLimiter(options.jobs ?? usualJobs);
  }

  async run(): Promise<RunResult> {
    await runStages(this.#config.stages, (stage, after) => this.#runStage(stage, after));
    while (this.#retries.length > 0) await this.#nextPass();
    return { plans: this.#plans, failed: this.#failed, blocked: this.#blocked };
  }

  async #runStage(stage: StageConfig, afterFailuresOf: readonly string[]): Promise<{ stage: string; failed: number }> {
    const { emit, now, signal } = this.#options;
    signal?.throwIfAborted();
    emit({ type: 'stage-started', at: now(), stage: stage.id, afterFailuresOf });
    const planner = stagePlanner(stage);
    const failed = await this.#stageRepositories(planner);
    emit({ type: 'stage-finished', at: now(), stage: stage.id, failed });
    return { stage: stage.id, failed };
  }

  async #stageRepositories(planner: StagePlanner): Promise<number> {
    const { stage } = planner;
    let repositories: readonly RepositoryName[];
    try {
      const found = await repositoriesOf(stage, this.#world, this.#options);
      for (const message of found.warnings) this.#warn('W_SELECTION', message, stage.id);
      repositories = found.repositories.filter((name) => this.#options.only?.(stage.id, name) ?? true);
      this.#claims.claimRepositories(this.#config, planner, repositories);
    } catch (error) {
      return this.#stageFailed(planner, error);
    }
    const counts = await Promise.all(
      repositories.map((repository) => this.#bounded(() => this.#runRepository(planner, repository))),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** The stage's repositories could not be found out. It may be tried again like anything else. */
  async #stageFailed(planner: StagePlanner, error: unknown): Promise<number> {
    this.#options.signal?.throwIfAborted();
    const failure = sideOf(error, 'source', planner.stage.from.registry);
    if (failure.failure === 'usage') throw failure;
    if (this.#retryLater(failure, { size: 1, again: () => this.#stageRepositories(planner) })) return 1;
    const { stage } = planner;
    const place = { registry: stage.from.registry, location: stage.from.registry, repository: '' };
    const [to] = stage.to;
    this.#planned({
      stage: stage.id,
      source: place,
      destination: { registry: to?.registry ?? '', location: to?.registry ?? '', repository: '' },
      items: [],
      same: 0,
      trusted: 0,
      warnings: [],
      failure: failureOf(failure),
    });
    return this.#count(1);
  }

  async #runRepository(planner: StagePlanner, repository: RepositoryName): Promise<number> {
    if (this.#isOver()) return 0;
    const { judge, now, signal } = this.#options;
    const all = await planRepository(planner, repository, {
      config: this.#config,
      world: this.#world,
      judge,
      now,
      signal,
    });
    const again = this.#pass < this.#passes ? all.filter(({ plan }) => plan.failure?.failure === 'temporary') : [];
    if (again.length > 0) {
      const destinations = again.map(({ destination }) => destination);
      const retry = () => this.#runRepository({ ...planner, destinations }, repository);
      this.#retries.push({ size: again.length, again: retry });
    }
    const works = all.filter((work) => !again.includes(work));
    for (const { plan } of works) this.#planned(plan);
    const missing = this.#tellMissing(planner, works);
    const broken = this.#count(works.filter(({ plan }) => plan.failure !== undefined).length + missing);
    const sound = works.filter(({ plan }) => plan.failure === undefined);
    if (this.#options.planOnly) return again.length + broken;
    const failed = await this.#carryOut(planner.stage, sound);
    for (const work of sound) await this.#options.afterRepository?.(work, failed > 0 || missing > 0);
    return again.length + broken + failed;
  }

  async #carryOut(stage: StageConfig, works: readonly RepositoryWork[]): Promise<number> {
    const groups = groupsOf(works, { same: stage.referrers === 'always' });
    const first = await this.#copyAll(
      stage,
      groups.filter(({ attached }) => !attached),
    );
    // What hangs on an image goes along with it; what is left of it comes when the images are there.
    return (
      first +
      (await this.#copyAll(
        stage,
        groups.filter(({ attached }) => attached),
      ))
    );
  }

  async #copyAll(stage: StageConfig, groups: readonly CopyGroup[]): Promise<number> {
    const counts = await Promise.all(groups.map((group) => this.#copy(stage, group)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async #copy(stage: StageConfig, group: CopyGroup): Promise<number> {
    const release = await this.#images.acquire({ signal: this.#options.signal });
    try {
      const open = this.#reachable(stage, group);
      if (open === undefined) return group.parts.length;
      await this.#createMissing(stage, open);
      const { dryRun = false, emit, now, signal } = this.#options;
      const outcomes = await copyGroup(open, {
        stage,
        world: this.#world,
        ledger: this.#ledger,
        emit,
        now,
        signal,
        dryRun,
      });
      const failures = outcomes.flatMap(({ part, outcome }) => (outcome.ok ? [] : [{ part, error: outcome.error }]));
      for (const { part, error } of failures) {
        if (error.failure === 'unwritable')
          this.#closed.refused(part.work.destination.config.registry, part.work.target);
      }
      const again = failures.filter(({ error }) => mayPass(error));
      if (again.length > 0 && this.#pass < this.#passes) {
        const parts = again.map(({ part }) => part);
        this.#retries.push({ size: parts.length, again: () => this.#copy(stage, { ...group, parts }) });
        return this.#count(failures.length - again.length) + again.length;
      }
      return this.#count(failures.length);
    } finally {
      release();
    }
  }

  /** The parts whose destination still takes something. What is left out is told. */
  #reachable(stage: StageConfig, group: CopyGroup): CopyGroup | undefined {
    const over = this.#isOver();
    const isOpen = ({ work }: CopyGroup['parts'][number]) =>
      !over && !this.#closed.isClosed(work.destination.config.registry, work.target);
    for (const part of group.parts.filter((each) => !isOpen(each))) {
      const { source, destination } = part.work.plan;
      this.#options.emit({
        type: 'not-reached',
        at: this.#options.now(),
        stage: stage.id,
        source: `${source.location}:${part.item.tag}`,
        destination: `${destination.location}:${part.item.target}`,
        reason: over ? 'an earlier failure ended the run' : 'the destination takes no more',
      });
      this.#count(1);
    }
    const parts = group.parts.filter(isOpen);
    return parts.length === 0 ? undefined : { ...group, parts };
  }

  /** Makes missing repositories before their first image. A failure shows when the push is refused, with the better words. */
  async #createMissing(stage: StageConfig, { parts }: CopyGroup): Promise<void> {
    if (this.#options.dryRun) return;
    await Promise.all(
      parts
        .filter(({ work }) => work.plan.create === true)
        .map(async ({ work }) => {
          const { registry, visibility } = work.destination.config;
          const key = `${registry}/${work.target}`;
          const creation =
            this.#created.get(key) ??
            this.#world.createRepository(
              registry,
              work.target,
              visibility === undefined ? {} : { visibility },
              this.#options,
            );
          this.#created.set(key, creation);
          try {
            await creation;
          } catch (error) {
            const why = isTranshipError(error) ? `${error.message} (${error.code})` : String(error);
            this.#warn('W_NOT_CREATED', `${work.plan.destination.location} could not be created: ${why}`, stage.id);
          }
        }),
    );
  }

  /** Tags that the rules name and the source does not have are failures, told like failed copies. */
  #tellMissing(planner: StagePlanner, works: readonly RepositoryWork[]): number {
    const { emit, now } = this.#options;
    for (const { plan, missing } of works) {
      for (const tag of missing) {
        const source = `${plan.source.location}:${tag}`;
        const destination = plan.destination.location;
        const copy = `${source} → ${destination}`;
        const error = new TranshipError('E_MANIFEST_UNKNOWN', 'failed', 'The source has no such tag.', {
          side: 'source',
          subject: source,
          hint: 'Correct the name under `tags`, or take it out.',
        });
        emit({ type: 'copy-started', at: now(), copy, stage: planner.stage.id, source, destination });
        emit({ type: 'copy-failed', at: now(), copy, error: failureOf(error) });
      }
    }
    return works.reduce((sum, { missing }) => sum + missing.length, 0);
  }

  async #nextPass(): Promise<void> {
    const retries = this.#retries;
    this.#retries = [];
    this.#pass += 1;
    const { emit, now } = this.#options;
    emit({
      type: 'pass-started',
      at: now(),
      pass: this.#pass,
      items: retries.reduce((sum, { size }) => sum + size, 0),
    });
    await Promise.all(retries.map(({ again }) => again()));
  }

  get #passes(): number {
    return this.#options.passes ?? usualPasses;
  }

  #retryLater(failure: TranshipError, retry: Retry): boolean {
    if (!mayPass(failure) || this.#pass >= this.#passes) return false;
    this.#retries.push(retry);
    return true;
  }

  #planned(plan: RepositoryPlan): void {
    this.#plans.push(plan);
    this.#blocked += plan.items.filter(({ action }) => action === 'blocked').length;
    this.#options.emit({ type: 'repository-planned', at: this.#options.now(), plan });
  }

  /** Final failures. Returns them, so that a stage can count its own. */
  #count(failures: number): number {
    this.#failed += failures;
    return failures;
  }

  #isOver(): boolean {
    this.#options.signal?.throwIfAborted();
    return this.#options.failFast === true && this.#failed > 0;
  }

  async #bounded<T>(work: () => Promise<T>): Promise<T> {
    const release = await this.#repositories.acquire({ signal: this.#options.signal });
    try {
      return await work();
    } finally {
      release();
    }
  }

  #warn(code: string, message: string, subject: string): void {
    this.#options.emit({ type: 'warning', at: this.#options.now(), code, message, subject });
  }
}
