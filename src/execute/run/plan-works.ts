/** The works of a plan that was saved: exactly its items, each only while the world is as the plan found it. */
import type { Config } from '../../config/types.ts';
import { eachBounded } from '../../kit/bounded.ts';
import type { Digest } from '../../oci/digest.ts';
import { TranshipError } from '../../oci/errors.ts';
import type { RepositoryName, TagName } from '../../oci/names.ts';
import type { CopyItem, Plan, PruneItem, RepositoryPlan, UpdateItem } from '../../plan/types.ts';
import { errorOf, failureOf, sideOf } from '../failure.ts';
import type { PlanContext } from './plan-repository.ts';
import { type BrokenItem, emptyWork, type RepositoryWork } from './repository-work.ts';
import type { WorkSource } from './run-options.ts';
import type { StagePlanner } from './stage-plan.ts';

const looksInFlight = 64;

/**
 * Items whose tags moved since the plan was made are refused with `E_PLAN_MOVED`; those that are done already count as the same.
 * Throws `E_PLAN_MOVED` where the configuration does not have a stage of the plan, or none that leads to its registry: no
 * stage would carry it out, and the run would be silent about it.
 */
export function worksOfPlan({ repositories }: Plan, { stages }: Pick<Config, 'stages'>): WorkSource {
  const stray = repositories.find(({ stage, destination }) => {
    const found = stages.find(({ id }) => id === stage);
    return found === undefined || found.to.every(({ registry }) => registry !== destination.registry);
  });
  if (stray !== undefined) throw elsewhere(stray);
  return {
    repositories: (stage) => ({
      repositories: [
        ...new Set(repositories.filter((plan) => plan.stage === stage.id).map(({ source }) => nameOf(source))),
      ],
      warnings: [],
    }),
    plan: (planner, repository, context) => {
      const mine = ({ stage, source, destination }: RepositoryPlan) =>
        stage === planner.stage.id &&
        source.repository === repository &&
        planner.destinations.some(({ config }) => config.registry === destination.registry);
      return Promise.all(repositories.filter(mine).map((plan) => workOf(plan, planner, repository, context)));
    },
  };
}

async function workOf(
  plan: RepositoryPlan,
  planner: StagePlanner,
  repository: RepositoryName,
  context: PlanContext,
): Promise<RepositoryWork> {
  const mapped = { registry: planner.stage.from.registry, repository };
  const destination = planner.destinations.find(
    (rules) =>
      rules.config.registry === plan.destination.registry && rules.repositoryFor(mapped) === nameOf(plan.destination),
  );
  const anyDestination = planner.destinations[0];
  if (anyDestination === undefined) throw new Error('a stage without destinations');
  const place = { repository, target: nameOf(plan.destination), destination: destination ?? anyDestination };
  const base = emptyWork({ ...plan, items: [] }, place);
  if (destination === undefined) return { ...base, plan: { ...base.plan, failure: failureOf(elsewhere(plan)) } };
  if (plan.failure !== undefined) return base;
  try {
    return await lookAgain(base, plan, planner, context);
  } catch (error) {
    context.signal?.throwIfAborted();
    return { ...base, plan: { ...base.plan, failure: failureOf(sideOf(error, 'destination')) } };
  }
}

async function lookAgain(
  base: RepositoryWork,
  plan: RepositoryPlan,
  planner: StagePlanner,
  context: PlanContext,
): Promise<RepositoryWork> {
  const transfers = plan.items.filter((item) => item.action === 'copy' || item.action === 'update');
  const looks = await eachBounded(transfers, looksInFlight, (item) => lookAt(item, base, planner, context));
  const blocked = plan.items.filter(({ action }) => action === 'blocked');
  const done = looks.filter((look) => look === 'done').length;
  return {
    ...base,
    broken: [
      ...(plan.failedTags ?? []).map(({ failure, ...tags }) => ({ ...tags, error: errorOf(failure) })),
      ...looks.flatMap((look) => (typeof look === 'object' ? [look] : [])),
    ],
    prunes: await stillGone(plan, base, planner, context),
    plan: {
      ...plan,
      same: plan.same + done,
      items: [...transfers.filter((_, at) => looks[at] === 'as planned'), ...blocked],
    },
  };
}

async function lookAt(
  item: CopyItem | UpdateItem,
  { repository, target, destination, plan }: RepositoryWork,
  { stage, pins }: StagePlanner,
  context: PlanContext,
): Promise<'as planned' | 'done' | BrokenItem> {
  const { world, signal } = context;
  const source = world.source(stage.from.registry, repository).place;
  const place = world.destination(destination.config.registry, target).place;
  const [from, to] = await Promise.all([
    source
      .resolve(pins.get(item.tag) ?? item.tag, { signal })
      .catch((error: unknown) => Promise.reject(sideOf(error, 'source'))),
    place.resolve(item.target, { signal }),
  ]);
  const { tag } = item;
  const expected = item.action === 'update' ? item.previous : undefined;
  if (from?.digest !== item.digest) {
    return {
      tag,
      target: item.target,
      error: moved('source', `${plan.source.location}:${tag}`, item.digest, from?.digest),
    };
  }
  if (to?.digest === item.digest) return 'done';
  if (to?.digest === expected) return 'as planned';
  const subject = `${plan.destination.location}:${item.target}`;
  return { tag, target: item.target, error: moved('destination', subject, expected, to?.digest) };
}

/** The removals whose tag the source still does not have. Whether the destination's moved is asked right before each. */
async function stillGone(
  { items, destination: { location } }: RepositoryPlan,
  { repository, destination }: RepositoryWork,
  { stage }: StagePlanner,
  { world, signal }: PlanContext,
): Promise<readonly PruneItem[]> {
  const prunes = items.filter((item) => item.action === 'prune');
  if (prunes.length === 0) return [];
  const mapped = { registry: stage.from.registry, repository };
  const there = new Set<TagName>();
  for await (const tag of world.source(stage.from.registry, repository).place.listTags({ signal }))
    there.add(destination.tagFor(mapped, tag));
  if (there.size === 0) throw emptied(location);
  return prunes.filter(({ target }) => !there.has(target));
}

function nameOf({ repository }: { readonly repository: string }): RepositoryName {
  return repository as RepositoryName;
}

function moved(
  side: 'source' | 'destination',
  subject: string,
  expected: Digest | undefined,
  found: Digest | undefined,
): TranshipError {
  const message = `The tag names ${found ?? 'nothing'} by now, and named ${expected ?? 'nothing'} when the plan was made.`;
  return new TranshipError('E_PLAN_MOVED', 'refused', message, {
    side,
    subject,
    hint: 'Make a new plan; what this one said of other tags was done.',
  });
}

function elsewhere({ stage, destination }: RepositoryPlan): TranshipError {
  const message = `The stage "${stage}" of the configuration does not lead to this destination any more.`;
  return new TranshipError('E_PLAN_MOVED', 'refused', message, {
    side: 'destination',
    subject: destination.location,
    hint: 'Make a new plan, or name the configuration that this one was made from with --config.',
  });
}

function emptied(subject: string): TranshipError {
  return new TranshipError('E_PLAN_MOVED', 'refused', 'The source has no tags at all by now, so nothing is removed.', {
    side: 'destination',
    subject,
    hint: 'Look at the source, then make a new plan.',
  });
}
