/**
 * What registries can tell beyond the distribution specification: tags with digests in bulk, which repositories there are,
 * how many pulls are left; and how a repository is made where that needs an API.
 *
 * {@link Listing} is what the composition root takes from this room, {@link ListingDeps} what it hands in.
 */
import type { RegistryKind } from '../config/types.ts';
import type { HttpAnswer, HttpClient } from '../http/types.ts';
import type { Clock } from '../kit/clock.ts';
import type { Secret } from '../kit/secret.ts';
import type { CredentialSource } from '../oci/credential.ts';
import type { RepositoryName, TagName } from '../oci/names.ts';
import type { CallOptions, ContentReader, DigestLister, TagEntry, TagLister } from '../oci/ports.ts';
import type { EventListener } from '../report/events.ts';
import type { QuayCalls } from './quay-calls.ts';

/** A tag of a listing; its digest where the listing tells. */
export interface ListedTag extends Partial<TagEntry> {
  readonly tag: TagName;
  /** RFC 3339. When the tag first came to be, where the listing tells. */
  readonly createdAt?: string;
}

/**
 * The tags of one repository. Both ways fall back by themselves where the registry refuses its bulk listing: with one
 * warning, never with a GET of a manifest, never with a write.
 */
export interface TagListing extends DigestLister {
  /** As cheap as can be: where the bulk listing is refused, or leaves one out, names come without digests. */
  listTagsCheaply(options?: CallOptions): AsyncIterable<ListedTag>;
}

/** What one registry can tell. Made by `listingFor`; nothing is asked before the first use. */
export interface Listing {
  readonly kind: RegistryKind | undefined;
  /**
   * The repository's tags with digests in bulk. `undefined` where this kind of registry has no such listing: the plain
   * listing and a HEAD for each tag that matters cost least then.
   */
  tags(repository: RepositoryName): TagListing | undefined;
  /** The repositories: those below `namespaces` where these are given, else all that the registry shows; none twice. */
  repositories(namespaces: readonly string[] | undefined, options?: CallOptions): AsyncIterable<RepositoryName>;
  /**
   * Makes a repository, with its namespace, organisation or project where that is missing too. Nothing happens where it
   * is there, and where the registry makes it with the first push. Throws `E_UNSUPPORTED` where it has to be made by means
   * that this program does not have.
   */
  createRepository(repository: RepositoryName, wishes?: RepositoryWishes, options?: CallOptions): Promise<void>;
  /** How many more images may be pulled; `undefined` where nothing is counted. Costs no pull. */
  pullsLeft(options?: CallOptions): Promise<PullQuota | undefined>;
}

export interface RepositoryWishes {
  /** Default: private. */
  readonly visibility?: 'private' | 'public';
  readonly description?: string;
}

export interface PullQuota {
  readonly limit: number;
  readonly remaining: number;
  /** The time that `limit` is for, in milliseconds; where the registry tells. It is a sliding one. */
  readonly windowMs?: number;
}

/** One thing that a token may do, in the token protocol's words. */
export interface TokenScope {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

/** A request to the registry's own host, authorised by its token service for `scopes`. Compose makes it of the registry's wire. */
export interface RegistryRequest extends CallOptions {
  readonly method: 'GET' | 'HEAD';
  /** Path and query below the registry's root: `/acr/v1/apps/api/_tags?n=100`. */
  readonly path: string;
  /** Whose credential is used; absent for the whole registry. */
  readonly repository: RepositoryName | undefined;
  readonly scopes: readonly TokenScope[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly bodyLimit?: number;
}

export interface ListingDeps {
  /** `host[:port]` as it stands in references. */
  readonly host: string;
  readonly http: HttpClient;
  readonly credentials: CredentialSource;
  readonly clock: Clock;
  /** Hears the warning when a listing is refused. */
  readonly emit: EventListener;
  /** Asks the registry itself, with tokens of its own token service. Any status is an answer. */
  readonly ask: (request: RegistryRequest) => Promise<HttpAnswer>;
  /** The repository by the distribution specification: what is fallen back to. */
  readonly open: (repository: RepositoryName) => ContentReader & TagLister;
  /** The registry's catalog, for kinds without a discovery of their own. */
  readonly catalog: (options?: CallOptions) => AsyncIterable<RepositoryName>;
  /** The configuration's `api`, its secret read. */
  readonly api?: { readonly url?: URL; readonly token?: Secret } | undefined;
  /** Quay's calls; without them a Quay is listed like any other registry. */
  readonly quay?: QuayCalls | undefined;
}

/** What one kind of registry can do; each part is optional. Refusals are thrown, the fallback is not theirs. */
export interface Adapter {
  readonly kind: RegistryKind;
  /** The listing's host is not the registry's own, so that its being throttled or gone says nothing about the registry. */
  readonly standsElsewhere?: boolean;
  /** Every tag, or an error: never a part of them. */
  listTags?(repository: RepositoryName, options: CallOptions): Promise<readonly ListedTag[]>;
  listRepositories?(namespace: string | undefined, options: CallOptions): AsyncIterable<RepositoryName>;
  createRepository?(repository: RepositoryName, wishes: RepositoryWishes, options: CallOptions): Promise<void>;
  pullsLeft?(options: CallOptions): Promise<PullQuota | undefined>;
}
