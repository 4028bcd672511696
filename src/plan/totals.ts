/** Adds up what a plan's repositories say. */
import type { PlanTotals, RepositoryPlan, TransferBytes } from './types.ts';

export interface Effort {
  /** Requests made while observing, by host. */
  readonly requests: Readonly<Record<string, number>>;
  /** Hosts whose GET of a manifest counts as a pull. */
  isCounted(location: string): boolean;
}

/** Requests that copying one image takes beside its blobs: the manifest at the source, its PUT, the look whether it is right. */
const requestsPerImage = 3;

export function totalsOf(repositories: readonly RepositoryPlan[], effort: Effort): PlanTotals {
  const items = repositories.flatMap((repository) => repository.items.map((item) => ({ item, repository })));
  const of = (action: string) => items.filter(({ item }) => item.action === action).length;
  const moving = items.filter(({ item }) => item.action === 'copy' || item.action === 'update');
  const bytes = sumOfBytes(moving.map(({ item }) => ('bytes' in item ? item.bytes : undefined)));
  return {
    copy: of('copy'),
    update: of('update'),
    prune: of('prune'),
    blocked: of('blocked'),
    same: sum(repositories.map((repository) => repository.same + repository.trusted)),
    failed: repositories.filter((repository) => repository.failure !== undefined).length,
    ...(bytes && { bytes }),
    requests: effort.requests,
    expected: {
      requests: moving.length * requestsPerImage + of('prune'),
      countedPulls: moving.filter(({ repository }) => effort.isCounted(repository.source.location)).length,
    },
  };
}

/** `undefined` where nothing is known of any of them. */
function sumOfBytes(all: readonly (TransferBytes | undefined)[]): TransferBytes | undefined {
  const known = all.filter((bytes) => bytes !== undefined);
  if (known.length === 0) return undefined;
  return { total: sum(known.map(({ total }) => total)), toMove: sum(known.map(({ toMove }) => toMove)) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
