/** What a run sees of the world. The composition root joins the edges to it; tests hand in memory stores. */

import type { Digest } from '../../oci/digest.ts';
import type { RepositoryName, TagName } from '../../oci/names.ts';
import type { CallOptions, ContentReader, ContentWriter, Deleter, TagLister } from '../../oci/ports.ts';
import type { BulkLister } from '../../plan/observe.ts';

export interface SyncWorld {
  /** Opens a repository of a configured registry; the same object each time. Nothing is asked of it yet. */
  source(registry: string, repository: RepositoryName): SyncPlace<ContentReader & TagLister>;
  destination(registry: string, repository: RepositoryName): SyncPlace<ContentWriter & TagLister & Partial<Deleter>>;
  /** The repositories of a registry: below `namespaces` where these are given, else all that it shows. */
  repositories(
    registry: string,
    namespaces: readonly string[] | undefined,
    options?: CallOptions,
  ): AsyncIterable<RepositoryName>;
  /** Makes a repository by the registry's own API, with its namespace or project where that is missing too. */
  createRepository(
    registry: string,
    repository: RepositoryName,
    wishes: RepositoryWishes,
    options?: CallOptions,
  ): Promise<void>;
  /** How many more images may be pulled from a registry that counts pulls; `undefined` where nothing is counted. */
  pullsLeft?(registry: string, options?: CallOptions): Promise<PullQuota | undefined>;
}

export interface SyncPlace<Place> {
  readonly place: Place;
  /** Tags with digests in bulk, where the registry has such a listing. */
  readonly lister?: BulkLister | undefined;
}

export interface RepositoryWishes {
  readonly visibility?: 'private' | 'public';
  readonly description?: string;
}

export interface PullQuota {
  readonly limit: number;
  readonly remaining: number;
  /** When the whole of it is there again, in milliseconds since the epoch; where the registry tells. */
  readonly renewsAt?: number;
}

/** What is thought of moving a destination tag, by someone who knows more of the two registries. */
export type Judgement =
  | { readonly verdict: 'move' }
  | { readonly verdict: 'block'; readonly reason: string }
  /** What the tag names is kept under another tag, then the tag is moved. */
  | { readonly verdict: 'keep-both'; readonly under: TagName; readonly reason: string };

export interface JudgedChange {
  readonly source: { readonly registry: string; readonly repository: RepositoryName };
  readonly destination: { readonly registry: string; readonly repository: RepositoryName };
  readonly tag: TagName;
  readonly target: TagName;
  readonly digest: Digest;
  readonly previous: Digest;
}

/** Asked for every tag that both sides have with different digests, before anything is planned. */
export type Judge = (change: JudgedChange, options: CallOptions) => Promise<Judgement>;
