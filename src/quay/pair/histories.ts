/** Reads what tags named earlier, as cheaply as the number of tags allows. */
import { isDigest } from '../../oci/digest.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { QuayClient } from '../client.ts';
import { tagsOf } from '../pages.ts';
import type { Tag } from '../replies.ts';
import type { TagPeriod } from './divergence.ts';

/** For so many tags each is asked for by itself; for more the whole history is read, page by page. */
const fewTags = 8;

export interface HistoryOptions extends CallOptions {
  /** Milliseconds since the epoch: a tag that ends later is alive and will expire. */
  readonly now: number;
}

/** The histories of `tags`, newest period first. A tag that never was has an empty one. */
export async function historiesOf(
  quay: QuayClient,
  repository: string,
  tags: readonly string[],
  options: HistoryOptions,
): Promise<ReadonlyMap<string, readonly TagPeriod[]>> {
  const histories = new Map<string, TagPeriod[]>(tags.map((tag) => [tag, []]));
  const { signal, now } = options;
  const add = async (tag?: string) => {
    for await (const entry of tagsOf(quay, repository, { signal, onlyActive: false, ...(tag && { tag }) })) {
      const period = periodOf(entry, now);
      if (period !== undefined) histories.get(entry.name)?.push(period);
    }
  };
  if (tags.length > fewTags) await add();
  else for (const tag of tags) await add(tag);
  return histories;
}

function periodOf({ manifest_digest, start_ts, end_ts }: Tag, now: number): TagPeriod | undefined {
  if (!isDigest(manifest_digest)) return undefined;
  const hasEnded = typeof end_ts === 'number' && end_ts * 1000 <= now;
  return { digest: manifest_digest, from: start_ts ?? 0, ...(hasEnded && { until: end_ts }) };
}
