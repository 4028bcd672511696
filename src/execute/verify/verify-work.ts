/** Walks the images of one repository at one destination whose tags are the same, and mends what it is asked to. */
import { eachBounded } from '../../kit/bounded.ts';
import type { AdaptiveLimiter } from '../../kit/limiter.ts';
import type { Digest } from '../../oci/digest.ts';
import { parsePlatform } from '../../oci/platform.ts';
import { supports } from '../../oci/ports.ts';
import type { Wanted } from '../../plan/compare.ts';
import type { VerifiedTag } from '../../report/verification.ts';
import { failureOf, sideOf } from '../failure.ts';
import type { RepositoryWork } from '../run/repository-work.ts';
import type { StagePlanner } from '../run/stage-plan.ts';
import type { SyncWorld } from '../run/world.ts';
import { type MendContext, mend } from './mend.ts';
import type { VerifyOptions } from './verify.ts';
import { type Damage, Walker } from './walk.ts';

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
  const platforms = stage.platforms === 'all' ? undefined : stage.platforms.map(parsePlatform);
  const walker = new Walker(place, { ...options, platforms });
  const context: MendContext = { ...options, stage, source, place };
  const tagged = work.same.filter(({ untagged }) => !untagged);
  const found = await eachBounded(tagged, tagsWaiting, async (same) => {
    const release = await images.acquire({ signal: options.signal });
    try {
      return await look(same, work, { walker, context, repair: options.repair === true });
    } finally {
      release();
    }
  });
  return found.filter((item) => item !== undefined);
}

interface Look {
  readonly walker: Walker;
  readonly context: MendContext;
  readonly repair: boolean;
}

/** `undefined` for a tag that is whole. */
async function look(
  { tag, target, digest, there }: Wanted,
  { plan }: RepositoryWork,
  { walker, context, repair }: Look,
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
    // Signatures of the source's index do not cover one that was made for chosen platforms, and stay behind.
    const referrers = there === undefined ? await missingReferrers(context, digest) : [];
    damages = [...(await walker.image(root)), ...referrers];
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

async function missingReferrers(
  { stage, source, place, signal }: MendContext,
  digest: Digest,
): Promise<readonly Damage[]> {
  if (stage.referrers === 'never' || !supports(source, 'referrers') || !supports(place, 'referrers')) return [];
  const [theirs, ours] = await Promise.all([
    source.listReferrers(digest, { signal }).catch((error: unknown) => Promise.reject(sideOf(error, 'source'))),
    place.listReferrers(digest, { signal }),
  ]);
  const there = new Set(ours.map((referrer) => referrer.digest));
  return theirs
    .filter((referrer) => !there.has(referrer.digest))
    .map((descriptor) => ({ what: 'referrer', digest: descriptor.digest, problem: 'missing', descriptor }));
}
