/**
 * Reads listings to their end. Quay answers an invalid or expired `next_page` with the first page again, so a page seen
 * before ends the reading with an error instead of running for ever; a cut listing must never look complete.
 */
import { TranshipError } from '../oci/errors.ts';
import type { CallOptions } from '../oci/ports.ts';
import type { QuayClient } from './client.ts';
import type { RepositoryEntry, Tag } from './replies.ts';

/** 100 entries a page: a million repositories or tags. */
const mostPages = 10_000;

/** A page may be empty when all that it would show is hidden from the token; so many of them are a server gone astray. */
const mostEmptyPages = 100;

/** Quay's own limit for a page of tags. */
const tagsPerPage = 100;

export interface TagQuery extends CallOptions {
  /** Leaves out tags that were moved away, expired or deleted. Default true. */
  readonly onlyActive?: boolean;
  readonly tag?: string;
}

/** Every repository of `namespace` that the token may see. */
export async function* repositoriesOf(
  client: QuayClient,
  namespace: string,
  options: CallOptions & { readonly public?: boolean } = {},
): AsyncGenerator<RepositoryEntry> {
  const pages = followed(client, 'repositories', async (next) => {
    const page = await client.call('listRepositories', {
      query: { namespace, next_page: next, ...(options.public === true ? { public: true } : {}) },
      signal: options.signal,
    });
    return { entries: page.repositories, next: page.next_page };
  });
  yield* withoutRepeats(client, pages, (entry) => `${entry.namespace}/${entry.name}`);
}

/** Every tag of `repository` (`namespace/name`), newest first, as the tag API shows it. */
export async function* tagsOf(client: QuayClient, repository: string, options: TagQuery = {}): AsyncGenerator<Tag> {
  let before: string | undefined;
  for (let number = 1; number <= mostPages; number += 1) {
    const page = await client.call('listTags', {
      parameters: { repository },
      query: {
        limit: tagsPerPage,
        page: number,
        onlyActiveTags: options.onlyActive ?? true,
        specificTag: options.tag,
      },
      signal: options.signal,
    });
    const now = JSON.stringify(page.tags);
    if (page.tags.length > 0 && now === before)
      throw brokenListing(client, `tags of ${repository}`, 'a page was the same as the one before it');
    before = now;
    yield* page.tags;
    if (!page.has_additional) return;
    if (page.tags.length === 0)
      throw brokenListing(client, `tags of ${repository}`, 'a page was empty though more are announced');
  }
  throw brokenListing(client, `tags of ${repository}`, `more than ${mostPages} pages`);
}

interface Page<Entry> {
  readonly entries: readonly Entry[];
  readonly next: string | null | undefined;
}

/** Follows `next_page` from page to page. */
export async function* followed<Entry>(
  client: QuayClient,
  what: string,
  read: (next: string | undefined) => Promise<Page<Entry>>,
): AsyncGenerator<Entry> {
  let next: string | undefined;
  let empty = 0;
  for (let number = 0; number < mostPages; number += 1) {
    const page = await read(next);
    yield* page.entries;
    if (page.next === undefined || page.next === null || page.next === '') return;
    if (page.next === next) throw brokenListing(client, what, 'a page named itself as the next one');
    empty = page.entries.length === 0 ? empty + 1 : 0;
    if (empty > mostEmptyPages) throw brokenListing(client, what, `${empty} pages in a row held nothing`);
    next = page.next;
  }
  throw brokenListing(client, what, `more than ${mostPages} pages`);
}

async function* withoutRepeats<Entry>(
  client: QuayClient,
  entries: AsyncIterable<Entry>,
  keyOf: (entry: Entry) => string,
): AsyncGenerator<Entry> {
  const seen = new Set<string>();
  for await (const entry of entries) {
    const key = keyOf(entry);
    if (seen.has(key))
      throw brokenListing(client, 'repositories', `${key} came twice: the listing started again at its first page`);
    seen.add(key);
    yield entry;
  }
}

function brokenListing(client: QuayClient, what: string, why: string): TranshipError {
  return new TranshipError('E_QUAY_LISTING', 'temporary', `Listing the ${what} did not come to an end: ${why}`, {
    subject: client.server,
    hint: 'Run it again. Nothing was decided from the incomplete listing.',
  });
}
