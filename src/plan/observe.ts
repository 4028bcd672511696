/**
 * Looks at a repository as cheaply as its registry allows: a listing with digests where there is one, else the names and a
 * HEAD for each tag that matters. Never a GET of a manifest.
 */
import { forEachBounded } from '../kit/bounded.ts';
import type { Digest } from '../oci/digest.ts';
import { isTranshipError } from '../oci/errors.ts';
import type { TagName } from '../oci/names.ts';
import { type CallOptions, type ContentReader, supports, type TagEntry, type TagLister } from '../oci/ports.ts';
import { keeping, refuseSilence, type Unanswered } from './unanswered.ts';

/** A repository, with a listing in bulk beside it where its registry has one. */
export interface ObservedPlace {
  readonly place: ContentReader & TagLister;
  readonly lister?: BulkLister | undefined;
}

/** Every tag as cheaply as the registry can tell: with digests where they cost nothing more, else names alone. */
export interface BulkLister {
  /** What it does not show is not there: an API of its own answers, which knows the repository. */
  readonly isCertain?: boolean;
  listTagsCheaply(options?: CallOptions): AsyncIterable<ListedTag>;
}

/** A tag of a listing; its digest only where the listing tells. */
export type ListedTag = { readonly tag: TagName; readonly digest?: Digest } & Partial<TagEntry>;

/** HEADs in flight for one repository. The transport bounds them per host beside. */
const headsInFlight = 64;

/** Every tag of a repository; empty where it does not exist. */
export async function listTags(observed: ObservedPlace, options: CallOptions = {}): Promise<readonly ListedTag[]> {
  const seen = new Set<TagName>();
  const listed: ListedTag[] = [];
  for await (const entry of tagsOf(observed, options)) {
    // A tag that was pushed while the pages were read may come twice; the first one counts, the newer in every listing.
    if (seen.has(entry.tag)) continue;
    seen.add(entry.tag);
    listed.push(entry);
  }
  return listed;
}

function tagsOf({ lister, place }: ObservedPlace, options: CallOptions): AsyncIterable<ListedTag> {
  if (lister !== undefined) return lister.listTagsCheaply(options);
  if (supports(place, 'digests')) return place.listTagsWithDigests(options);
  return named(place.listTags(options));
}

/**
 * What `tags` name now, put into `digests`. Tags without an entry name nothing, or stand in `unanswered`; without that, the
 * first failure is thrown.
 */
export async function resolveTags(
  place: Pick<ContentReader, 'resolve'>,
  tags: readonly TagName[],
  options: CallOptions = {},
  digests = new Map<TagName, Digest>(),
  unanswered?: Unanswered,
): Promise<Map<TagName, Digest>> {
  const ask = async (tag: TagName) => {
    const found = await place.resolve(tag, options);
    if (found !== undefined) digests.set(tag, alone(found.digest));
  };
  await forEachBounded(tags, headsInFlight, keeping(ask, unanswered));
  refuseSilence(tags, unanswered);
  return digests;
}

/** How source tags are looked for at a destination. */
export interface AtDestination {
  /** The name of a source's tag there. */
  targetOf(tag: TagName): TagName;
  /** What it names there unless something changed, as soon as that is known. */
  likely(tag: TagName): Promise<Digest | undefined>;
  /** Takes the tags that cannot be told. Without it the first failure is thrown. */
  readonly unanswered?: Unanswered | undefined;
}

/**
 * The digest in memory of its own. V8 keeps a piece of a longer text as a reference into it, so that each of a hundred
 * thousand digests would keep the whole head of the answer that it came with.
 */
function alone(digest: Digest): Digest {
  return Buffer.from(digest, 'latin1').toString('latin1') as Digest;
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
    const tags = new Map<TagName, Digest | undefined>();
    for await (const { tag, digest } of tagsOf(observed, options)) if (!tags.has(tag)) tags.set(tag, digest);
    return { complete: true, tags };
  } catch (error) {
    if (!isTranshipError(error) || (error.code !== 'E_UNSUPPORTED' && error.failure !== 'auth')) throw error;
    return unlisted;
  }
}

/** A destination that is asked tag by tag. */
export const unlisted: DestinationListing = { complete: false, tags: new Map() };

/**
 * The listing, unless it shows nothing where `probe` is: some registries have no listing and answer like one without the
 * repository. Taken for empty, everything there would be written again in every run, also what is not to be overwritten.
 */
export async function unlessBlind(
  listing: DestinationListing,
  { place, lister }: ObservedPlace,
  probe: TagName | undefined,
  options: CallOptions = {},
): Promise<DestinationListing> {
  if (!listing.complete || listing.tags.size > 0 || probe === undefined || lister?.isCertain === true) return listing;
  try {
    return (await place.resolve(probe, options)) === undefined ? listing : unlisted;
  } catch (error) {
    // Many registries answer so for a repository that does not exist.
    if (isTranshipError(error) && error.failure === 'auth') return listing;
    throw error;
  }
}

/**
 * What the `tags` of a source name at a destination, by their names there: by its listing where that tells, else by asking.
 * There may be entries of more tags.
 */
export async function resolveTargets(
  { place }: ObservedPlace,
  listing: DestinationListing,
  tags: readonly TagName[],
  options: CallOptions,
  at: AtDestination,
): Promise<ReadonlyMap<TagName, Digest | undefined>> {
  const unknown = tags.filter((tag) => {
    const target = at.targetOf(tag);
    return (!listing.complete || listing.tags.has(target)) && listing.tags.get(target) === undefined;
  });
  if (unknown.length === 0) return listing.tags;
  const known = new Map<TagName, Digest>();
  for (const [tag, digest] of listing.tags) if (digest !== undefined) known.set(tag, digest);
  const ask = listing.complete ? askEach : askWhereAllowed;
  const askOne = async (tag: TagName) => {
    const digest = await digestThere(place, tag, at, options);
    if (digest !== undefined) known.set(at.targetOf(tag), alone(digest));
  };
  await ask(unknown, keeping(askOne, at.unanswered));
  refuseSilence(tags, at.unanswered);
  return known;
}

async function digestThere(
  place: ContentReader,
  tag: TagName,
  { targetOf, likely }: AtDestination,
  options: CallOptions,
): Promise<Digest | undefined> {
  if (!supports(place, 'confirm')) return (await place.resolve(targetOf(tag), options))?.digest;
  return place.digestOf(targetOf(tag), await likely(tag), options);
}

type AskEach = (tags: readonly TagName[], ask: (tag: TagName) => Promise<void>) => Promise<void>;

const askEach: AskEach = (tags, ask) => forEachBounded(tags, headsInFlight, ask);

/**
 * A repository that does not exist yet, or that we may write and not read, is answered with 401 or 403 by many registries.
 * So that is taken for "nothing there", found out with one request, and the push decides.
 */
const askWhereAllowed: AskEach = async ([first, ...others], ask) => {
  if (first === undefined) return;
  try {
    await ask(first);
    await askEach(others, ask);
  } catch (error) {
    if (!isTranshipError(error) || error.failure !== 'auth') throw error;
  }
};

async function* named(tags: AsyncIterable<TagName>): AsyncGenerator<ListedTag> {
  for await (const tag of tags) yield { tag };
}
