import type { Plan } from '../plan/types.ts';
import { exitCodeOfItems, exitDifference } from './exit-codes.ts';

/** What could not be looked at counts as it would in a run; that something differs only where that is asked for. */
export function exitCodeOfPlan({ repositories, totals }: Plan, { tellsDifference = false } = {}): number {
  const failures = repositories.flatMap(({ failure, failedTags = [] }) => [
    ...(failure === undefined ? [] : [failure.failure]),
    ...failedTags.map((tag) => tag.failure.failure),
  ]);
  const { copy, update, prune, blocked, same } = totals;
  if (failures.length > 0) return exitCodeOfItems(copy + update + prune + same, failures);
  return tellsDifference && copy + update + prune + blocked > 0 ? exitDifference : 0;
}
