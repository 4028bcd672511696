/** Whose a tag is that differs between two Quays, and what becomes of it. */
import type { RepositoryWork } from '../../execute/run/plan-repository.ts';
import { type Digest, encodedOf } from '../../oci/digest.ts';
import type { TagName } from '../../oci/names.ts';
import type { BlockedItem, PlanItem, UpdateItem } from '../../plan/types.ts';
import {
  type DivergencePolicy,
  decide,
  ownershipOf,
  type TagHistories,
  type TagPeriod,
} from '../../quay/pair/divergence.ts';
import type { QuayRecord } from '../../state/quay-record.ts';

/** What was found beside what is to be done. */
export interface PairNotes {
  /** Tags that the source had once and has no longer. */
  readonly gone: Set<string>;
  /** Tags of the destination that its own pushes made and that were left to it by the policy. */
  readonly kept: Set<string>;
  /** Tags that someone else had set at the destination and that are moved all the same. */
  readonly replaced: Set<string>;
}

/** What tags named and when, of one repository. */
export type Histories = (tags: readonly string[]) => Promise<ReadonlyMap<string, readonly TagPeriod[]>>;

/** What a repository's tags are judged by. */
export interface Court {
  readonly source: Histories;
  readonly destination: Histories;
  readonly policy: DivergencePolicy;
  /** What earlier runs noted at this destination. */
  readonly record: QuayRecord | undefined;
  /** All tags are meant, and not those of a list. */
  readonly all: boolean;
  readonly notes: PairNotes;
}

/**
 * The work with every update that someone else's tag stands in the way of held back or changed, as the policy says, and with the
 * tags that only the destination has.
 */
export async function judgeTags(work: RepositoryWork, court: Court): Promise<RepositoryWork> {
  const updates = work.plan.items.filter((item) => item.action === 'update');
  const extras = extrasOf(work, court);
  const ask = [...updates.map(({ tag }) => tag), ...extras.map(({ tag }) => tag)];
  if (ask.length === 0) return work;
  const source = await court.source(ask);
  const histories = await theirHistories(work, court, source, [
    ...updates.map(({ target, previous }) => ({ tag: target, digest: previous })),
    ...extras,
  ]);
  const keepBoth = new Map(work.keepBoth);
  const items = work.plan.items.flatMap((item): readonly PlanItem[] =>
    item.action === 'update' ? judgeUpdate(item, histories(item.target), work, court, keepBoth) : [item],
  );
  const own = extras.flatMap((extra) => judgeExtra(extra, histories(extra.tag), work, court));
  return { ...work, keepBoth, plan: { ...work.plan, items: [...items, ...own] } };
}

interface Extra {
  readonly tag: TagName;
  readonly digest: Digest;
}

/** Tags that only the destination has, where all tags are meant. */
function extrasOf({ destinationTags, targets }: RepositoryWork, { all }: Court): readonly Extra[] {
  if (destinationTags === undefined || !all) return [];
  const wanted = new Set(targets.values());
  return [...destinationTags].flatMap(([tag, digest]) =>
    wanted.has(tag) || digest === undefined || isKeptCopy(tag, digest) ? [] : [{ tag, digest }],
  );
}

/** The destination's own histories are read only where something hangs on them: a record of ours, or who was the later. */
async function theirHistories(
  work: RepositoryWork,
  { destination, policy, record }: Court,
  source: ReadonlyMap<string, readonly TagPeriod[]>,
  tags: readonly Extra[],
): Promise<(tag: TagName) => TagHistories> {
  const open = tags.filter(({ tag, digest }) => !source.get(tag)?.some((period) => period.digest === digest));
  const needed = open.filter(
    ({ tag, digest }) => policy === 'newer-wins' || record?.find(work.target, tag)?.digest === digest,
  );
  const theirs = needed.length === 0 ? new Map() : await destination(needed.map(({ tag }) => tag));
  return (tag) => ({
    source: source.get(tag) ?? [],
    destination: theirs.get(tag) ?? [],
    record: record?.find(work.target, tag),
  });
}

function judgeUpdate(
  item: UpdateItem,
  histories: TagHistories,
  work: RepositoryWork,
  { policy, notes }: Court,
  keepBoth: Map<TagName, TagName>,
): readonly PlanItem[] {
  const subject = `${work.plan.destination.location}:${item.target}`;
  const decision = decide(item.previous, histories, policy);
  switch (decision) {
    case 'move': {
      if (ownershipOf(item.previous, histories) === 'ours') return [item];
      notes.replaced.add(`${subject} (was ${item.previous})`);
      return [{ ...item, reason: 'set at the destination by someone else, replaced by policy' }];
    }
    case 'keep':
      notes.kept.add(subject);
      return [];
    case 'keep-both': {
      const under = keptName(item.target, item.previous);
      keepBoth.set(item.target, under);
      return [{ ...item, reason: `set at the destination by someone else, kept as ${under}` }];
    }
    case 'refuse':
      return [diverged(item, 'diverged: set at the destination by someone else')];
  }
}

function judgeExtra(
  { tag, digest }: Extra,
  histories: TagHistories,
  work: RepositoryWork,
  { policy, notes }: Court,
): readonly PlanItem[] {
  const subject = `${work.plan.destination.location}:${tag}`;
  if (ownershipOf(digest, histories) === 'ours') {
    notes.gone.add(subject);
    return [];
  }
  if (policy === 'refuse') {
    return [
      diverged(
        { tag, target: tag, digest, previous: digest },
        'diverged: pushed at the destination, not at the source',
      ),
    ];
  }
  notes.kept.add(subject);
  return [];
}

function diverged(
  { tag, target, digest, previous }: Omit<BlockedItem, 'action' | 'why' | 'reason'>,
  reason: string,
): BlockedItem {
  return { action: 'blocked', why: 'diverged', tag, target, digest, previous, reason };
}

const keptDigits = 12;
const longestTag = 128;

/** The same image is kept under the same name, however often. */
function keptName(tag: string, digest: Digest): TagName {
  const suffix = `-diverged-${encodedOf(digest).slice(0, keptDigits)}`;
  return `${tag.slice(0, longestTag - suffix.length)}${suffix}` as TagName;
}

function isKeptCopy(tag: string, digest: Digest): boolean {
  return tag.endsWith(`-diverged-${encodedOf(digest).slice(0, keptDigits)}`);
}
