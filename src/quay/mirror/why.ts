/** Why a mirror's last run failed. Quay says so in its action logs and nowhere else. */
import type { z } from 'zod';
import { safeText } from '../../kit/text.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { QuayClient } from '../client.ts';
import { followed } from '../pages.ts';
import type { LogEntry } from '../replies.ts';
import { causeOf } from './cause.ts';

type Entry = z.infer<typeof LogEntry>;

export interface MirrorFailure {
  /** In words that a person understands. */
  readonly reason: string;
  /** Tags that did not come, the first few of them. */
  readonly tags: readonly string[];
  /** As the server wrote it. */
  readonly at: string;
}

/** 20 entries a page, a few for every tag: enough for the last run of a repository of some hundred tags. */
const mostEntries = 2000;
const mostTagsNamed = 10;
/** Days that are looked back over; Quay itself shows one unless told. */
const daysBack = 14;

/** The newest failed run of `repository`'s mirror, or `undefined` where the logs tell of none. */
export async function lastFailure(
  quay: QuayClient,
  repository: string,
  now: number,
  options: CallOptions = {},
): Promise<MirrorFailure | undefined> {
  let end: Entry | undefined;
  const failed: Entry[] = [];
  let seen = 0;
  for await (const entry of mirrorLogs(quay, repository, now, options)) {
    seen += 1;
    if (entry.kind === 'repo_mirror_sync_failed') end ??= entry;
    if (entry.kind === 'repo_mirror_sync_tag_failed' && end !== undefined) failed.push(entry);
    const began = entry.kind === 'repo_mirror_sync_started' && end !== undefined;
    if (began || seen >= mostEntries) break;
  }
  return end && describe(end, failed);
}

function mirrorLogs(quay: QuayClient, repository: string, now: number, options: CallOptions): AsyncIterable<Entry> {
  const starttime = slashDate(now - daysBack * 86_400_000);
  // The day after: Quay reads the end as the beginning of that day.
  const endtime = slashDate(now + 86_400_000);
  return followed(quay, `logs of ${repository}`, async (next) => {
    const page = await quay.call('listRepositoryLogs', {
      parameters: { repository },
      query: { starttime, endtime, next_page: next },
      ...options,
    });
    return { entries: page.logs, next: page.next_page };
  });
}

function describe(end: Entry, failed: readonly Entry[]): MirrorFailure {
  const [first = end] = failed;
  const words = `${textOf(first, 'stderr')} ${textOf(first, 'message')}`;
  const tags = failed.map((entry) => textOf(entry, 'tag')).filter((tag) => tag !== '');
  return { reason: causeOf(words), tags: tags.slice(0, mostTagsNamed), at: end.datetime };
}

function textOf({ metadata }: Entry, key: string): string {
  const value = metadata[key];
  return typeof value === 'string' ? safeText(value) : '';
}

/** `11/24/2026`, the only form that the logs' call reads. */
function slashDate(milliseconds: number): string {
  const [year = '', month = '', day = ''] = new Date(milliseconds).toISOString().slice(0, 10).split('-');
  return `${month}/${day}/${year}`;
}
