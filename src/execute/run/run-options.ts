import type { StageConfig } from '../../config/types.ts';
import type { RepositoryName } from '../../oci/names.ts';
import type { PlanItem, RepositoryPlan, TransferBytes } from '../../plan/types.ts';
import type { EventListener } from '../../report/events.ts';
import type { Ledger } from '../ledger.ts';
import type { FilteredIndexes } from './filtered.ts';
import type { PlanContext } from './plan-repository.ts';
import type { PruneJournals } from './prune.ts';
import type { RepositoryWork } from './repository-work.ts';
import type { StagePlanner, StageRepositories } from './stage-plan.ts';
import type { Judge } from './world.ts';

/** Images in flight. Each waits mostly for small answers; blobs are bounded by the ledger, requests by the transport. */
export const usualJobs = 32;

export const usualPasses = 3;

export interface RunOptions {
  /** Look at everything and write nothing. */
  readonly dryRun?: boolean;
  /**
   * Whether manifests are read for the plan's sake: in a dry run those of what a stage would copy, to tell bytes; in any run
   * those of indexes whose platforms are chosen, to compare them. Default: yes.
   */
  readonly looksInto?: (stage: StageConfig) => boolean;
  /** Told by a dry run what carrying out an item of the plan would move. */
  readonly foresaw?: ((item: PlanItem, bytes: TransferBytes) => void) | undefined;
  /** Copy nothing: for a run that only removes. */
  readonly copies?: boolean;
  /** Begin nothing more once something failed. */
  readonly failFast?: boolean;
  /** Images copied at the same time. */
  readonly jobs?: number;
  /** Times that an item is tried at most (decision "passes"). */
  readonly passes?: number;
  /** How long destinations of which it is known what they have wait for the others, in milliseconds. */
  readonly stragglerMs?: number;
  readonly judge?: Judge | undefined;
  /** What to leave of the configuration; all of it where this is absent. */
  readonly only?: RunPart | undefined;
  /** What earlier runs saw, for stages that prune. Without it nothing is pruned. */
  readonly journals?: PruneJournals | undefined;
  /** What earlier runs made of indexes whose platforms are chosen. Without it they are read to compare them. */
  readonly filtered?: FilteredIndexes | undefined;
  /** Where the works come from instead of looking at the registries: a plan that was saved. */
  readonly works?: WorkSource | undefined;
  readonly ledger?: Ledger;
  readonly emit: EventListener;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

/** A part of what the configuration says: one shard, or what failed the last time. */
export interface RunPart {
  stage?(id: string): boolean;
  /** Of a source repository; `location` is how people see it. */
  repository?(stage: StageConfig, repository: RepositoryName, location: string): boolean;
  /** Of a planned item, by its target: `standby.example.com/apps/api:v1`. */
  item?(plan: RepositoryPlan, target: string): boolean;
}

/** Gives a run its works. */
export interface WorkSource {
  repositories(stage: StageConfig): StageRepositories;
  plan(planner: StagePlanner, repository: RepositoryName, context: PlanContext): Promise<readonly RepositoryWork[]>;
}
