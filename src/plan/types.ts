/**
 * The plan: what differs and what will be done about it, as plain data. It can be saved, read by a person, applied later
 * and cut into shards. Stable order: stages as configured, repositories and tags as their source lists them.
 */
import type { Digest } from '../oci/digest.ts';
import type { TagName } from '../oci/names.ts';
import type { Failure } from '../report/events.ts';

export interface Plan {
  readonly apiVersion: 'tranship/v1';
  readonly kind: 'Plan';
  /** RFC 3339. */
  readonly createdAt: string;
  /** Where the intent came from: a configuration's path, `tags.csv`, the command line. */
  readonly intent: string;
  readonly repositories: readonly RepositoryPlan[];
  readonly totals: PlanTotals;
}

/** One source repository to one destination repository in one stage. */
export interface RepositoryPlan {
  readonly stage: string;
  readonly source: PlannedPlace;
  readonly destination: PlannedPlace;
  /** What is to be done or stands in the way. Tags that are the same are only counted. */
  readonly items: readonly PlanItem[];
  readonly same: number;
  /** Tags that an immutable pattern answered without asking. */
  readonly trusted: number;
  /** The destination repository does not exist; it will be created where the configuration says so, else by the push. */
  readonly absent?: boolean;
  readonly create?: boolean;
  readonly warnings: readonly string[];
  /** What cannot be done for single tags and is known before anything is tried, such as a named tag that the source does not have. */
  readonly failedTags?: readonly FailedTag[];
  /** Listing or guarding this repository failed: nothing of it is planned, and the run is not a success. */
  readonly failure?: Failure;
}

export interface FailedTag {
  /** At the source. */
  readonly tag: TagName;
  /** At the destination. */
  readonly target: TagName;
  readonly failure: Failure;
}

export interface PlannedPlace {
  /** The registry's key in the configuration, or its host where there is no configuration. */
  readonly registry: string;
  /** How people see it: `registry.example.com/apps/api`, `oci:./dir`. */
  readonly location: string;
  readonly repository: string;
}

export type PlanItem = CopyItem | UpdateItem | PruneItem | BlockedItem;

interface OfTag {
  /** The tag at the destination. */
  readonly target: TagName;
  /** Why, in words for a person: `new`, `moved at the source`, `gone from the source for 9 days`. */
  readonly reason: string;
}

interface Transfer extends OfTag {
  readonly tag: TagName;
  /** What the source tag named when it was observed. Copying is by this digest. */
  readonly digest: Digest;
  /** Bytes, where they are known without a counted pull. */
  readonly bytes?: TransferBytes;
}

export interface TransferBytes {
  readonly total: number;
  /** After what is shared, mounted or there already. */
  readonly toMove: number;
  /** Layers and configurations, where they were looked at: all, and those that move. */
  readonly blobs?: { readonly total: number; readonly toMove: number };
}

export interface CopyItem extends Transfer {
  readonly action: 'copy';
}

export interface UpdateItem extends Transfer {
  readonly action: 'update';
  /** What the destination tag names and will no longer name. */
  readonly previous: Digest;
}

export interface PruneItem extends OfTag {
  readonly action: 'prune';
  /** Its name at the source, where it was seen there. */
  readonly tag?: TagName;
  readonly previous: Digest;
}

/** Reported, never touched. */
export interface BlockedItem extends OfTag {
  readonly action: 'blocked';
  readonly tag: TagName;
  readonly digest: Digest;
  readonly previous: Digest;
  readonly why: 'immutable' | 'diverged' | 'no-overwrite';
}

export interface PlanTotals {
  readonly copy: number;
  readonly update: number;
  readonly prune: number;
  readonly blocked: number;
  readonly same: number;
  readonly failed: number;
  /** Bytes of everything to copy where known, and what of it will move. */
  readonly bytes?: TransferBytes;
  /** Requests that observing cost, by host. */
  readonly requests: Readonly<Record<string, number>>;
  /** Further requests that applying will cost, estimated, and how many of them a registry counts as pulls. */
  readonly expected: { readonly requests: number; readonly countedPulls: number };
}
