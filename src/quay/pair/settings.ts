/** What repositories on both sides show the world: visibility and description. Compared from the listings alone. */
import { call, type QuayChange, update } from '../declared/change.ts';
import { differences } from '../declared/match.ts';
import type { RepositoryEntry } from '../replies.ts';
import type { Inventory } from './inventory.ts';

/**
 * The changes that make the destination's repositories look like the source's. A repository in another state than NORMAL is
 * its mirror's business or its administrator's, and is left as it is.
 */
export function settingsThatDiffer(wanted: Inventory, there: Inventory): readonly QuayChange[] {
  return [...wanted].flatMap(([repository, from]) => {
    const to = there.get(repository);
    return to === undefined || (to.state ?? 'NORMAL') !== 'NORMAL' ? [] : changeOf(repository, from, to);
  });
}

function changeOf(repository: string, from: RepositoryEntry, to: RepositoryEntry): readonly QuayChange[] {
  const visibility = visibilityOf(from);
  const description = from.description ?? '';
  const seen = differences({ visibility: [visibility, visibilityOf(to)] });
  // Descriptions are texts of many lines: that they differ is enough.
  const described = description === (to.description ?? '') ? [] : ['description differs'];
  if (seen.length + described.length === 0) return [];
  return [
    update(`repository ${repository}`, [...seen, ...described].join(', '), [
      ...(seen.length > 0 ? [call('changeVisibility', { repository }, { visibility })] : []),
      ...(described.length > 0 ? [call('describeRepository', { repository }, { description })] : []),
    ]),
  ];
}

/** `undefined` where the listing does not tell: then nothing is compared. */
function visibilityOf({ is_public }: RepositoryEntry): 'public' | 'private' | undefined {
  return is_public === undefined ? undefined : is_public ? 'public' : 'private';
}
