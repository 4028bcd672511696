import type { CopiedItem } from '../compose/copy.ts';
import { failureOf } from '../execute/failure.ts';

/** What `copy -o json` prints: one entry for every source reference at every destination, in the order of the command line. */
export function copyDocument(items: readonly CopiedItem[], dryRun: boolean) {
  return { apiVersion: 'tranship/v1', kind: 'CopyResult', dryRun, items: items.map(entryOf) };
}

function entryOf({ source, destination, reference, outcome }: CopiedItem) {
  if (!outcome.ok) return { source, destination, outcome: 'failed', error: failureOf(outcome.error) };
  const { ok: _, id: __, ...facts } = outcome;
  return { source, destination, reference, ...facts };
}
