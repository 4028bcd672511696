/**
 * Plans one source repository for all the destinations of a stage: the source is listed once, each destination once, and
 * only tags that may differ are asked for.
 */
import type { Config } from '../../config/types.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { isTranshipError, TranshipError } from '../../oci/errors.ts';
import type { RepositoryName, TagName } from '../../oci/names.ts';
import type { ContentReader } from '../../oci/ports.ts';
import { readAttachmentTag } from '../../oci/referrers-tag.ts';
import { compareTags, type Wanted } from '../../plan/compare.ts';
import {
  type DestinationListing,
  type ListedTag,
  listDestination,
  listTags,
  resolveTags,
  resolveTargets,
} from '../../plan/observe.ts';
import type { BlockedItem, CopyItem, PlannedPlace, PruneItem, RepositoryPlan, UpdateItem } from '../../plan/types.ts';
import { type Pins, withPins } from '../../select/pins.ts';
import { guardTags } from '../../select/tags.ts';
import { failureOf, sideOf } from '../failure.ts';
import { type DestinationRules, hostOf, type StagePlanner, targetsOf } from './stage-plan.ts';
import type { Judge, SyncWorld } from './world.ts';

export interface PlanContext {
  readonly config: Config;
  readonly world: SyncWorld;
  readonly judge?: Judge | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

/** A plan, and beside it what only the run that made it needs. */
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
  /** Which of these tags, which the source does not have, the rules would take if it had them all. */
  take(tags: readonly TagName[]): ReadonlySet<TagName>;
}

export interface BrokenItem {
  readonly tag: TagName;
  readonly target: TagName;
  readonly error: TranshipError;
}

/** One work for each destination of the stage. What fails is in its plan; only a stop is thrown. */
export async function planRepository(
  planner: StagePlanner,
  repository: RepositoryName,
  context: PlanContext,
): Promise<readonly RepositoryWork[]> {
  let selected: SelectedTags;
  try {
    selected = await selectAtSource(planner, repository, context);
  } catch (error) {
    return planner.destinations.map((destination) =>
      failed(planner, repository, destination, context, sideOf(error, 'source')),
    );
  }
  const digests = sharedDigests(planner, repository, selected, context);
  return Promise.all(
    planner.destinations.map(async (destination) => {
      try {
        return await planFor(planner, repository, destination, selected, digests, context);
      } catch (error) {
        context.signal?.throwIfAborted();
        return failed(planner, repository, destination, context, sideOf(error, 'destination'));
      }
    }),
  );
}

interface SelectedTags {
  readonly tags: readonly ListedTag[];
  /** Absent where the rules name their tags. */
  readonly source?: SourceListing;
  readonly warnings: readonly string[];
}

async function selectAtSource(
  planner: StagePlanner,
  repository: RepositoryName,
  context: PlanContext,
): Promise<SelectedTags> {
  const { stage, exact, pins } = planner;
  if (exact !== undefined && stage.prune === undefined) return { tags: exact.map((tag) => ({ tag })), warnings: [] };
  const source = context.world.source(stage.from.registry, repository);
  const listed = withPins(await listTags(source, context), pins);
  const selection = planner.select(listed, { now: context.now() });
  const failure = guardTags(selection, stage.tags, source.place.location);
  if (failure) throw failure.at('source', source.place.location);
  const byName = new Map(listed.map((entry) => [entry.tag, entry]));
  const kept = selection.kept.filter((tag) => travels(tag, stage.referrers !== 'never'));
  return {
    tags: kept.map((tag) => byName.get(tag) ?? { tag }),
    source: {
      tags: new Set(byName.keys()),
      take: (tags) => {
        if (tags.length === 0) return new Set();
        const all = [...listed, ...tags.map((tag) => ({ tag }))];
        return new Set(planner.select(all, { now: context.now() }).kept);
      },
    },
    warnings: selection.warnings.map(({ message }) => message),
  };
}

