/** Asks whoever knows more of the two registries about each tag that would be moved. */
import type { RepositoryName, TagName } from '../../oci/names.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { BlockedItem, CopyItem, UpdateItem } from '../../plan/types.ts';
import type { Judge } from './world.ts';

export type ComparedItem = CopyItem | UpdateItem | BlockedItem;

export interface Judged {
  readonly items: readonly ComparedItem[];
  /** Tags whose former content is kept under another name first. */
  readonly keepBoth: ReadonlyMap<TagName, TagName>;
}

interface JudgedPlace {
  readonly registry: string;
  readonly repository: RepositoryName;
}

export async function judgeAll(
  items: readonly ComparedItem[],
  places: { readonly source: JudgedPlace; readonly destination: JudgedPlace },
  { judge, signal }: CallOptions & { readonly judge?: Judge | undefined },
): Promise<Judged> {
  const keepBoth = new Map<TagName, TagName>();
  if (judge === undefined) return { items, keepBoth };
  const judged: ComparedItem[] = [];
  for (const item of items) {
    if (item.action !== 'update') {
      judged.push(item);
      continue;
    }
    const { tag, target, digest, previous } = item;
    const judgement = await judge({ ...places, tag, target, digest, previous }, { signal });
    if (judgement.verdict === 'block') {
      judged.push({ action: 'blocked', tag, target, digest, previous, why: 'diverged', reason: judgement.reason });
      continue;
    }
    if (judgement.verdict === 'keep-both') keepBoth.set(target, judgement.under);
    judged.push(judgement.verdict === 'keep-both' ? { ...item, reason: judgement.reason } : item);
  }
  return { items: judged, keepBoth };
}
