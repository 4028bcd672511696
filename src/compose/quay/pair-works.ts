/** What is to be done between two Quays: the tags that differ, less those that someone else set at the destination. */
import { type PlanContext, planRepository, type RepositoryWork } from '../../execute/run/plan-repository.ts';
import type { WorkSource } from '../../execute/run/run-options.ts';
import { type Digest, encodedOf } from '../../oci/digest.ts';
import { TranshipError } from '../../oci/errors.ts';
import { isTagName, type RepositoryName, type TagName } from '../../oci/names.ts';
import type { BlockedItem, PlanItem, UpdateItem } from '../../plan/types.ts';
import {
  type DivergencePolicy,
  decide,
  ownershipOf,
  type TagHistories,
  type TagPeriod,
} from '../../quay/pair/divergence.ts';
import { historiesOf } from '../../quay/pair/histories.ts';
import type { Inventory } from '../../quay/pair/inventory.ts';
import type { QuayRecord } from '../../state/quay-record.ts';
import type { OpenSide, QuayPair } from './pair.ts';
import { orFailed, whereWritable, withFailure } from './pair-rights.ts';

export interface PairWorksOptions {
  readonly repositories: readonly RepositoryName[];
  /** The tags that are meant of a repository; absent: all. */
  readonly tags: (repository: string) => ReadonlySet<string> | undefined;
  readonly policy: DivergencePolicy;
  readonly recordOf: (side: OpenSide) => QuayRecord | undefined;
  readonly thereOf: (side: OpenSide) => Inventory;
  readonly notes: PairNotes;
  /** Whether it is asked if the login may push: in a dry run only by what reads, for a mere comparison not at all. */
  readonly rights: 'asked' | 'by reading' | 'unasked';
}

/** What was found beside what is to be done. */
export interface PairNotes {
  /** Tags that the source had once and has no longer. */
  readonly gone: Set<string>;
  /** Tags of the destination that its own pushes made and that were left to it by the policy. */
  readonly kept: Set<string>;
  /** Tags that someone else had set at the destination and that are moved all the same. */
  readonly replaced: Set<string>;
}

export function pairWorks(pair: QuayPair, options: PairWorksOptions): WorkSource {
  return {
    repositories: () => ({ repositories: options.repositories, warnings: [] }),
    plan: async (planner, repository, context) => {
      const works = await planRepository(planner, repository, context);
      const source = lazyHistories(pair.source, repository, context);
      return Promise.all(
        works.map((work) => orFailed(work, () => judged(work, pair, source, options, context), context)),
      );
    },
  };
}

type Histories = (tags: readonly string[]) => Promise<ReadonlyMap<string, readonly TagPeriod[]>>;

/** Asked at most once for each tag, also for several destinations. */
function lazyHistories(side: OpenSide, repository: string, { now, signal }: PlanContext): Histories {
  const known = new Map<string, readonly TagPeriod[]>();
  return async (tags) => {
    const unknown = tags.filter((tag) => !known.has(tag));
    if (unknown.length > 0) {
      const found = await historiesOf(side.connection.quay, repository, unknown, { now: now(), signal });
      for (const [tag, history] of found) known.set(tag, history);
    }
    return known;
  };
}

async function judged(
  work: RepositoryWork,
  pair: QuayPair,
  source: Histories,
  options: PairWorksOptions,
  context: PlanContext,
): Promise<RepositoryWork> {
  if (work.plan.failure !== undefined) return work;
  const side = pair.destinations.find(({ name }) => name === work.destination.config.registry);
  if (side === undefined) throw new Error('a destination that is none of the pair');
  const meant = onlyMeant(work, options.tags(work.repository));
  const state = options.thereOf(side).get(work.target)?.state ?? 'NORMAL';
  if (state !== 'NORMAL' && options.rights !== 'unasked' && meant.plan.items.length > 0) return takesNone(meant, state);
  const destination = lazyHistories(side, work.target, context);
  const told = await judgeTags(meant, { side, source, destination, options, record: options.recordOf(side) });
  const existed = options.thereOf(side).has(work.target);
  if (!existed || options.rights === 'unasked') return told;
  return whereWritable(told, side, {
    http: pair.sync.session.http,
    dryRun: options.rights === 'by reading',
    signal: context.signal,
  });
}

/** Without the tags that a list does not name; those that it names and the source lacks are failures. */
function onlyMeant(work: RepositoryWork, tags: ReadonlySet<string> | undefined): RepositoryWork {
  if (tags === undefined) return work;
  const items = work.plan.items.filter((item) => item.action === 'prune' || tags.has(item.tag));
  const same = work.same.filter(({ tag }) => tags.has(tag));
  const there = new Set<string>(work.source?.tags);
  const missing = [...tags].filter((tag): tag is TagName => isTagName(tag) && !there.has(tag));
  const broken = missing.map((tag) => ({ tag, target: tag, error: noSuchTag(work, tag) }));
  return { ...work, same, broken, plan: { ...work.plan, items, same: same.length } };
}

function noSuchTag({ plan }: RepositoryWork, tag: string): TranshipError {
  return new TranshipError('E_MANIFEST_UNKNOWN', 'failed', 'The source has no such tag.', {
    side: 'source',
    subject: `${plan.source.location}:${tag}`,
    hint: 'Correct the list of repositories, or take the entry out.',
  });
}

function takesNone(work: RepositoryWork, state: string): RepositoryWork {
  const error = new TranshipError('E_QUAY_STATE', 'unwritable', `The repository is in the state ${state}`, {
    side: 'destination',
    subject: work.plan.destination.location,
    hint: 'Nobody may push to it but its own mirror. Set it to NORMAL, or leave it out with --exclude.',
  });
  return withFailure(work, error);
}

interface Court {
  readonly side: OpenSide;
  readonly source: Histories;
  readonly destination: Histories;
  readonly options: PairWorksOptions;
  readonly record: QuayRecord | undefined;
}

async function judgeTags(work: RepositoryWork, court: Court): Promise<RepositoryWork> {
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
function extrasOf({ repository, destinationTags, targets }: RepositoryWork, { options }: Court): readonly Extra[] {
  if (destinationTags === undefined || options.tags(repository) !== undefined) return [];
  const wanted = new Set(targets.values());
  return [...destinationTags].flatMap(([tag, digest]) =>
    wanted.has(tag) || digest === undefined || isKeptCopy(tag, digest) ? [] : [{ tag, digest }],
  );
}

/** The destination's own histories are read only where something hangs on them: a record of ours, or who was the later. */
async function theirHistories(
  work: RepositoryWork,
  { destination, options, record }: Court,
  source: ReadonlyMap<string, readonly TagPeriod[]>,
  tags: readonly Extra[],
): Promise<(tag: TagName) => TagHistories> {
  const open = tags.filter(({ tag, digest }) => !source.get(tag)?.some((period) => period.digest === digest));
  const needed = open.filter(
    ({ tag, digest }) => options.policy === 'newer-wins' || record?.find(work.target, tag)?.digest === digest,
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
  { options: { policy, notes } }: Court,
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
  court: Court,
): readonly PlanItem[] {
  const { policy, notes } = court.options;
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
