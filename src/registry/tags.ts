import type { HttpAnswer } from '../http/types.ts';
import { isDigest } from '../oci/digest.ts';
import { TranshipError } from '../oci/errors.ts';
import { isTagName, type TagName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import { toRead } from './auth/access.ts';
import type { BlobPlace } from './blobs.ts';
import { listAt } from './json.ts';
import { jsonOf, type Listing, pagesOf, unreadable } from './pages.ts';

const mostTags = 500_000;

/**
 * Every tag of a repository, none twice; nothing where the repository does not exist. What is no tag is left out with a
 * warning, as Artifactory lists digests too.
 */
export async function* listTags(place: BlobPlace, options: CallOptions = {}): AsyncGenerator<TagName> {
  const seen = new Set<string>();
  for await (const answer of tagPages(place, options)) {
    const before = seen.size;
    for (const entry of entriesOf(answer.page, answer.listing)) {
      if (typeof entry !== 'string' || seen.has(entry)) continue;
      if (!isTagName(entry)) warnOfOddTag(place, entry);
      else {
        if (seen.size >= mostTags) throw tooMany(place);
        seen.add(entry);
        yield entry;
      }
    }
    if (seen.size === before && answer.page.headers.get('link') !== undefined) throw noProgress(place);
  }
}

interface TagPage {
  readonly page: HttpAnswer;
  readonly listing: Listing;
}

/** Asks for large pages, and for the registry's own size where it refuses the number (ECR above its bound, with 405). */
async function* tagPages(place: BlobPlace, options: CallOptions): AsyncGenerator<TagPage> {
  const { tagPageSize } = place.wire.abilities.now;
  let refusedSize = false;
  const absent = (answer: HttpAnswer) => {
    refusedSize = tagPageSize !== undefined && (answer.status === 400 || answer.status === 405);
    return refusedSize || answer.status === 404;
  };
  const listing = listingOf(place, tagPageSize);
  for await (const page of pagesOf(listing, absent, options)) yield { page, listing };
  if (!refusedSize) return;
  place.wire.abilities.downgrade('tagPageSize', undefined, `a page of ${tagPageSize} tags is refused`);
  const plain = listingOf(place, undefined);
  for await (const page of pagesOf(plain, ({ status }) => status === 404, options)) yield { page, listing: plain };
}

function listingOf({ wire, repository, location }: BlobPlace, size: number | undefined): Listing {
  return {
    wire,
    path: `/v2/${repository}/tags/list`,
    query: size === undefined ? '' : `?n=${size}`,
    access: toRead(repository),
    act: 'list-tags',
    subject: location,
  };
}

/** Nexus lists `null` among tags. */
function entriesOf(answer: HttpAnswer, listing: Listing): readonly unknown[] {
  const entries = listAt(jsonOf(answer, listing), 'tags');
  if (entries === undefined) throw unreadable(answer, listing);
  return entries;
}

function warnOfOddTag({ wire, location }: BlobPlace, entry: string): void {
  const what = isDigest(entry) ? 'digests' : 'names that are no tags';
  wire.warn('W_ODD_TAG', `The tag listing holds ${what}; they are left out.`, location);
}

function tooMany({ location }: BlobPlace): TranshipError {
  return new TranshipError('E_LIMIT', 'refused', `The repository has more than ${mostTags} tags.`, {
    subject: location,
  });
}

function noProgress({ location }: BlobPlace): TranshipError {
  return new TranshipError('E_ENDLESS_LISTING', 'failed', 'The tag listing goes on without naming a new tag.', {
    subject: location,
    hint: 'The listing would be incomplete, so nothing is decided by it. Report this to who runs the registry.',
  });
}