/** A referrers' fallback tag without a subject that can be told (sha512) is made anew by whoever pushes the referrers. */
function travels(tag: TagName, attachments: boolean): boolean {
  const attachment = readAttachmentTag(tag);
  if (attachment === undefined) return true;
  return attachments && (attachment.kind !== 'referrers' || attachment.subject !== undefined);
}

/** The source's digests, asked for once for all destinations, and only for tags that one of them needs to compare. */
function sharedDigests(
  planner: StagePlanner,
  repository: RepositoryName,
  selected: SelectedTags,
  context: PlanContext,
) {
  const known = new Map<TagName, Digest>();
  for (const { tag, digest } of selected.tags) if (digest !== undefined) known.set(tag, digest);
  const asked = new Map<TagName, Promise<unknown>>();
  const { place } = context.world.source(planner.stage.from.registry, repository);
  const resolve: ContentReader['resolve'] = (tag, options) =>
    place.resolve(isDigest(tag) ? tag : (planner.pins.get(tag) ?? tag), options);
  return async (tags: readonly TagName[]): Promise<ReadonlyMap<TagName, Digest>> => {
    const missing = tags.filter((tag) => !known.has(tag) && !asked.has(tag));
    const asking = resolveTags({ resolve }, missing, context, known);
    for (const tag of missing) asked.set(tag, asking);
    await Promise.all(new Set(tags.flatMap((tag) => asked.get(tag) ?? [])));
    return known;
  };
}

async function planFor(
  planner: StagePlanner,
  repository: RepositoryName,
  destination: DestinationRules,
  selected: SelectedTags,
  digestsOf: (tags: readonly TagName[]) => Promise<ReadonlyMap<TagName, Digest>>,
  context: PlanContext,
): Promise<RepositoryWork> {
  const { stage } = planner;
  const mapped = { registry: stage.from.registry, repository };
  const target = destination.repositoryFor(mapped);
  const place = context.world.destination(destination.config.registry, target);
  const targets = targetsOf(
    selected.tags.map(({ tag }) => tag),
    destination,
    mapped,
  );
  const listing = isWorthListing(planner, targets) ? await listDestination(place, context) : unlisted;
  const isTrusted = (tag: TagName) => planner.isImmutable(tag) && listing.tags.has(tag);
  const open = selected.tags.filter(({ tag }) => !isTrusted(nameOf(targets, tag)));
  const names = open.map(({ tag }) => tag);
  const [sources, theirs] = await Promise.all([
    digestsOf(names).catch((error: unknown) => Promise.reject(sideOf(error, 'source'))),
    resolveTargets(
      place,
      listing,
      names.map((tag) => nameOf(targets, tag)),
      context,
    ),
  ]);
  const wanted = open.flatMap(({ tag, size }): Wanted[] => {
    const digest = sources.get(tag);
    return digest === undefined
      ? []
      : [{ tag, target: nameOf(targets, tag), digest, ...(size !== undefined && { size }) }];
  });
  const { items, same } = compareTags(wanted, theirs, { overwrite: stage.overwrite, isImmutable: planner.isImmutable });
  const judged = await judgeAll(items, mapped, { registry: destination.config.registry, repository: target }, context);
  const absent = listing.complete ? listing.tags.size === 0 : theirs.size === 0 && destination.config.create;
  const missing = names.filter((tag) => !sources.has(tag));
  return {
    repository,
    target,
    destination,
    same,
    keepBoth: judged.keepBoth,
    targets,
    broken: missing
      .filter((tag) => planner.exact !== undefined || planner.pins.has(tag))
      .map((tag) => {
        const { source } = placesOf(planner, repository, destination, target, context);
        return absentAt(source, tag, nameOf(targets, tag), planner.pins);
      }),
    ...(selected.source && { source: selected.source }),
    ...(listing.complete && { destinationTags: listing.tags }),
    plan: {
      ...placesOf(planner, repository, destination, target, context),
      items: judged.items,
      same: same.length,
      trusted: selected.tags.length - open.length,
      ...(absent && { absent: true }),
      ...(absent && destination.config.create && { create: true }),
      warnings: [...selected.warnings, ...missing.map((tag) => `the source has no ${soughtAs(tag, planner.pins)}`)],
    },
  };
}

