/** What is to be done for one repository at one destination: a plan, and beside it what only the run that made it needs. */
import type { Config } from '../../config/types.ts';
import type { Digest } from '../../oci/digest.ts';
import type { TranshipError } from '../../oci/errors.ts';
import type { RepositoryName, TagName } from '../../oci/names.ts';
import type { Wanted } from '../../plan/compare.ts';
import type { PlannedPlace, PruneItem, RepositoryPlan } from '../../plan/types.ts';
import { type DestinationRules, hostOf, type StagePlanner } from './stage-plan.ts';

export interface RepositoryWork {
  readonly plan: RepositoryPlan;
  readonly repository: RepositoryName;
  readonly target: RepositoryName;
  readonly destination: DestinationRules;
  /** The source, where it was listed. */
  readonly source?: SourceListing;
  readonly same: readonly Wanted[];
  /** What cannot be done and is known before anything is tried. */
  readonly broken: readonly BrokenItem[];
  /** What a saved plan says is to be removed; absent where the journal decides. */
  readonly prunes?: readonly PruneItem[];
  /** Tags whose former content is kept under another name first. */
  readonly keepBoth: ReadonlyMap<TagName, TagName>;
  /** All tags of the destination, when its listing was complete; for pruning. */
  readonly destinationTags?: ReadonlyMap<TagName, Digest | undefined>;
  /** All tags that the rules take at the source now, and their names at the destination. */
  readonly targets: ReadonlyMap<TagName, TagName>;
}

export interface SourceListing {
  readonly tags: ReadonlySet<TagName>;
  /** Which of these tags, which the source does not have, the rules would take if it had them all. Where the stage prunes. */
  take?(tags: readonly TagName[]): ReadonlySet<TagName>;
}

export interface BrokenItem {
  readonly tag: TagName;
  readonly target: TagName;
  readonly error: TranshipError;
}

/** Where a work stands: its two repositories. */
export interface WorkPlace {
  readonly repository: RepositoryName;
  readonly target: RepositoryName;
  readonly destination: DestinationRules;
}

/** A work of which nothing is known but its plan. */
export function emptyWork(plan: RepositoryPlan, { repository, target, destination }: WorkPlace): RepositoryWork {
  return { plan, repository, target, destination, same: [], broken: [], keepBoth: new Map(), targets: new Map() };
}

export function placesOf(
  { stage }: StagePlanner,
  { repository, target, destination }: WorkPlace,
  config: Config,
): Pick<RepositoryPlan, 'stage' | 'source' | 'destination'> {
  return {
    stage: stage.id,
    source: plannedPlace(config, stage.from.registry, repository),
    destination: plannedPlace(config, destination.config.registry, target),
  };
}

function plannedPlace(config: Config, registry: string, repository: RepositoryName): PlannedPlace {
  return { registry, repository, location: `${hostOf(config, registry)}/${repository}` };
}
