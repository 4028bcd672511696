/**
 * Looks at a repository as cheaply as its registry allows: a listing with digests where there is one, else the names and a
 * HEAD for each tag that matters. Never a GET of a manifest.
 */
import { eachBounded } from '../kit/bounded.ts';
import type { Digest } from '../oci/digest.ts';
import { isTranshipError } from '../oci/errors.ts';
import type { TagName } from '../oci/names.ts';
import { type CallOptions, type ContentReader, supports, type TagEntry, type TagLister } from '../oci/ports.ts';

/** A repository, with a listing in bulk beside it where its registry has one. */
export interface ObservedPlace {
  readonly place: ContentReader & TagLister;
  readonly lister?: BulkLister | undefined;
}

/** Every tag as cheaply as the registry can tell: with digests where they cost nothing more, else names alone. */
export interface BulkLister {
  listTagsCheaply(options?: CallOptions): AsyncIterable<ListedTag>;
}

/** A tag of a listing; its digest only where the listing tells. */
export type ListedTag = { readonly tag: TagName; readonly digest?: Digest } & Partial<TagEntry>;

/** HEADs in flight for one repository. The transport bounds them per host beside. */
const headsInFlight = 64;

/** Every tag of a repository; empty where it does not exist. */
export async function listTags(observed: ObservedPlace, options: CallOptions = {}): Promise<readonly ListedTag[]> {
  const { lister, place } = observed;
  if (lister !== undefined) return unique(lister.listTagsCheaply(options));
  if (supports(place, 'digests')) return unique(place.listTagsWithDigests(options));
  return unique(named(place.listTags(options)));
}

/** What `tags` name now, put into `digests`. Tags without an entry name nothing. */
export async function resolveTags(
  place: Pick<ContentReader, 'resolve'>,
  tags: readonly TagName[],
  options: CallOptions = {},
  digests = new Map<TagName, Digest>(),
): Promise<ReadonlyMap<TagName, Digest>> {
  await eachBounded(tags, headsInFlight, async (tag) => {
    const found = await place.resolve(tag, options);
    if (found !== undefined) digests.set(tag, found.digest);
  });
  return digests;
}

/** The tags at a destination, for comparing. */
export interface DestinationListing {
  /** Whether a listing could be had: without one every tag is asked for. */
  readonly complete: boolean;
  readonly tags: ReadonlyMap<TagName, Digest | undefined>;
}

/**
 * The destination's tags. A destination that does not let us list is no failure: each tag is then asked for by itself, as
 * any registry allows that can be pushed to.
 */
export async function listDestination(observed: ObservedPlace, options: CallOptions = {}): Promise<DestinationListing> {
  try {
    const listed = await listTags(observed, options);
    const tags = new Map<TagName, Digest | undefined>();
    for (const { tag, digest } of listed) tags.set(tag, digest);
    return { complete: true, tags };
  } catch (error) {
    if (!isTranshipError(error) || (error.code !== 'E_UNSUPPORTED' && error.failure !== 'auth')) throw error;
    return { complete: false, tags: new Map() };
  }
}

/** What the `targets` name at a destination, by its listing where that tells, else by asking. */
export async function resolveTargets(
  observed: ObservedPlace,
  listing: DestinationListing,
  targets: readonly TagName[],
  options: CallOptions = {},
): Promise<ReadonlyMap<TagName, Digest>> {
  const unknown = targets.filter(
    (tag) => (listing.complete ? listing.tags.has(tag) : true) && listing.tags.get(tag) === undefined,
  );
  const ask = listing.complete ? resolveTags : resolveWhereAllowed;
  const asked = await ask(observed.place, unknown, options);
  const known = new Map(asked);
  for (const tag of targets) {
    const digest = listing.tags.get(tag);
    if (digest !== undefined) known.set(tag, digest);
  }
  return known;
}

/**
 * A repository that does not exist yet, or that we may write and not read, is answered with 401 or 403 by many registries.
 * So that is taken for "nothing there", found out with one request, and the push decides.
 */
async function resolveWhereAllowed(
  place: ContentReader,
  tags: readonly TagName[],
  options: CallOptions,
): Promise<ReadonlyMap<TagName, Digest>> {
  const [first, ...others] = tags;
  if (first === undefined) return new Map();
  try {
    const [one, rest] = [await resolveTags(place, [first], options), await resolveTags(place, others, options)];
    return new Map([...one, ...rest]);
  } catch (error) {
    if (!isTranshipError(error) || error.failure !== 'auth') throw error;
    return new Map();
  }
}

/** A tag that was pushed while the pages were read may come twice; the first one counts, the newer in every listing. */
async function unique(entries: AsyncIterable<ListedTag>): Promise<readonly ListedTag[]> {
  const seen = new Map<TagName, ListedTag>();
  for await (const entry of entries) if (!seen.has(entry.tag)) seen.set(entry.tag, entry);
  return [...seen.values()];
}

async function* named(tags: AsyncIterable<TagName>): AsyncGenerator<ListedTag> {
  for await (const tag of tags) yield { tag };
}
