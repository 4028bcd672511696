import { nextPageQuery } from '../http/next-page.ts';
import type { HttpAnswer } from '../http/types.ts';
import { eachBounded } from '../kit/bounded.ts';
import { TranshipError } from '../oci/errors.ts';
import { endless } from './errors.ts';

const mostPages = 10_000;

/** What messages call a listing. */
export interface Named {
  /** `The listing of tags` */
  readonly what: string;
  readonly subject: string;
}

/**
 * The answers of a listing whose `Link` names the next page. Throws `E_ENDLESS_LISTING` where a page names itself or an earlier
 * one.
 */
export async function* linkedPages(
  firstQuery: string,
  read: (query: string) => Promise<HttpAnswer>,
  { what, subject }: Named,
): AsyncGenerator<HttpAnswer> {
  const seen = new Set<string>();
  let query: string | undefined = firstQuery;
  while (query !== undefined) {
    if (seen.has(query) || seen.size >= mostPages) throw endless(what, subject);
    seen.add(query);
    const answer: HttpAnswer = await read(query);
    yield answer;
    query = nextPageQuery(answer);
  }
}

export interface NumberedPage<Entry> {
  readonly entries: readonly Entry[];
  /** How many entries there are in all, where the server says. */
  readonly total: number | undefined;
}

export interface NumberedListing<Entry> extends Named {
  /** Reads page `number`, counted from 1. */
  read(number: number): Promise<NumberedPage<Entry>>;
  keyOf(entry: Entry): string;
}

/** Pages asked for at the same time, once the first one said how many there are. */
const pagesAtOnce = 4;

/** Readings of a listing that changes while it is read. */
const mostReadings = 3;

/**
 * Every entry of a listing in numbered pages. Entries move from page to page when something is pushed or removed meanwhile, so
 * that one may come twice and another never. So a reading counts only when no entry came twice and there are as many as every
 * page says; else the listing is read again. Throws `E_LISTING` where no reading counts.
 */
export async function numberedEntries<Entry>(listing: NumberedListing<Entry>): Promise<readonly Entry[]> {
  for (let reading = 0; reading < mostReadings; reading += 1) {
    const pages = await onePass(listing);
    const entries = pages.flatMap((page) => page.entries);
    const unique = new Set(entries.map((entry) => listing.keyOf(entry)));
    const asCounted = pages.every(({ total }) => total === undefined || total === entries.length);
    if (asCounted && unique.size === entries.length) return entries;
  }
  throw new TranshipError('E_LISTING', 'temporary', `${listing.what} changed each time it was read.`, {
    subject: listing.subject,
  });
}

async function onePass<Entry>(listing: NumberedListing<Entry>): Promise<readonly NumberedPage<Entry>[]> {
  const first = await listing.read(1);
  if (first.entries.length === 0) return [first];
  const rest = first.total === undefined ? await untilEmpty(listing) : await counted(listing, first, first.total);
  return [first, ...rest];
}

/** A server may give fewer a page than it was asked for. */
async function counted<Entry>(
  listing: NumberedListing<Entry>,
  { entries }: NumberedPage<Entry>,
  total: number,
): Promise<readonly NumberedPage<Entry>[]> {
  if (entries.length >= total) return [];
  const pages = Math.ceil(total / entries.length);
  if (pages > mostPages) throw endless(listing.what, listing.subject);
  const numbers = Array.from({ length: pages - 1 }, (_, index) => index + 2);
  return eachBounded(numbers, pagesAtOnce, (number) => listing.read(number));
}

/** Where nothing is counted, the first empty page is the end. */
async function untilEmpty<Entry>(listing: NumberedListing<Entry>): Promise<readonly NumberedPage<Entry>[]> {
  const pages: NumberedPage<Entry>[] = [];
  while (pages.length < mostPages) {
    const page = await listing.read(pages.length + 2);
    if (page.entries.length === 0) return pages;
    pages.push(page);
  }
  throw endless(listing.what, listing.subject);
}
