/**
 * Whose a destination tag is. After a fail-over both sides may have been pushed to, and only the tag histories tell a copy
 * that fell behind from an image that somebody put there.
 *
 * A digest that the source's tag has or once had came from the source and may be moved on. Any other was set by someone
 * else, unless the record of an earlier run says that tranship wrote just this digest and the destination's history agrees.
 */
import type { Digest } from '../../oci/digest.ts';

/** What is done about a tag that someone else set. */
export type DivergencePolicy =
  /** Shown and left alone; the run counts as partly failed. */
  | 'refuse'
  /** The source's image takes the tag; what it named is listed. */
  | 'source-wins'
  /** Whichever side set its tag later keeps it. */
  | 'newer-wins'
  /** The destination's image gets a second tag, then the source's takes the tag. */
  | 'keep-both';

/** One stretch of a tag's life, as Quay's history shows it. */
export interface TagPeriod {
  readonly digest: Digest;
  /** Seconds since the epoch, by the server's clock. */
  readonly from: number;
  /** Absent: it is so now. */
  readonly until?: number;
}

export interface TagRecord {
  /** What tranship wrote under the tag … */
  readonly digest: Digest;
  /** … and when it had done so, in seconds since the epoch, by our clock. */
  readonly at: number;
}

export interface TagHistories {
  readonly source: readonly TagPeriod[];
  readonly destination: readonly TagPeriod[];
  readonly record: TagRecord | undefined;
}

export type Ownership = 'ours' | 'someone-else';

/** How far the clocks of this machine and of the destination may lie apart. */
const clockSkewSeconds = 300;

export function ownershipOf(destination: Digest, histories: TagHistories): Ownership {
  if (histories.source.some((period) => period.digest === destination)) return 'ours';
  return writtenByUs(destination, histories) ? 'ours' : 'someone-else';
}

/** The record alone does not count: somebody may have set the tag away and back, or the file may be stale. */
function writtenByUs(destination: Digest, { record, destination: history }: TagHistories): boolean {
  if (record === undefined || record.digest !== destination) return false;
  const current = history.find((period) => period.until === undefined);
  return current !== undefined && current.digest === destination && current.from <= record.at + clockSkewSeconds;
}

export type Decision = 'move' | 'refuse' | 'keep' | 'keep-both';

/** What happens to a tag that both sides have with different digests. */
export function decide(destination: Digest, histories: TagHistories, policy: DivergencePolicy): Decision {
  if (ownershipOf(destination, histories) === 'ours') return 'move';
  switch (policy) {
    case 'refuse':
      return 'refuse';
    case 'source-wins':
      return 'move';
    case 'keep-both':
      return 'keep-both';
    case 'newer-wins':
      return currentSince(histories.source) > currentSince(histories.destination) ? 'move' : 'keep';
  }
}

/** When the tag was set to what it is now; an unknown time is older than any. */
function currentSince(history: readonly TagPeriod[]): number {
  return history.find((period) => period.until === undefined)?.from ?? Number.NEGATIVE_INFINITY;
}
