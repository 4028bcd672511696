/**
 * What is copied together: one manifest of a source repository, under all the tags and to all the destinations that want it.
 * So it is read once, whoever wants it and whatever it is called there.
 */
import type { Digest } from '../../oci/digest.ts';
import type { TagName } from '../../oci/names.ts';
import { readAttachmentTag } from '../../oci/referrers-tag.ts';
import type { CopyItem, UpdateItem } from '../../plan/types.ts';
import type { RepositoryWork } from './repository-work.ts';

export interface CopyGroup {
  readonly digest: Digest;
  readonly parts: readonly GroupPart[];
}

export interface GroupPart {
  readonly work: RepositoryWork;
  readonly item: CopyItem | UpdateItem | SameItem;
}

/** A tag that is the same and is looked at only for what refers to it. */
export interface SameItem {
  readonly action: 'same';
  readonly tag: TagName;
  readonly target: TagName;
  readonly digest: Digest;
  /** What the destination's tag names, where that is the index with fewer platforms. */
  readonly there?: Digest;
}

export interface CopyGroups {
  readonly images: CopyGroup[];
  /** What hangs on other images comes after these, when most of it is there. */
  readonly attached: CopyGroup[];
}

/** `works` are of one source repository. With `same`, tags that are the same are visited too, for their referrers. */
export function groupsOf(works: readonly RepositoryWork[], { same }: { readonly same: boolean }): CopyGroups {
  const groups = new Map<Digest, GroupPart[]>();
  for (const work of works) {
    for (const item of itemsOf(work, same)) {
      const digest = subjectOf(item);
      const parts = groups.get(digest);
      if (parts) parts.push({ work, item });
      else groups.set(digest, [{ work, item }]);
    }
  }
  const sorted: CopyGroups = { images: [], attached: [] };
  for (const [digest, parts] of groups) {
    const isAttached = parts.every(({ item }) => readAttachmentTag(item.tag) !== undefined);
    (isAttached ? sorted.attached : sorted.images).push({ digest, parts });
  }
  return sorted;
}

/** Whether a tag only lists what refers to a manifest: then that manifest's referrers are copied, never the list itself. */
export function listsReferrers(tag: TagName): boolean {
  return readAttachmentTag(tag)?.kind === 'referrers';
}

function* itemsOf({ plan, same }: RepositoryWork, visitsSame: boolean): Generator<GroupPart['item']> {
  for (const item of plan.items) if (item.action === 'copy' || item.action === 'update') yield item;
  if (!visitsSame) return;
  for (const one of same) if (readAttachmentTag(one.tag) === undefined) yield { action: 'same', ...one };
}

function subjectOf({ tag, digest }: GroupPart['item']): Digest {
  const attachment = readAttachmentTag(tag);
  return attachment?.kind === 'referrers' && attachment.subject !== undefined ? attachment.subject : digest;
}
