import type { Digest } from '../oci/digest.ts';
import type { TranshipError } from '../oci/errors.ts';
import type { TagName } from '../oci/names.ts';
import type { Platform } from '../oci/platform.ts';
import type { ContentReader, ContentWriter } from '../oci/ports.ts';
import type { EventListener } from '../report/events.ts';
import type { Ledger } from './ledger.ts';

/** One source reference to any number of destinations, which share what is read. */
export interface CopyRequest {
  /** Names the copy in events. With several destinations, `id/1`, `id/2`, … name their parts. */
  readonly id: string;
  readonly source: ContentReader;
  /** A digest saves the request that resolves a tag, and the look at the end whether the tag moved. */
  readonly reference: TagName | Digest;
  readonly destinations: readonly CopyDestination[];
  readonly options?: CopyOptions;
  /** What this run knows of its destinations. One per run, so that copies share blobs and the bounds on what is in flight. */
  readonly ledger: Ledger;
  /**
   * A destination that stands still while others are done fails (`E_LEFT_BEHIND`): it will be tried again, by itself. Default false:
   * it is waited for until its host is given up.
   */
  readonly leavesBehind?: boolean;
  readonly emit: EventListener;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

export interface CopyDestination {
  readonly place: ContentWriter;
  /** What the manifest is called there. None: it is stored under its digest alone. */
  readonly tags: readonly TagName[];
  /**
   * What the first tag names there, where a plan or a listing has told already; `null` for nothing. Saves a request, and is
   * believed.
   */
  readonly observed?: Digest | null;
  /** Whether the repository has any tags, where a listing has told already. Saves a request. */
  readonly hasTags?: boolean | undefined;
  /** Names this part in events, instead of the request's `id` and a number. */
  readonly id?: string;
}

export interface CopyOptions {
  /**
   * Signatures, SBOMs, attestations, of the image and of each of its children, and what hangs on those:
   * - `always` (default): also where the tag is the same already;
   * - `changed`: only where the tag is written (decision "same");
   * - `never`.
   */
  readonly referrers?: 'always' | 'changed' | 'never';
  /** Only these of an index's children. Absent: all of them. */
  readonly platforms?: readonly Platform[];
  /** Send layers that are published under terms keeping them off other registries, where the source has their bytes. */
  readonly foreignLayers?: boolean;
  /** Ask the destination for the tag after the push, and the source whether its tag moved meanwhile. Default true. */
  readonly verify?: boolean;
  /** Look at everything and write nothing. */
  readonly dryRun?: boolean;
  /** The source's tags, where they are known, so that cosign's are found without a request. */
  readonly sourceTags?: ReadonlySet<TagName>;
}

export type CopyOutcome = CopySuccess | CopyFailure;

export interface CopySuccess {
  readonly ok: true;
  readonly id: string;
  /** What the tags name now; differs from the source's only where platforms were filtered. */
  readonly digest: Digest;
  readonly outcome: 'copied' | 'updated' | 'same';
  readonly previous?: Digest;
  readonly bytesMoved: number;
  readonly bytesMounted: number;
  readonly bytesPresent: number;
  readonly referrers: number;
}

export interface CopyFailure {
  readonly ok: false;
  readonly id: string;
  readonly error: TranshipError;
}

export interface CopyResult {
  /** What the source's reference named; absent where that could not be found out. */
  readonly digest?: Digest;
  /** One for each destination, in their order. */
  readonly outcomes: readonly CopyOutcome[];
}
