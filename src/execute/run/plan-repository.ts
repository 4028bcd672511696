/**
 * Plans one source repository for all the destinations of a stage: the source is listed once, each destination once, and
 * only tags that may differ are asked for.
 */
import type { Config, StageConfig } from '../../config/types.ts';
import { isTranshipError } from '../../oci/errors.ts';
import type { RepositoryName } from '../../oci/names.ts';
import type { TagClaims } from '../../select/tag-claims.ts';
import { failureOf, sideOf } from '../failure.ts';
import type { FilteredIndexes } from './filtered.ts';
import { listEarly, planDestination } from './plan-destination.ts';
import { emptyWork, placesOf, type RepositoryWork, type WorkPlace } from './repository-work.ts';
import { SourceDigests } from './source-digests.ts';
import { type SelectedTags, selectAtSource } from './source-tags.ts';
import type { DestinationRules, StagePlanner } from './stage-plan.ts';
import type { Judge, SyncWorld } from './world.ts';

export type { RepositoryWork } from './repository-work.ts';

export interface PlanContext {
  readonly config: Config;
  readonly world: SyncWorld;
  /** Who writes which tag, over all stages of the run. */
  readonly claims?: TagClaims | undefined;
  readonly judge?: Judge | undefined;
  /** What is known of indexes that were written with fewer platforms. */
  readonly filtered?: FilteredIndexes | undefined;
  /** Whether a manifest may be read to find something out. Default: yes. */
  readonly looksInto?: ((stage: StageConfig) => boolean) | undefined;
  /** Whether single tags that cannot be looked at become failures of their own. Default: they are their repository's. */
  readonly goesOnWithout?: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

/** One work for each destination of the stage. What fails is in its plan; only a stop is thrown. */
export function planRepository(
  planner: StagePlanner,
  repository: RepositoryName,
  context: PlanContext,
): Promise<readonly RepositoryWork[]> {
  return Promise.all(planEach(planner, repository, context));
}

/** The same, each as soon as it is there. */
export function planEach(
  planner: StagePlanner,
  repository: RepositoryName,
  context: PlanContext,
): readonly Promise<RepositoryWork>[] {
  const source = chooseAtSource(planner, repository, context);
  // Each destination hears of its failure.
  source.catch(() => {});
  return planner.destinations.map(async (destination) => {
    const failed = (side: 'source' | 'destination', error: unknown) =>
      failedWork(planner, placeOf(planner, repository, destination), context, sideOf(error, side));
    const listed = listEarly(planner, repository, destination, context);
    let chosen: ChosenAtSource;
    try {
      chosen = await source;
    } catch (error) {
      await Promise.allSettled([listed]);
      return failed('source', error);
    }
    try {
      return await planDestination({ planner, repository, destination, listed, ...chosen, context });
    } catch (error) {
      return failed('destination', error);
    }
  });
}

interface ChosenAtSource {
  readonly selected: SelectedTags;
  readonly sources: SourceDigests;
}

async function chooseAtSource(
  planner: StagePlanner,
  repository: RepositoryName,
  context: PlanContext,
): Promise<ChosenAtSource> {
  const selected = await selectAtSource(planner, repository, context);
  return { selected, sources: new SourceDigests(planner, repository, selected.tags, context) };
}

function failedWork(
  planner: StagePlanner,
  place: WorkPlace,
  { config, signal }: PlanContext,
  error: unknown,
): RepositoryWork {
  signal?.throwIfAborted();
  if (!isTranshipError(error)) throw error;
  const counts = { items: [], same: 0, trusted: 0, warnings: [] };
  return emptyWork({ ...placesOf(planner, place, config), ...counts, failure: failureOf(error) }, place);
}

function placeOf({ stage }: StagePlanner, repository: RepositoryName, destination: DestinationRules): WorkPlace {
  try {
    const target = destination.repositoryFor({ registry: stage.from.registry, repository });
    return { repository, target, destination };
  } catch {
    // The mapping is what failed; the plan then shows the source's name.
    return { repository, target: repository, destination };
  }
}
