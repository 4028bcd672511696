/**
 * What work says while it is done. Work never prints: the terminal, the JSON log, the metrics and the report listen.
 * Every event is plain data, so that a report can be built again from a saved log.
 */
import type { Digest } from '../oci/digest.ts';
import type { FailureClass, Side } from '../oci/errors.ts';
import type { RepositoryPlan } from '../plan/types.ts';

/** How a blob came to be at a destination. */
export type BlobOutcome =
  /** Its bytes went over. */
  | 'copied'
  /** Taken over from another repository of the same registry. */
  | 'mounted'
  /** It was there. */
  | 'present';

/** An error as data. */
export interface Failure {
  readonly code: string;
  readonly failure: FailureClass;
  readonly message: string;
  readonly side?: Side;
  readonly subject?: string;
  readonly serverSaid?: string;
  readonly hint?: string;
}

interface Stamped {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

interface OfCopy extends Stamped {
  /** One source reference to one destination reference; unique in a run. */
  readonly copy: string;
}

export type Event =
  | (Stamped & {
      readonly type: 'run-started';
      readonly run: string;
      readonly intent: string;
      readonly dryRun: boolean;
    })
  | (Stamped & { readonly type: 'run-finished'; readonly exitCode: number })
  | (Stamped & {
      readonly type: 'stage-started';
      readonly stage: string;
      /** Stages that this one depends on and of which something failed: it runs all the same, and says so. */
      readonly afterFailuresOf: readonly string[];
      /** For which images the referrers that only the referrers API shows were read. */
      readonly referrers?: 'with-images' | 'always' | 'never';
    })
  | (Stamped & { readonly type: 'stage-finished'; readonly stage: string; readonly failed: number })
  /** Both sides of one repository pair were looked at; what is to be done, before any of it is. */
  | (Stamped & { readonly type: 'repository-planned'; readonly plan: RepositoryPlan })
  /** Items that failed for a reason that may have passed are tried once more. */
  | (Stamped & { readonly type: 'pass-started'; readonly pass: number; readonly items: number })
  | (Stamped & {
      readonly type: 'tag-pruned';
      readonly stage: string;
      readonly destination: string;
      readonly digest: Digest;
      readonly reason: string;
    })
  | (Stamped & {
      readonly type: 'prune-failed';
      readonly stage: string;
      readonly destination: string;
      readonly error: Failure;
    })
  /** An item that was planned and not begun: stopped, or its destination takes nothing more. */
  | (Stamped & {
      readonly type: 'not-reached';
      readonly stage: string;
      readonly source: string;
      readonly destination: string;
      readonly reason: string;
      /** What kind of failure holds it up, where there is one beside those that are told: `temporary` where pulls are used up. */
      readonly failure?: FailureClass;
    })
  | (OfCopy & {
      readonly type: 'copy-started';
      readonly source: string;
      readonly destination: string;
      readonly stage?: string;
    })
  /** Once the graph is known: what the copy consists of. Told again, with the new totals, when referrers add to it. */
  | (OfCopy & {
      readonly type: 'copy-planned';
      readonly digest: Digest;
      readonly blobs: number;
      readonly bytes: number;
    })
  | (OfCopy & { readonly type: 'blob-started'; readonly digest: Digest; readonly size: number })
  /** Cumulative bytes of this blob; after a resume it may fall back. */
  | (OfCopy & { readonly type: 'blob-progress'; readonly digest: Digest; readonly bytes: number })
  | (OfCopy & {
      readonly type: 'blob-finished';
      readonly digest: Digest;
      readonly size: number;
      readonly outcome: BlobOutcome;
    })
  | (OfCopy & { readonly type: 'manifest-finished'; readonly digest: Digest; readonly outcome: 'pushed' | 'present' })
  | (OfCopy & {
      readonly type: 'copy-finished';
      readonly digest: Digest;
      readonly outcome: 'copied' | 'updated' | 'same';
      /** What the tag named before it was moved. */
      readonly previous?: Digest;
      readonly bytesMoved: number;
      readonly bytesMounted: number;
      readonly bytesPresent: number;
      /** Signatures, SBOMs and the like that were stored. */
      readonly referrers: number;
    })
  | (OfCopy & { readonly type: 'copy-failed'; readonly error: Failure })
  | (Stamped & { readonly type: 'warning'; readonly code: string; readonly message: string; readonly subject?: string })
  | (Stamped & {
      readonly type: 'request';
      readonly host: string;
      readonly method: string;
      readonly url: string;
      readonly status?: number;
      readonly attempt: number;
      readonly milliseconds: number;
      readonly sentBytes: number;
      readonly receivedBytes: number;
      readonly error?: string;
    })
  | (Stamped & {
      readonly type: 'waiting';
      readonly host: string;
      readonly milliseconds: number;
      readonly reason: string;
      /** It may well be over sooner. */
      readonly atMost?: true;
    });

export type EventListener = (event: Event) => void;