const unlisted: DestinationListing = { complete: false, tags: new Map() };

/** So many tags are asked for one by one where the rules name them: cheaper than the pages of a large repository. */
const fewTags = 32;

function isWorthListing({ exact, stage, isImmutable }: StagePlanner, targets: ReadonlyMap<TagName, TagName>): boolean {
  if (exact === undefined || stage.prune !== undefined || targets.size > fewTags) return true;
  return [...targets.values()].some(isImmutable);
}

type Item = CopyItem | UpdateItem | BlockedItem;

async function judgeAll(
  items: readonly Item[],
  source: { readonly registry: string; readonly repository: RepositoryName },
  destination: { readonly registry: string; readonly repository: RepositoryName },
  { judge, signal }: PlanContext,
): Promise<{ readonly items: readonly Item[]; readonly keepBoth: ReadonlyMap<TagName, TagName> }> {
  const keepBoth = new Map<TagName, TagName>();
  if (judge === undefined) return { items, keepBoth };
  const judged: Item[] = [];
  for (const item of items) {
    if (item.action !== 'update') {
      judged.push(item);
      continue;
    }
    const { tag, target, digest, previous } = item;
    const judgement = await judge({ source, destination, tag, target, digest, previous }, { signal });
    if (judgement.verdict === 'block') {
      judged.push({ action: 'blocked', tag, target, digest, previous, why: 'diverged', reason: judgement.reason });
      continue;
    }
    if (judgement.verdict === 'keep-both') keepBoth.set(target, judgement.under);
    judged.push(judgement.verdict === 'keep-both' ? { ...item, reason: judgement.reason } : item);
  }
  return { items: judged, keepBoth };
}

function failed(
  planner: StagePlanner,
  repository: RepositoryName,
  destination: DestinationRules,
  context: PlanContext,
  error: unknown,
): RepositoryWork {
  context.signal?.throwIfAborted();
  if (!isTranshipError(error)) throw error;
  let target = repository;
  try {
    target = destination.repositoryFor({ registry: planner.stage.from.registry, repository });
  } catch {
    // The mapping is what failed; the plan then shows the source's name.
  }
  return {
    repository,
    target,
    destination,
    same: [],
    keepBoth: new Map(),
    targets: new Map(),
    broken: [],
    plan: {
      ...placesOf(planner, repository, destination, target, context),
      items: [],
      same: 0,
      trusted: 0,
      warnings: [],
      failure: failureOf(error),
    },
  };
}

function placesOf(
  { stage }: StagePlanner,
  repository: RepositoryName,
  destination: DestinationRules,
  target: RepositoryName,
  { config }: PlanContext,
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

function absentAt({ location }: PlannedPlace, tag: TagName, target: TagName, pins: Pins): BrokenItem {
  const error = new TranshipError('E_MANIFEST_UNKNOWN', 'failed', `The source has no ${soughtAs(tag, pins)}.`, {
    side: 'source',
    subject: `${location}:${tag}`,
    hint: 'Correct the name under `tags`, or take it out.',
  });
  return { tag, target, error };
}

/** `tag "v1"`, or `manifest sha256:…, which "v1" is to name`. */
function soughtAs(tag: TagName, pins: Pins): string {
  const digest = pins.get(tag);
  return digest === undefined ? `tag "${tag}"` : `manifest ${digest}, which "${tag}" is to name`;
}

function nameOf(targets: ReadonlyMap<TagName, TagName>, tag: TagName): TagName {
  return targets.get(tag) ?? tag;
}
