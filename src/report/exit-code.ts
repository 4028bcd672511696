import type { FailureClass } from '../oci/errors.ts';
import { exitCodeOf, exitCodeOfItems, exitFailed, exitPartly } from '../oci/exit-code.ts';
import type { Report, ReportItem } from './report.ts';

/**
 * The exit code that a run's items call for:
 *
 * - 0 where nothing failed. A tag that `overwrite: false` left alone is no failure, because that is what was asked for.
 * - 130 where something was stopped by a signal.
 * - 3 where something failed and something else was done or found the same.
 * - Else what all failures have in common: 4 authentication, 6 refused, 7 the destination takes no writes, 75 temporary;
 *   and 1 where they differ or are permanent. Items that were not reached count as failed, of the class that they tell, else of
 *   the same class as the others.
 *
 * A tag that is blocked as immutable or diverged is a failure of class "refused": the destination does not hold what the
 * source holds, and no one should have to read a log to learn that.
 */
export function exitCodeOfReport({ items, totals }: Pick<Report, 'items' | 'totals'>): number {
  const failures = items.flatMap(failureOf);
  if (failures.includes('cancelled')) return exitCodeOf('cancelled');
  const succeeded = totals.copied + totals.updated + totals.same + totals.pruned;
  if (failures.length === 0 && totals.notReached > 0) return succeeded > 0 ? exitPartly : exitFailed;
  return exitCodeOfItems(succeeded, failures);
}

function failureOf({ outcome, error, blocked, failure }: ReportItem): readonly FailureClass[] {
  if (outcome === 'blocked') return blocked === 'no-overwrite' ? [] : ['refused'];
  if (outcome === 'failed') return [error?.failure ?? 'failed'];
  if (outcome === 'not-reached' && failure !== undefined) return [failure];
  return [];
}

/** The items that `--retry-failed` takes up again: what failed and what was not reached. */
export function failedItems({ items }: Pick<Report, 'items'>): readonly ReportItem[] {
  return items.filter(({ outcome }) => outcome === 'failed' || outcome === 'not-reached');
}
