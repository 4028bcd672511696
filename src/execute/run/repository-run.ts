/** One source repository of one stage: planned for all destinations, copied, then pruned. */
import type { Config, StageConfig } from '../../config/types.ts';
import { forEachBounded } from '../../kit/bounded.ts';
import type { TranshipError } from '../../oci/errors.ts';
import type { RepositoryName } from '../../oci/names.ts';
import type { PruneItem } from '../../plan/types.ts';
import { TagClaims } from '../../select/tag-claims.ts';
import { failureOf } from '../failure.ts';
import { inTime } from '../in-time.ts';
import { withoutAwaited } from './awaited.ts';
import { GroupRun } from './group-run.ts';
import { type CopyGroup, groupsOf } from './groups.ts';
import { planEach } from './plan-repository.ts';
import { keepJournal, type Pruning, planPruning, pruneTag } from './prune.ts';
import type { RepositoryWork } from './repository-work.ts';
import type { RunOptions } from './run-options.ts';
import type { StagePlanner } from './stage-plan.ts';
import { mayPass, type Tally } from './tally.ts';
import type { SyncWorld } from './world.ts';

/** Groups of one repository that stand in line for their turn. */
const groupsWaiting = 1000;

export interface RunParts {
  readonly config: Config;
  readonly world: SyncWorld;
  readonly options: RunOptions;
  readonly tally: Tally;
  /** Does some work when it is its turn among the repositories of the run. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
}

export class RepositoryRun {
  readonly #parts: RunParts;
  readonly #groups: GroupRun;
  readonly #claims = new TagClaims();

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#groups = new GroupRun(parts);
  }

  /** Returns how much of it failed, or waits for another pass. */
  async run(planner: StagePlanner, repository: RepositoryName): Promise<number> {
    const { inTurn } = this.#parts;
    const { failed, late } = await inTurn(() => this.#runInTime(planner, repository));
    // A destination that stands still keeps no turn while it is waited for.
    const counts = await Promise.all(
      late.map(async (work) => {
        const works = await work;
        return inTurn(() => this.#runPlanned(planner, repository, works));
      }),
    );
    return counts.reduce((sum, count) => sum + count, failed);
  }

  /** Begins with the destinations of which it is known soon what they have. */
  async #runInTime(
    planner: StagePlanner,
    repository: RepositoryName,
  ): Promise<{ readonly failed: number; readonly late: readonly Promise<readonly RepositoryWork[]>[] }> {
    if (this.#groups.isOver()) return { failed: 0, late: [] };
    const { ready, late } = await inTime(this.#plan(planner, repository), this.#parts.options.stragglerMs);
    // Heard of below, once those that are ready are done.
    for (const work of late) work.catch(() => {});
    return { failed: await this.#runPlanned(planner, repository, ready.flat()), late };
  }

  async #runPlanned(
    planner: StagePlanner,
    repository: RepositoryName,
    planned: readonly RepositoryWork[],
  ): Promise<number> {
    const again = planned.filter((work) => this.#isTriedAgain(work));
    if (again.length > 0) this.#tryAgain(planner, repository, again);
    const works = planned
      .filter((work) => !again.includes(work))
      .map((work) => this.#only(this.#unlessAwaited(planner.stage, work)));
    const counts = await this.#carryOut(planner, works);
    return again.length + counts;
  }

  #plan(planner: StagePlanner, repository: RepositoryName): readonly Promise<readonly RepositoryWork[]>[] {
    const { config, world, options } = this.#parts;
    const { judge, filtered, looksInto, now, signal, works, dryRun } = options;
    const goesOnWithout = dryRun !== true;
    const context = { config, world, claims: this.#claims, goesOnWithout, judge, filtered, looksInto, now, signal };
    if (works) return [works.plan(planner, repository, context)];
    return planEach(planner, repository, context).map(async (work) => [await work]);
  }

  #isTriedAgain(work: RepositoryWork): boolean {
    return passingFailure(work) !== undefined && !this.#parts.tally.isLastPass;
  }

  #tryAgain(planner: StagePlanner, repository: RepositoryName, works: readonly RepositoryWork[]): void {
    const destinations = works.map(({ destination }) => destination);
    const again = () => this.run({ ...planner, destinations }, repository);
    const failure = works[0] && passingFailure(works[0]);
    if (failure) this.#parts.tally.retryLater(failure, { size: works.length, again });
  }

  #unlessAwaited(stage: StageConfig, work: RepositoryWork): RepositoryWork {
    const { config, tally, options } = this.#parts;
    if (options.dryRun !== true) return work;
    return withoutAwaited(work, { stage, stages: config.stages, plans: tally.plans });
  }

  /** Without the items that this run is not about. */
  #only(work: RepositoryWork): RepositoryWork {
    if (this.#parts.options.only?.item === undefined) return work;
    const items = work.plan.items.filter(({ target }) => this.#wants(work, target));
    const broken = work.broken.filter(({ target }) => this.#wants(work, target));
    return { ...work, broken, plan: { ...work.plan, items } };
  }

  #wants({ plan }: RepositoryWork, target: string): boolean {
    return this.#parts.options.only?.item?.(plan, `${plan.destination.location}:${target}`) ?? true;
  }

  async #carryOut(planner: StagePlanner, works: readonly RepositoryWork[]): Promise<number> {
    const { tally, options } = this.#parts;
    const prunings = await Promise.all(works.map((work) => this.#planPruning(planner, work)));
    const planned = works.map((work, index) => withPruning(work, prunings[index]));
    const broken = planned.map((work) => this.#tellPlan(planner.stage, work));
    const sound = planned.filter(({ plan }) => plan.failure === undefined);
    const copied = this.#isToCopy(planner.stage) ? await this.#copy(planner.stage, sound) : 0;
    const sum = broken.reduce((total, count) => total + count, 0) + copied;
    if (options.dryRun) return sum;
    let failed = 0;
    for (const pruning of prunings) {
      if (pruning === undefined) continue;
      await keepJournal(pruning, options);
      if (sum === 0) failed += await this.#prune(planner.stage, pruning);
      else if (pruning.items.length > 0) {
        const { location } = pruning.work.plan.destination;
        tally.warn('W_NOT_PRUNED', 'Nothing is removed where something could not be copied.', location);
      }
    }
    return sum + failed;
  }

  async #planPruning(planner: StagePlanner, work: RepositoryWork): Promise<Pruning | undefined> {
    const found = await planPruning(planner, work, this.#parts.options);
    const pruning = found && { ...found, items: found.items.filter(({ target }) => this.#wants(work, target)) };
    if (pruning !== undefined && pruning.overCap > 0) {
      const message = `${pruning.overCap} more tags are gone from the source; the limits under \`prune\` keep them for now.`;
      this.#parts.tally.warn('W_PRUNE_CAP', message, work.plan.destination.location);
    }
    return pruning;
  }

  /** Tells what was found out, and what of it has failed already. */
  #tellPlan({ id }: StageConfig, { plan, broken }: RepositoryWork): number {
    const { tally, options } = this.#parts;
    const failedTags = broken.map(({ tag, target, error }) => ({ tag, target, failure: failureOf(error) }));
    tally.planned({ ...plan, ...(failedTags.length > 0 && { failedTags }) });
    for (const { tag, target, failure } of failedTags) {
      const source = `${plan.source.location}:${tag}`;
      const destination = `${plan.destination.location}:${target}`;
      const copy = `${source} → ${destination}`;
      options.emit({ type: 'copy-started', at: options.now(), copy, stage: id, source, destination });
      options.emit({ type: 'copy-failed', at: options.now(), copy, error: failure });
    }
    const failures = [...broken.map(({ error }) => error.failure), ...(plan.failure ? [plan.failure.failure] : [])];
    return tally.failed(...failures);
  }

  #isToCopy(stage: StageConfig): boolean {
    const { copies = true, dryRun = false, looksInto } = this.#parts.options;
    return copies && (!dryRun || (looksInto?.(stage) ?? true));
  }

  /** What hangs on an image goes along with it; what is left of it comes when the images are there. */
  async #copy(stage: StageConfig, works: readonly RepositoryWork[]): Promise<number> {
    const { images, attached } = groupsOf(works, { same: stage.referrers === 'always' });
    const first = await this.#copyAll(stage, images);
    const second = await this.#copyAll(stage, attached);
    return first + second;
  }

  async #copyAll(stage: StageConfig, groups: CopyGroup[]): Promise<number> {
    let failed = 0;
    await forEachBounded(handedOut(groups), Math.min(groupsWaiting, groups.length), async (group) => {
      const count = await this.#groups.copy(stage, group);
      failed += count;
    });
    return failed;
  }

  async #prune(stage: StageConfig, pruning: Pruning): Promise<number> {
    const counts = await Promise.all(pruning.items.map((item) => this.#pruneOne(stage, pruning, item)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async #pruneOne(stage: StageConfig, pruning: Pruning, item: PruneItem): Promise<number> {
    const { tally, world, options } = this.#parts;
    const failure = await pruneTag(stage, pruning, item, { ...options, world });
    if (failure === undefined) {
      tally.succeeded(1);
      return 0;
    }
    const again = () => this.#pruneOne(stage, pruning, item);
    if (tally.retryLater(failure, { size: 1, again })) return 1;
    const destination = `${pruning.work.plan.destination.location}:${item.target}`;
    options.emit({ type: 'prune-failed', at: options.now(), stage: stage.id, destination, error: failureOf(failure) });
    return tally.failed(failure.failure);
  }
}

/** Why a repository, or one of its tags, could not be looked at for now. */
function passingFailure({ plan, broken }: RepositoryWork): Pick<TranshipError, 'failure'> | undefined {
  const failures = plan.failure === undefined ? broken.map(({ error }) => error) : [plan.failure];
  return failures.find(mayPass);
}

function withPruning(work: RepositoryWork, pruning: Pruning | undefined): RepositoryWork {
  if (pruning === undefined || pruning.items.length === 0) return work;
  return { ...work, plan: { ...work.plan, items: [...work.plan.items, ...pruning.items] } };
}

/** Each in turn, and no longer held once it is: of many thousands, what was done is not kept until the last one is. */
function* handedOut(groups: CopyGroup[]): Generator<CopyGroup> {
  groups.reverse();
  for (let group = groups.pop(); group !== undefined; group = groups.pop()) yield group;
}
