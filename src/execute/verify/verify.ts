/** Compares the tags of a configuration, then walks every image at its destination, and mends what it is asked to. */
import type { Config } from '../../config/types.ts';
import { eachBounded } from '../../kit/bounded.ts';
import { AdaptiveLimiter } from '../../kit/limiter.ts';
import type { RepositoryName } from '../../oci/names.ts';
import { type Verification, type VerifiedTag, verificationOf } from '../../report/verification.ts';
import { sideOf } from '../failure.ts';
import { planRepository } from '../run/plan-repository.ts';
import type { RunOptions } from '../run/run-options.ts';
import { hostOf, repositoriesOf, type StagePlanner, stagePlanner } from '../run/stage-plan.ts';
import type { SyncWorld } from '../run/world.ts';
import { differencesOf, unknownStage } from './differences.ts';
import { verifyWork } from './verify-work.ts';

export interface VerifyOptions extends Pick<RunOptions, 'emit' | 'now' | 'only' | 'signal' | 'jobs'> {
  readonly intent: string;
  /** Read every blob and check its digest. */
  readonly full?: boolean;
  /** Bring again what is missing or wrong. Tags that differ are for a run before. */
  readonly repair?: boolean;
}

/** Images walked at the same time. */
const usualJobs = 16;

/** Repositories looked at at the same time. */
const repositoriesInFlight = 8;

/**
 * What cannot be found out is an item like what is wrong, and the rest is looked at all the same. Rejects only when it was
 * stopped, or for a configuration that no run can carry out.
 */
export async function verifySync(config: Config, world: SyncWorld, options: VerifyOptions): Promise<Verification> {
  const context = { config, world, options, images: new AdaptiveLimiter(options.jobs ?? usualJobs) };
  const stages = config.stages.filter(({ id }) => options.only?.stage?.(id) ?? true);
  const parts = (
    await eachBounded(stages, repositoriesInFlight, (stage) => partsOf(stagePlanner(stage), context))
  ).flat();
  const found = await eachBounded(parts, repositoriesInFlight, (part) =>
    'items' in part ? Promise.resolve(part) : verifyRepository(part, context),
  );
  const whole = found.reduce((sum, part) => sum + part.whole, 0);
  return verificationOf(
    options.intent,
    whole,
    found.flatMap(({ items }) => items),
  );
}

interface VerifyContext {
  readonly config: Config;
  readonly world: SyncWorld;
  readonly options: VerifyOptions;
  readonly images: AdaptiveLimiter;
}

interface Part {
  readonly planner: StagePlanner;
  readonly repository: RepositoryName;
}

interface Found {
  readonly whole: number;
  readonly items: readonly VerifiedTag[];
}

/** The repositories of a stage, or that they could not be found out. */
async function partsOf(given: StagePlanner, context: VerifyContext): Promise<readonly (Part | Found)[]> {
  const { config, world, options } = context;
  // An immutable pattern saves requests in a run; here every tag is looked at.
  const planner: StagePlanner = { ...given, isImmutable: () => false };
  const { stage } = planner;
  const host = hostOf(config, stage.from.registry);
  try {
    const { repositories } = await repositoriesOf(stage, world, options);
    return repositories
      .filter((name) => options.only?.repository?.(stage, name, `${host}/${name}`) ?? true)
      .map((repository) => ({ planner, repository }));
  } catch (error) {
    options.signal?.throwIfAborted();
    const failure = sideOf(error, 'source', host);
    if (failure.failure === 'usage') throw failure;
    return [{ whole: 0, items: unknownStage(stage, config, failure) }];
  }
}

async function verifyRepository({ planner, repository }: Part, context: VerifyContext): Promise<Found> {
  const { config, world, options, images } = context;
  const works = await planRepository(planner, repository, { ...options, config, world });
  const looks = await eachBounded(works, works.length, async (work) => {
    const damaged = await verifyWork(planner, work, { world, options, images });
    return { whole: work.same.length - damaged.length, items: [...damaged, ...differencesOf(planner.stage, work)] };
  });
  return {
    whole: looks.reduce((sum, look) => sum + look.whole, 0),
    items: looks.flatMap(({ items }) => items),
  };
}
