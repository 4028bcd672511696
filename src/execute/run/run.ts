/**
 * A whole synchronisation: stages in the order of their dependencies, repositories planned when their stage starts and
 * carried out as soon as each is planned, what failed for a passing reason tried again at the end.
 */
import type { Config, StageConfig } from '../../config/types.ts';
import { AdaptiveLimiter } from '../../kit/limiter.ts';
import type { FailureClass } from '../../oci/errors.ts';
import type { RepositoryName } from '../../oci/names.ts';
import type { RepositoryPlan } from '../../plan/types.ts';
import { failureOf, sideOf } from '../failure.ts';
import { awaitedWarning, isAwaited } from './awaited.ts';
import { RepositoryRun } from './repository-run.ts';
import { type RunOptions, usualPasses } from './run-options.ts';
import { runStages, type StageEnd } from './stage-graph.ts';
import { hostOf, RunClaims, repositoriesOf, type StagePlanner, stagePlanner } from './stage-plan.ts';
import { Tally } from './tally.ts';
import type { SyncWorld } from './world.ts';

export type { RunOptions } from './run-options.ts';

/** Repositories planned and carried out at the same time. */
const repositoriesInFlight = 16;

export interface RunResult {
  /** Stages as configured, repositories as their source lists them, destinations as configured. */
  readonly plans: readonly RepositoryPlan[];
  /** The class of every final failure. */
  readonly failures: readonly FailureClass[];
  readonly failed: number;
  /** Items that are as they should be: done, or the same from the beginning. */
  readonly done: number;
  readonly blocked: number;
}

/** Rejects only when it was stopped, or for a configuration that no run can carry out. Everything else is in the events. */
export async function runSync(config: Config, world: SyncWorld, options: RunOptions): Promise<RunResult> {
  return new SyncRun(config, world, options).run();
}

class SyncRun {
  readonly #config: Config;
  readonly #world: SyncWorld;
  readonly #options: RunOptions;
  readonly #tally: Tally;
  readonly #repository: RepositoryRun;
  readonly #repositories = new AdaptiveLimiter(repositoriesInFlight);
  readonly #claims = new RunClaims();
  /** Where a repository stands among those of its stage. */
  readonly #places = new Map<string, number>();

  constructor(config: Config, world: SyncWorld, options: RunOptions) {
    this.#config = config;
    this.#world = world;
    this.#options = options;
    this.#tally = new Tally({ passes: options.passes ?? usualPasses, emit: options.emit, now: options.now });
    const inTurn = <T>(work: () => Promise<T>) => this.#bounded(work);
    this.#repository = new RepositoryRun({ config, world, options, tally: this.#tally, inTurn });
  }

  async run(): Promise<RunResult> {
    const { only } = this.#options;
    const stages = this.#config.stages.filter(({ id }) => only?.stage?.(id) ?? true);
    await runStages(dependingOnThemselves(stages), (stage, after) => this.#runStage(stage, after));
    await this.#tally.runRetries();
    const { failures, done, blocked } = this.#tally;
    return { plans: this.#inOrder(), failures, failed: failures.length, done, blocked };
  }

  async #runStage(stage: StageConfig, afterFailuresOf: readonly string[]): Promise<StageEnd> {
    const { emit, now, signal } = this.#options;
    signal?.throwIfAborted();
    emit({ type: 'stage-started', at: now(), stage: stage.id, afterFailuresOf, referrers: stage.referrers });
    const failed = await this.#runRepositories(stagePlanner(stage));
    emit({ type: 'stage-finished', at: now(), stage: stage.id, failed });
    return { stage: stage.id, failed };
  }

  async #runRepositories(planner: StagePlanner): Promise<number> {
    let repositories: readonly RepositoryName[];
    try {
      repositories = await this.#find(planner);
    } catch (error) {
      return this.#stageFailed(planner, error);
    }
    const counts = await Promise.all(repositories.map((repository) => this.#repository.run(planner, repository)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** The stage's repositories, claimed for it before anything is written. */
  async #find(planner: StagePlanner): Promise<readonly RepositoryName[]> {
    const { stage } = planner;
    const { only, works } = this.#options;
    const host = hostOf(this.#config, stage.from.registry);
    const found = works?.repositories(stage) ?? (await repositoriesOf(stage, this.#world, this.#options));
    for (const message of found.warnings) this.#tally.warn('W_SELECTION', message, stage.id);
    const repositories = found.repositories.filter(
      (name) => only?.repository?.(stage, name, `${host}/${name}`) ?? true,
    );
    this.#claims.claimRepositories(this.#config, planner, repositories);
    for (const name of repositories) this.#places.set(placeKey(stage.id, name), this.#places.size);
    return repositories;
  }

  /** The stage's repositories could not be found out. It may be tried again like anything else. */
  async #stageFailed(planner: StagePlanner, error: unknown): Promise<number> {
    this.#options.signal?.throwIfAborted();
    const { from, id, to } = planner.stage;
    const failure = sideOf(error, 'source', from.registry);
    if (failure.failure === 'usage') throw failure;
    const awaiting = { stage: planner.stage, stages: this.#config.stages, plans: this.#tally.plans };
    if (this.#options.dryRun === true && isAwaited(failure, awaiting)) {
      this.#tally.warn('W_SELECTION', awaitedWarning(planner.stage), id);
      return 0;
    }
    if (this.#tally.retryLater(failure, { size: 1, again: () => this.#runRepositories(planner) })) return 1;
    this.#tally.planned({
      stage: id,
      source: { registry: from.registry, location: from.registry, repository: '' },
      destination: { registry: to[0]?.registry ?? '', location: to[0]?.registry ?? '', repository: '' },
      items: [],
      same: 0,
      trusted: 0,
      warnings: [],
      failure: failureOf(failure),
    });
    return this.#tally.failed(failure.failure);
  }

  async #bounded<T>(work: () => Promise<T>): Promise<T> {
    const release = await this.#repositories.acquire({ signal: this.#options.signal });
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** Where a registry stands among the destinations of a stage. */
  #placeOf(stage: string, registry: string): number {
    const to = this.#config.stages.find(({ id }) => id === stage)?.to ?? [];
    return to.findIndex((destination) => destination.registry === registry);
  }

  #inOrder(): readonly RepositoryPlan[] {
    const stages = new Map(this.#config.stages.map(({ id }, at) => [id, at]));
    const rank = ({ stage, source, destination }: RepositoryPlan) => [
      stages.get(stage) ?? 0,
      this.#places.get(placeKey(stage, source.repository)) ?? 0,
      this.#placeOf(stage, destination.registry),
    ];
    return this.#tally.plans
      .map((plan) => ({ plan, rank: rank(plan) }))
      .sort((a, b) => compareRanks(a.rank, b.rank))
      .map(({ plan }) => plan);
  }
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  return a.map((rank, at) => rank - (b[at] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

function placeKey(stage: string, repository: string): string {
  return `${stage} ${repository}`;
}

/** What is left out of a run is not waited for either. */
function dependingOnThemselves(stages: readonly StageConfig[]): readonly StageConfig[] {
  const ids = new Set(stages.map(({ id }) => id));
  return stages.map((stage) => ({ ...stage, dependsOn: stage.dependsOn.filter((id) => ids.has(id)) }));
}
