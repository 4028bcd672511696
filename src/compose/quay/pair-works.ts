/** What is to be done between two Quays: the tags that differ, less those that someone else set at the destination. */
import { type PlanContext, planRepository, type RepositoryWork } from '../../execute/run/plan-repository.ts';
import type { WorkSource } from '../../execute/run/run-options.ts';
import { TranshipError } from '../../oci/errors.ts';
import { isTagName, type RepositoryName, type TagName } from '../../oci/names.ts';
import type { DivergencePolicy, TagPeriod } from '../../quay/pair/divergence.ts';
import { historiesOf } from '../../quay/pair/histories.ts';
import type { Inventory } from '../../quay/pair/inventory.ts';
import type { QuayRecord } from '../../state/quay-record.ts';
import type { OpenSide, QuayPair } from './pair.ts';
import { type Histories, judgeTags, type PairNotes } from './pair-judge.ts';
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
  const told = await judgeTags(meant, {
    source,
    destination: lazyHistories(side, work.target, context),
    policy: options.policy,
    record: options.recordOf(side),
    all: options.tags(work.repository) === undefined,
    notes: options.notes,
  });
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
