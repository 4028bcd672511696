/** Compares the tags of a configuration, then walks every image at its destination, and mends what it is asked to. */
import type { Config } from '../../config/types.ts';
import { eachBounded } from '../../kit/bounded.ts';
import type { TagName } from '../../oci/names.ts';
import { parsePlatform } from '../../oci/platform.ts';
import { supports } from '../../oci/ports.ts';
import { failureOf, sideOf } from '../failure.ts';
import { planRepository } from '../run/plan-repository.ts';
import type { RepositoryWork } from '../run/repository-work.ts';
import type { RunOptions } from '../run/run-options.ts';
import { hostOf, repositoriesOf, type StagePlanner, stagePlanner } from '../run/stage-plan.ts';
import type { SyncWorld } from '../run/world.ts';
import { type MendContext, mend } from './mend.ts';
import { type Verification, type VerifiedTag, verificationOf } from './verification.ts';
import { type Damage, Walker } from './walk.ts';

export interface VerifyOptions extends Pick<RunOptions, 'emit' | 'now' | 'only' | 'signal' | 'jobs'> {
  readonly intent: string;
  /** Read every blob and check its digest. */
  readonly full?: boolean;
  /** Bring again what is missing or wrong. Tags that differ are for a run before. */
  readonly repair?: boolean;
}

/** Images walked at the same time. */
const usualJobs = 16;

export async function verifySync(config: Config, world: SyncWorld, options: VerifyOptions): Promise<Verification> {
  const items: VerifiedTag[] = [];
  let whole = 0;
  for (const stage of config.stages) {
    if (options.only?.stage?.(stage.id) === false) continue;
    // An immutable pattern saves requests in a run; here every tag is looked at.
    const planner: StagePlanner = { ...stagePlanner(stage), isImmutable: () => false };
    const { repositories } = await repositoriesOf(stage, world, options);
    const host = hostOf(config, stage.from.registry);
    for (const repository of repositories) {
      if (options.only?.repository?.(stage, repository, `${host}/${repository}`) === false) continue;
      for (const work of await planRepository(planner, repository, { ...options, config, world })) {
        const found = await verifyWork(planner, work, world, options);
        whole += work.same.length - found.filter(({ digest }) => digest !== undefined).length;
        items.push(...found, ...differencesOf(planner, work));
      }
    }
  }
  return verificationOf(options.intent, whole, items);
}

function differencesOf({ stage }: StagePlanner, { plan, broken }: RepositoryWork): readonly VerifiedTag[] {
  const of = (tag: TagName, target: TagName) => ({
    stage: stage.id,
    source: `${plan.source.location}:${tag}`,
    destination: `${plan.destination.location}:${target}`,
  });
  const differing = plan.items.flatMap((item): VerifiedTag[] => {
    if (item.action === 'prune') return [];
    const reason = item.action === 'copy' ? 'missing at the destination' : 'names something else than at the source';
    return [{ ...of(item.tag, item.target), state: 'differs', reason }];
  });
  const lost = broken.map(
    ({ tag, target, error }): VerifiedTag => ({ ...of(tag, target), state: 'unknown', error: failureOf(error) }),
  );
  if (plan.failure === undefined) return [...differing, ...lost];
  const { source, destination, failure } = plan;
  return [
    { stage: stage.id, source: source.location, destination: destination.location, state: 'unknown', error: failure },
  ];
}

/** Tags that are the same, and are not what they should be below. */
async function verifyWork(
  { stage }: StagePlanner,
  work: RepositoryWork,
  world: SyncWorld,
  options: VerifyOptions,
): Promise<readonly VerifiedTag[]> {
  const { place } = world.destination(work.destination.config.registry, work.target);
  const source = world.source(stage.from.registry, work.repository).place;
  const platforms = stage.platforms === 'all' ? undefined : stage.platforms.map(parsePlatform);
  const walker = new Walker(place, { ...options, platforms });
  const context: MendContext = { ...options, stage, source, place };
  const found = await eachBounded(work.same, options.jobs ?? usualJobs, async ({ tag, target, digest }) => {
    const subject = {
      stage: stage.id,
      source: `${work.plan.source.location}:${tag}`,
      destination: `${work.plan.destination.location}:${target}`,
      digest,
    };
    try {
      const below = await walker.image(digest);
      const damages = [...below, ...(stage.referrers === 'never' ? [] : await missingReferrers(context, digest))];
      if (damages.length === 0) return undefined;
      const told = damages.map(({ what, digest: of, problem }) => ({ what, digest: of, problem }));
      if (!options.repair) return { ...subject, state: 'damaged' as const, damages: told };
      await mend(digest, target, damages, context);
      return { ...subject, state: 'repaired' as const, damages: told };
    } catch (error) {
      options.signal?.throwIfAborted();
      const failure = failureOf(sideOf(error, 'destination', subject.destination));
      return { ...subject, state: 'unknown' as const, error: failure };
    }
  });
  return found.filter((item) => item !== undefined);
}

async function missingReferrers(
  { source, place, signal }: MendContext,
  digest: Damage['digest'],
): Promise<readonly Damage[]> {
  if (!supports(source, 'referrers') || !supports(place, 'referrers')) return [];
  const [theirs, ours] = await Promise.all([
    source.listReferrers(digest, { signal }),
    place.listReferrers(digest, { signal }),
  ]);
  const there = new Set(ours.map((referrer) => referrer.digest));
  return theirs
    .filter((referrer) => !there.has(referrer.digest))
    .map((descriptor) => ({ what: 'referrer', digest: descriptor.digest, problem: 'missing', descriptor }));
}
