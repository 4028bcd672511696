/** What differs between the two sides of a repository pair. Pure. */
import type { Digest } from '../oci/digest.ts';
import type { TagName } from '../oci/names.ts';
import { readAttachmentTag } from '../oci/referrers-tag.ts';
import type { BlockedItem, CopyItem, UpdateItem } from './types.ts';

/** A source tag that is wanted, and its name at the destination. */
export interface Wanted {
  readonly tag: TagName;
  readonly target: TagName;
  readonly digest: Digest;
  /** Bytes, where the listing told. */
  readonly size?: number;
  /**
   * What the destination's tag names, where that is another digest for the same: the index with fewer platforms, or its own list of
   * referrers.
   */
  readonly there?: Digest;
  /** The destination keeps this list of referrers by itself, and has no tag for it. */
  readonly untagged?: true;
}

export interface CompareRules {
  /** Whether a tag that names something else may be moved. */
  readonly overwrite: boolean;
  /** Tags that do not change once they are there. */
  isImmutable(tag: TagName): boolean;
}

export interface Difference {
  readonly items: readonly (CopyItem | UpdateItem | BlockedItem)[];
  readonly same: readonly Wanted[];
}

export function compareTags(
  wanted: Iterable<Wanted>,
  destination: ReadonlyMap<TagName, Digest | undefined>,
  rules: CompareRules,
): Difference {
  const items: (CopyItem | UpdateItem | BlockedItem)[] = [];
  const same: Wanted[] = [];
  for (const one of wanted) {
    const previous = destination.get(one.target);
    if (previous === one.digest) same.push(one);
    else items.push(previous === undefined ? copyOf(one) : changeOf(one, previous, rules));
  }
  return { items, same };
}

function copyOf({ tag, target, digest, size }: Wanted): CopyItem {
  return {
    action: 'copy',
    tag,
    target,
    digest,
    reason: 'new',
    ...(size !== undefined && { bytes: { total: size, toMove: size } }),
  };
}

function changeOf({ tag, target, digest }: Wanted, previous: Digest, rules: CompareRules): UpdateItem | BlockedItem {
  if (rules.isImmutable(target)) {
    return {
      action: 'blocked',
      tag,
      target,
      digest,
      previous,
      why: 'immutable',
      reason: 'immutable at the destination with other content',
    };
  }
  if (!rules.overwrite) {
    return {
      action: 'blocked',
      tag,
      target,
      digest,
      previous,
      why: 'no-overwrite',
      reason: 'names something else, and overwrite is off',
    };
  }
  const reason = readAttachmentTag(tag) === undefined ? 'moved at the source' : 'attachments changed at the source';
  return { action: 'update', tag, target, digest, previous, reason };
}
