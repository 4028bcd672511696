/** Compares the selected tags of a source repository with one destination. */
import type { Digest } from '../../oci/digest.ts';
import type { RepositoryName, TagName } from '../../oci/names.ts';
import { compareTags, type Wanted } from '../../plan/compare.ts';
import {
  type AtDestination,
  type DestinationListing,
  listDestination,
  resolveTargets,
  unlessBlind,
  unlisted,
} from '../../plan/observe.ts';
import type { Unanswered } from '../../plan/unanswered.ts';
import { sideOf } from '../failure.ts';
import { absenceWarning, brokenAt, guardPresent, unansweredAt } from './absent-tags.ts';
import { settleFiltered } from './filtered.ts';
import { judgeAll } from './judge.ts';
import type { PlanContext } from './plan-repository.ts';
import { settleLists } from './referrer-lists.ts';
import { placesOf, type RepositoryWork } from './repository-work.ts';
import type { SourceDigests } from './source-digests.ts';
import type { ChosenTag, SelectedTags } from './source-tags.ts';
import { type DestinationRules, type StagePlanner, targetsOf } from './stage-plan.ts';

export interface DestinationTask {
  readonly planner: StagePlanner;
  readonly repository: RepositoryName;
  readonly destination: DestinationRules;
  readonly listed: Promise<DestinationListing | undefined>;
  readonly selected: SelectedTags;
  readonly sources: SourceDigests;
  readonly context: PlanContext;
}

/**
 * The destination's tags, asked for while the source's are still coming, where they are needed whatever the source has. Who
 * plans the destination hears of a failure.
 */
export function listEarly(
  planner: StagePlanner,
  repository: RepositoryName,
  destination: DestinationRules,
  context: PlanContext,
): Promise<DestinationListing | undefined> {
  const list = async () => {
    if (planner.exact !== undefined && planner.stage.prune === undefined) return undefined;
    const target = destination.repositoryFor({ registry: planner.stage.from.registry, repository });
    return listDestination(context.world.destination(destination.config.registry, target), context);
  };
  const listing = list();
  listing.catch(() => {});
  return listing;
}

/** Throws what the source or the destination throws. */
export async function planDestination(task: DestinationTask): Promise<RepositoryWork> {
  const { planner, repository, destination, selected, context } = task;
  const mapped = { registry: planner.stage.from.registry, repository };
  const target = destination.repositoryFor(mapped);
  const there = { registry: destination.config.registry, repository: target };
  const place = context.world.destination(there.registry, target);
  const tags = selected.tags.map(({ tag }) => tag);
  const targets = targetsOf(tags, destination, mapped);
  const places = placesOf(planner, { repository, target, destination }, context.config);
  context.claims?.claim(places.destination.location, places.source.location, targets);
  const targetOf = (tag: TagName) => targets.get(tag) ?? tag;
  const needed = () => (isWorthListing(planner, targets) ? listDestination(place, context) : unlisted);
  const listed = (await task.listed) ?? (await needed());
  const [probe] = targets.values();
  const listing = await unlessBlind(listed, place, probe, context);
  const isTrusted = (name: TagName) => planner.isImmutable(name) && listing.tags.has(name);
  const open = selected.tags.filter(({ tag }) => !isTrusted(targetOf(tag)));
  const names = open.map(({ tag }) => tag);
  // The source is asked first, so that a destination's question can say what its answer will likely be.
  const unanswered: Unanswered = new Map();
  const at: AtDestination = {
    targetOf,
    likely: (tag) => task.sources.soon(tag),
    ...(context.goesOnWithout && { unanswered }),
  };
  const [sources, theirs] = await Promise.all([
    task.sources.of(names).catch((error: unknown) => Promise.reject(sideOf(error, 'source'))),
    resolveTargets(place, listing, names, context, at),
  ]);
  const missing = names.filter((tag) => !sources.has(tag) && !task.sources.unanswered.has(tag));
  guardPresent(places.source.location, selected.tags, missing, planner);
  const told = open.filter(({ tag }) => !unanswered.has(tag));
  const { stage, isImmutable } = planner;
  const compared = compareTags(wantedOf(told, sources, targetOf), theirs, { overwrite: stage.overwrite, isImmutable });
  const where = { stage, repository, place: place.place, context };
  const { items, same } = await settleLists(await settleFiltered(compared, where), where);
  const absent = brokenAt(places.source.location, missing, planner, targetOf);
  const removed = missing.filter((tag) => !absent.some((one) => one.tag === tag));
  const judged = await judgeAll(items, { source: mapped, destination: there }, context);
  const isAbsent = listing.complete ? listing.tags.size === 0 : theirs.size === 0 && destination.config.create;
  return {
    repository,
    target,
    destination,
    same,
    keepBoth: judged.keepBoth,
    targets,
    broken: [
      ...absent,
      ...unansweredAt('source', task.sources.unanswered, names, targetOf),
      ...unansweredAt('destination', unanswered, names, targetOf),
    ],
    ...(selected.source && { source: selected.source }),
    ...(listing.complete && { destinationTags: listing.tags }),
    plan: {
      ...places,
      items: judged.items,
      same: same.length,
      trusted: selected.tags.length - open.length,
      ...(isAbsent && { absent: true }),
      ...(isAbsent && destination.config.create && { create: true }),
      warnings: [...selected.warnings, ...removed.map(absenceWarning)],
    },
  };
}

/** So many tags are asked for one by one where the rules name them: cheaper than the pages of a large repository. */
const fewTags = 32;

function isWorthListing({ isImmutable }: StagePlanner, targets: ReadonlyMap<TagName, TagName>): boolean {
  return targets.size > fewTags || [...targets.values()].some(isImmutable);
}

function* wantedOf(
  open: readonly ChosenTag[],
  sources: ReadonlyMap<TagName, Digest>,
  targetOf: (tag: TagName) => TagName,
): Generator<Wanted> {
  for (const { tag, size } of open) {
    const digest = sources.get(tag);
    if (digest === undefined) continue;
    const target = targetOf(tag);
    yield size === undefined ? { tag, target, digest } : { tag, target, digest, size };
  }
}
