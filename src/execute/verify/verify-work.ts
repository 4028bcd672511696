/** Walks the images of one repository at one destination whose tags are the same, and mends what it is asked to. */
import { eachBounded } from '../../kit/bounded.ts';
import type { AdaptiveLimiter } from '../../kit/limiter.ts';
import type { Wanted } from '../../plan/compare.ts';
import type { VerifiedTag } from '../../report/verification.ts';
import { failureOf, sideOf } from '../failure.ts';
import type { RepositoryWork } from '../run/repository-work.ts';
import type { StagePlanner } from '../run/stage-plan.ts';
import type { SyncWorld } from '../run/world.ts';
import { Examiner } from './examine.ts';
import { type MendContext, mend } from './mend.ts';
import type { VerifyOptions } from './verify.ts';
import type { Damage } from './walk.ts';

export interface WalkContext {
  readonly world: SyncWorld;
  readonly options: VerifyOptions;
  /** Bounds the images walked at the same time, those of all repositories together. */
  readonly images: AdaptiveLimiter;
}

/** Tags of one repository that stand in line for their turn. */
const tagsWaiting = 64;

/** The tags that are not what they should be below, in the order of their listing. */
export async function verifyWork(
  { stage }: StagePlanner,
  work: RepositoryWork,
  { world, options, images }: WalkContext,
): Promise<readonly VerifiedTag[]> {
  const { place } = world.destination(work.destination.config.registry, work.target);
  const source = world.source(stage.from.registry, work.repository).place;
  const context: MendContext = { ...options, stage, source, place };
  const examiner = new Examiner(context);
  const tagged = work.same.filter(({ untagged }) => !untagged);
  const found = await eachBounded(tagged, tagsWaiting, async (same) => {
    const release = await images.acquire({ signal: options.signal });
    try {
      return await look(same, work, { examiner, context, repair: options.repair === true });
    } finally {
      release();
    }
  });
  return found.filter((item) => item !== undefined);
}

interface Look {
  readonly examiner: Examiner;
  readonly context: MendContext;
  readonly repair: boolean;
}

/** `undefined` for a tag that is whole. */
async function look(
  { tag, target, digest, there }: Wanted,
  { plan }: RepositoryWork,
  { examiner, context, repair }: Look,
): Promise<VerifiedTag | undefined> {
  const subject = {
    stage: plan.stage,
    source: `${plan.source.location}:${tag}`,
    destination: `${plan.destination.location}:${target}`,
    digest,
  };
  let damages: readonly Damage[] = [];
  const told = () => damages.map(({ what, digest: of, problem }) => ({ what, digest: of, problem }));
  try {
    const root = there ?? digest;
    damages = await examiner.image(root);
    if (damages.length === 0) return undefined;
    if (!repair) return { ...subject, state: 'damaged', damages: told() };
    await mend({ digest, root, target, damages }, context);
    return { ...subject, state: 'repaired', damages: told() };
  } catch (error) {
    context.signal?.throwIfAborted();
    const failure = failureOf(sideOf(error, 'destination', subject.destination));
    // What could not be mended is known to be damaged all the same.
    if (damages.length > 0) return { ...subject, state: 'damaged', damages: told(), error: failure };
    return { ...subject, state: 'unknown', error: failure };
  }
}
