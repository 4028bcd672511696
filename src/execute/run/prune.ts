/** Removes from a destination what is gone from the source, as `plan/prune.ts` decided, and looks again before each removal. */
import type { StageConfig } from '../../config/types.ts';
import { TranshipError } from '../../oci/errors.ts';
import type { TagName } from '../../oci/names.ts';
import { supports } from '../../oci/ports.ts';
import { type HeldTag, type PruneJournal, type PrunePlan, planPrune } from '../../plan/prune.ts';
import type { PruneItem } from '../../plan/types.ts';
import { sideOf } from '../failure.ts';
import type { RepositoryWork } from './repository-work.ts';
import type { RunOptions } from './run-options.ts';
import type { StagePlanner } from './stage-plan.ts';
import type { SyncWorld } from './world.ts';

/** Keeps what complete listings told, from one run to the next. Losing it only makes pruning wait anew. */
export interface PruneJournals {
  read(pair: string): Promise<PruneJournal>;
  write(pair: string, journal: PruneJournal): Promise<void>;
}

/** What is to be pruned of one destination repository. Its items stand in the work's plan too. */
export interface Pruning extends Pick<PrunePlan, 'items' | 'overCap'> {
  readonly work: RepositoryWork;
  /** What is to be remembered for the next run. */
  readonly memory?: { readonly pair: string; readonly journal: PruneJournal };
}

/**
 * Adds to the work's plan what may be pruned. `undefined` where the stage does not prune, and where a listing failed, was
 * incomplete or empty: then nothing is concluded, and the journal stays as it is.
 */
export async function planPruning(
  planner: StagePlanner,
  work: RepositoryWork,
  { journals, now }: Pick<RunOptions, 'journals' | 'now'>,
): Promise<Pruning | undefined> {
  const { source, destinationTags, plan } = work;
  if (work.prunes !== undefined) return { items: work.prunes, overCap: 0, work };
  const rules = planner.stage.prune;
  if (rules === undefined || journals === undefined || plan.failure !== undefined) return undefined;
  if (source?.take === undefined || source.tags.size === 0 || destinationTags === undefined) return undefined;
  const pair = `${planner.stage.id} ${plan.source.location} → ${plan.destination.location}`;
  const journal = await journals.read(pair);
  const held = heldNow(work, journal);
  const missing = [...Object.values(journal.held), ...Object.values(journal.gone)]
    .map(({ tag }) => tag)
    .filter((tag) => !source.tags.has(tag));
  const taken = source.take(missing);
  const wouldTake = (tag: TagName) => taken.has(tag);
  const { items, overCap, ...found } = planPrune(
    { journal, source: held, sourceTags: source.tags, destination: destinationTags, wouldTake, now: now() },
    rules,
  );
  return { items, overCap, work, memory: { pair, journal: found.journal } };
}

type PruneOptions = Pick<RunOptions, 'emit' | 'now' | 'signal'> & { readonly world: SyncWorld };

export async function keepJournal({ memory }: Pruning, { journals }: Pick<RunOptions, 'journals'>): Promise<void> {
  if (memory !== undefined) await journals?.write(memory.pair, memory.journal);
}

/**
 * Removes one tag, if it still names what was planned and the source still does not have it: a listing may leave out a tag
 * (pages that moved while they were read, a proxy that cuts them off), again and again. Returns why it could not.
 */
export async function pruneTag(
  stage: StageConfig,
  pruning: Pruning,
  item: PruneItem,
  options: PruneOptions,
): Promise<TranshipError | undefined> {
  const { work } = pruning;
  const { world, emit, now, signal } = options;
  const { place } = world.destination(work.destination.config.registry, work.target);
  const subject = `${place.location}:${item.target}`;
  const leave = (code: string, reason: string): undefined => {
    emit({ type: 'warning', at: now(), code, message: `${reason}, so it is left alone.`, subject });
    emit({ type: 'not-reached', at: now(), stage: stage.id, source: '', destination: subject, reason });
  };
  try {
    if (!supports(place, 'delete')) throw cannotDelete(subject);
    if (await isAtSource(stage, work, item, options))
      return leave('W_PRUNE_LISTING', 'The source has the tag, though its listing does not show it');
    const found = await place.resolve(item.target, { signal });
    if (found !== undefined && found.digest !== item.previous)
      return leave('W_PRUNE_MOVED', 'The tag names something else by now');
    if (found !== undefined) await place.deleteTag(item.target, { signal });
    const { reason, previous } = item;
    emit({ type: 'tag-pruned', at: now(), stage: stage.id, destination: subject, digest: previous, reason });
    return undefined;
  } catch (error) {
    signal?.throwIfAborted();
    return sideOf(error, 'destination', subject);
  }
}

async function isAtSource(
  { from }: StageConfig,
  { repository }: RepositoryWork,
  { tag }: PruneItem,
  { world, signal }: PruneOptions,
): Promise<boolean> {
  if (tag === undefined) return false;
  const source = world.source(from.registry, repository).place;
  const found = await source
    .resolve(tag, { signal })
    .catch((error: unknown) => Promise.reject(sideOf(error, 'source')));
  return found !== undefined;
}

/** What the rules take at the source now, by its name at the destination. */
function heldNow(
  { plan, same, targets, source }: RepositoryWork,
  journal: PruneJournal,
): ReadonlyMap<TagName, HeldTag> {
  const held = new Map<TagName, HeldTag>();
  for (const { tag, target, digest, there } of same) held.set(target, { tag, digest: there ?? digest });
  for (const item of plan.items) {
    // A tag of the destination alone may stand in the plan, too, as diverged; the source never held it.
    if (item.action === 'prune' || source?.tags.has(item.tag) === false) continue;
    held.set(item.target, { tag: item.tag, digest: item.digest });
  }
  // A tag that an immutable pattern answered was not asked for; what was known of it still holds.
  for (const [tag, target] of targets) {
    const known = held.has(target) ? undefined : journal.held[target];
    if (known !== undefined && known.tag === tag) held.set(target, known);
  }
  return held;
}

function cannotDelete(subject: string): TranshipError {
  return new TranshipError('E_UNSUPPORTED', 'failed', 'Nothing can be deleted there.', {
    side: 'destination',
    subject,
    hint: 'Take `prune` out of the stage, or delete by hand.',
  });
}
