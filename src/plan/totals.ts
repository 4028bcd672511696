/** Adds up what a plan's repositories say. */
import type { PlanTotals, RepositoryPlan } from './types.ts';

export interface Effort {
  /** Requests made while observing, by host. */
  readonly requests: Readonly<Record<string, number>>;
  /** Hosts whose GET of a manifest counts as a pull. */
  isCounted(location: string): boolean;
}

/** Requests that copying one image takes beside its blobs: the manifest at the source, its PUT, the look whether it is right. */
const requestsPerImage = 3;

export function totalsOf(repositories: readonly RepositoryPlan[], effort: Effort): PlanTotals {
  const counts = { copy: 0, update: 0, prune: 0, blocked: 0 };
  const bytes = { total: 0, toMove: 0 };
  let [same, failed, countedPulls, known] = [0, 0, 0, 0];
  for (const repository of repositories) {
    same += repository.same + repository.trusted;
    if (repository.failure !== undefined) failed += 1;
    const pulls = effort.isCounted(repository.source.location) ? 1 : 0;
    for (const item of repository.items) {
      counts[item.action] += 1;
      if (item.action !== 'copy' && item.action !== 'update') continue;
      countedPulls += pulls;
      if (item.bytes === undefined) continue;
      known += 1;
      bytes.total += item.bytes.total;
      bytes.toMove += item.bytes.toMove;
    }
  }
  return {
    ...counts,
    same,
    failed,
    // Nothing is said of bytes where they are known of none.
    ...(known > 0 && { bytes }),
    requests: effort.requests,
    expected: { requests: (counts.copy + counts.update) * requestsPerImage + counts.prune, countedPulls },
  };
}
