import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { TagName } from '../oci/names.ts';
import { type ContentReader, supports } from '../oci/ports.ts';
import { cosignTagsOf } from '../oci/referrers-tag.ts';
import { sideOf } from './failure.ts';
import type { Ledger } from './ledger.ts';
import { mostTagsForAttachments } from './limits.ts';

export interface CosignTag {
  readonly tag: TagName;
  readonly descriptor: Descriptor;
}

/** Finds the tags under which cosign keeps what belongs to a digest. */
export interface CosignTags {
  of(subject: Digest): Promise<readonly CosignTag[]>;
  /** Whether the source may have a tag; `false` where its listing shows that it has not. */
  mayHave(tag: TagName): Promise<boolean>;
}

export interface CosignTagsOptions {
  readonly source: ContentReader;
  readonly ledger: Ledger;
  /** The source's tags, where they are known already. */
  readonly tags?: ReadonlySet<TagName> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One short listing of the source answers for all its images; only where that is long or refused, each possible tag is asked for.
 */
export function cosignTags({ source, ledger, tags, signal }: CosignTagsOptions): CosignTags {
  const known = () => (tags ? Promise.resolve(tags) : ledger.remember(source, () => listSome(source, signal)));
  return {
    async of(subject) {
      const possible = cosignTagsOf(subject);
      const listed = await known();
      const candidates = listed ? possible.filter((tag) => listed.has(tag)) : possible;
      const found = await Promise.all(candidates.map((tag) => resolve(source, tag, signal)));
      return found.filter((entry) => entry !== undefined);
    },
    async mayHave(tag) {
      return (await known())?.has(tag) ?? true;
    },
  };
}

async function resolve(
  source: ContentReader,
  tag: TagName,
  signal: AbortSignal | undefined,
): Promise<CosignTag | undefined> {
  try {
    const descriptor = await source.resolve(tag, { signal });
    return descriptor && { tag, descriptor };
  } catch (error) {
    throw sideOf(error, 'source', `${source.location}:${tag}`);
  }
}

/** The source's tags, or `undefined` where there are too many, or none may be listed. */
async function listSome(
  source: ContentReader,
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<TagName> | undefined> {
  if (!supports(source, 'tags')) return undefined;
  const tags = new Set<TagName>();
  try {
    for await (const tag of source.listTags({ signal })) {
      tags.add(tag);
      if (tags.size > mostTagsForAttachments) return undefined;
    }
    return tags;
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}
