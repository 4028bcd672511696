/** The account of one run, as plain data; published with a schema. Times RFC 3339, sizes bytes, durations milliseconds. */
import type { Digest } from '../oci/digest.ts';
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
  readonly items: readonly ReportItem[];
  readonly totals: ReportTotals;
  readonly hosts: readonly HostAccount[];
  readonly warnings: readonly { readonly code: string; readonly message: string; readonly subject?: string }[];
}

/** One tag at one destination. */
export interface ReportItem {
  readonly stage: string;
  readonly source: string;
  readonly destination: string;
  readonly outcome: 'copied' | 'updated' | 'same' | 'pruned' | 'blocked' | 'failed' | 'not-reached';
  readonly digest?: Digest;
  /** What an updated or pruned tag named before: the way back. */
  readonly previous?: Digest;
  readonly reason?: string;
  readonly startedAt?: string;
  readonly milliseconds?: number;
  readonly bytesMoved?: number;
  readonly bytesMounted?: number;
  readonly bytesPresent?: number;
  /** How many passes it took. */
  readonly passes?: number;
  readonly error?: Failure;
}

export interface ReportTotals {
  readonly copied: number;
  readonly updated: number;
  readonly same: number;
  readonly pruned: number;
  readonly blocked: number;
  readonly failed: number;
  readonly bytesMoved: number;
  /** Bytes that did not have to move: mounted, shared or there already. */
  readonly bytesSaved: number;
  readonly requests: number;
  readonly milliseconds: number;
}

export interface HostAccount {
  readonly host: string;
  readonly requests: number;
  readonly manifestGets: number;
  readonly writes: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly waitedMilliseconds: number;
}
