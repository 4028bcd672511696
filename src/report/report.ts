/** The account of one run, as plain data; published with a schema. Times RFC 3339, sizes bytes, durations milliseconds. */
import type { Digest } from '../oci/digest.ts';
import type { FailureClass } from '../oci/errors.ts';
import type { BlockedItem } from '../plan/types.ts';
import type { Failure } from './events.ts';

export interface Report {
  readonly apiVersion: 'tranship/v1';
  readonly kind: 'Report';
  readonly run: string;
  readonly intent: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly dryRun: boolean;
  /** The exit code that the run ended with. */
  readonly exitCode: number;
  /** Times that the run went over what was left, the first included. */
  readonly passes: number;
  readonly stages: readonly StageAccount[];
  /** What was done, failed or stands in the way, by stage and repository. Tags that are the same are only counted. */
  readonly items: readonly ReportItem[];
  readonly totals: ReportTotals;
  readonly hosts: readonly HostAccount[];
  readonly warnings: readonly { readonly code: string; readonly message: string; readonly subject?: string }[];
}

export interface StageAccount {
  readonly stage: string;
  readonly startedAt: string;
  /** Absent where the run was stopped before. */
  readonly finishedAt?: string;
  /** Stages that this one depends on and of which something had failed. */
  readonly afterFailuresOf: readonly string[];
  /** For which images the referrers that only the referrers API shows were read. */
  readonly referrers?: 'with-images' | 'always' | 'never';
}

/** One tag at one destination, or a repository pair that failed as a whole: then neither reference has a tag. */
export interface ReportItem {
  /** Empty where the work had no stages. */
  readonly stage: string;
  /** Empty where a tag was pruned that no source has. */
  readonly source: string;
  readonly destination: string;
  readonly outcome: 'copied' | 'updated' | 'same' | 'pruned' | 'blocked' | 'failed' | 'not-reached';
  readonly digest?: Digest;
  /** What an updated or pruned tag named before: the way back. */
  readonly previous?: Digest;
  readonly reason?: string;
  /** Which rule holds a blocked tag back. */
  readonly blocked?: BlockedItem['why'];
  /** When its last try began, and how long that took. */
  readonly startedAt?: string;
  readonly milliseconds?: number;
  readonly bytesMoved?: number;
  readonly bytesMounted?: number;
  readonly bytesPresent?: number;
  /** How often it was begun. */
  readonly passes?: number;
  /** What kind of failure held up a tag that was not reached, where that is known. */
  readonly failure?: FailureClass;
  readonly error?: Failure;
}

export interface ReportTotals {
  readonly copied: number;
  readonly updated: number;
  readonly same: number;
  readonly pruned: number;
  readonly blocked: number;
  readonly failed: number;
  /** Planned and not begun, or begun and not ended: the run was stopped, or its destination took no more. */
  readonly notReached: number;
  readonly bytesMoved: number;
  /** Bytes that did not have to move: mounted, shared or there already. */
  readonly bytesSaved: number;
  readonly requests: number;
  readonly milliseconds: number;
}

export interface HostAccount {
  readonly host: string;
  /** Every attempt counts, and redirects too. */
  readonly requests: number;
  /** GETs of manifests: what registries that count pulls count. */
  readonly manifestGets: number;
  /** Requests that change something; asking for a token is none. */
  readonly writes: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly waitedMilliseconds: number;
}
