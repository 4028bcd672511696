/** After the images: expiries and locks as at the source, and a word on what labels made of tags at the mirror. */
import { isTranshipError, type TranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { RepositoryPlan } from '../../plan/types.ts';
import { applyMarks, compareMarks, type MarkChange, markedByPush } from '../../quay/pair/marks.ts';
import type { SyncOutcome } from '../sync.ts';
import type { OpenSide, QuayPair } from './pair.ts';
import type { PairWorld } from './pair-world.ts';

export interface MarkResult {
  readonly host: string;
  readonly change: MarkChange;
  readonly error?: TranshipError;
}

export interface MarksInput extends CallOptions {
  readonly dryRun: boolean;
  /** Copies that were done, by id. */
  readonly finished: ReadonlyMap<string, number>;
}

/** Repositories that were written to are listed once more; for the others what was listed still holds. */
export async function carryMarks(
  pair: QuayPair,
  world: PairWorld,
  { plan }: SyncOutcome,
  input: MarksInput,
): Promise<readonly MarkResult[]> {
  const results: MarkResult[] = [];
  for (const repository of plan.repositories) {
    const side = pair.destinations.find(({ name }) => name === repository.destination.registry);
    if (side !== undefined && repository.failure === undefined)
      results.push(...(await marksOf(pair, side, world, repository, input)));
  }
  return results;
}

async function marksOf(
  pair: QuayPair,
  side: OpenSide,
  world: PairWorld,
  plan: RepositoryPlan,
  { dryRun, finished, signal }: MarksInput,
): Promise<readonly MarkResult[]> {
  const pushed = pushedTags(plan, finished);
  const name = plan.destination.repository;
  try {
    const there = pushed.size > 0 && !dryRun ? await world.look(side, name, { signal }) : world.seen(side, name);
    if (!dryRun) warnOfLabels(pair, plan, pushed, there);
    const changes = compareMarks(name, world.seen(pair.source, plan.source.repository), there, {
      now: Math.floor(pair.sync.session.clock.wall() / 1000),
      immutability: side.connection.features.isOn('IMMUTABLE_TAGS'),
    });
    const results: MarkResult[] = [];
    for (const change of changes)
      results.push(dryRun ? { host: side.host, change } : await apply(side, change, { signal }));
    return results;
  } catch (error) {
    if (!isTranshipError(error) || signal?.aborted === true) throw error;
    return [{ host: side.host, change: { repository: name, tag: '' }, error }];
  }
}

async function apply(side: OpenSide, change: MarkChange, options: CallOptions): Promise<MarkResult> {
  try {
    await applyMarks(side.connection.quay, change, options);
    return { host: side.host, change };
  } catch (error) {
    if (!isTranshipError(error) || options.signal?.aborted === true) throw error;
    return { host: side.host, change, error };
  }
}

function pushedTags(
  { source, destination, items }: RepositoryPlan,
  finished: ReadonlyMap<string, number>,
): ReadonlySet<string> {
  const tags = items.flatMap((item) =>
    (item.action === 'copy' || item.action === 'update') &&
    finished.has(`${source.location}:${item.tag} → ${destination.location}:${item.target}`)
      ? [item.target]
      : [],
  );
  return new Set(tags);
}

const tagsNamed = 5;

function warnOfLabels(
  { sync: { session } }: QuayPair,
  { destination: { location } }: RepositoryPlan,
  pushed: ReadonlySet<string>,
  there: Parameters<typeof markedByPush>[1],
): void {
  const { expiring, locked } = markedByPush(pushed, there);
  const warn = (tags: readonly string[], what: string) => {
    if (tags.length === 0) return;
    const more = tags.length > tagsNamed ? ` and ${tags.length - tagsNamed} more` : '';
    const message = `${tags.slice(0, tagsNamed).join(', ')}${more}: ${what}`;
    session.emit({ type: 'warning', at: session.clock.wall(), code: 'W_QUAY_LABELS', message, subject: location });
  };
  warn(expiring, 'got an expiry by being pushed (label quay.expires-after); the source’s expiry is put in its place');
  warn(locked, 'may not be changed since they were pushed (label quay.immutable, or a policy of the destination)');
}
