import { nextPageQuery } from '../http/next-page.ts';
import type { HttpAnswer } from '../http/types.ts';
import { TranshipError } from '../oci/errors.ts';
import type { CallOptions } from '../oci/ports.ts';
import type { Access } from './auth/access.ts';
import { refusal } from './errors.ts';
import type { Act } from './refusal-rules.ts';
import type { Wire } from './wire.ts';

/** One page's listing is not larger. */
const largestPage = 8 * 1024 * 1024;
const mostPages = 10_000;

/** A listing in pages. */
export interface Listing {
  readonly wire: Wire;
  readonly path: string;
  /** The first page's query. */
  readonly query: string;
  readonly access: Access;
  readonly act: Act;
  readonly subject: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The answers of a listing, page by page, each with status 200; none where `absent` says that the first answer means
 * an empty listing. Every page is asked for on the path of the first, which mends Artifactory's links: they leave out a part
 * of it. Throws `E_ENDLESS_LISTING` where a page names itself or an earlier one.
 */
export async function* pagesOf(
  listing: Listing,
  absent: (answer: HttpAnswer) => boolean,
  options: CallOptions = {},
): AsyncGenerator<HttpAnswer> {
  const seen = new Set<string>();
  let query: string | undefined = listing.query;
  while (query !== undefined) {
    if (seen.has(query) || seen.size >= mostPages) throw endless(listing, query);
    seen.add(query);
    const answer = await page(listing, query, options);
    if (answer.status !== 200) {
      if (seen.size === 1 && absent(answer)) return;
      throw refusal(answer, listing.act, listing.subject);
    }
    yield answer;
    query = nextPageQuery(answer);
  }
}

/** The body of a page, read as JSON. A page of HTML with status 200 is no listing; what begins like one and breaks off may pass. */
export function jsonOf(answer: HttpAnswer, listing: Listing): unknown {
  const text = answer.body.toString('utf8').replace(/^\uFEFF/, '');
  try {
    return JSON.parse(text);
  } catch {
    throw text.startsWith('{') ? damaged(answer, listing) : unreadable(answer, listing);
  }
}

function damaged(answer: HttpAnswer, { act, subject }: Listing): TranshipError {
  const { serverSaid = '' } = refusal(answer, act, subject);
  return new TranshipError('E_LISTING', 'temporary', 'The listing is damaged.', {
    subject,
    serverSaid,
    hint: 'The registry, or something on the way, cut it short or changed it: try again.',
  });
}

/** The answer to a listing is none, whatever its status said. */
export function unreadable(answer: HttpAnswer, { act, subject }: Listing): TranshipError {
  const { serverSaid = '' } = refusal(answer, act, subject);
  return new TranshipError('E_LISTING', 'failed', 'The registry answered with something that is no listing.', {
    subject,
    serverSaid,
    hint:
      act === 'list-referrers'
        ? 'A proxy or a login page may stand before the registry. Signatures and the like can be left behind: --no-referrers.'
        : 'A proxy or a login page may stand before the registry.',
  });
}

function page({ wire, path, access, headers }: Listing, query: string, options: CallOptions): Promise<HttpAnswer> {
  return wire.request({
    method: 'GET',
    to: path + query,
    access,
    bodyLimit: largestPage,
    ...(headers && { headers }),
    ...options,
  });
}

function endless({ subject }: Listing, query: string): TranshipError {
  return new TranshipError(
    'E_ENDLESS_LISTING',
    'failed',
    'The listing does not end: a page names itself or an earlier one as the next.',
    {
      subject,
      serverSaid: `Link to ${query.slice(0, 200)}`,
      hint: 'The listing would be incomplete, so nothing is decided by it. Report this to who runs the registry.',
    },
  );
}
