/**
 * Tags at a destination that got an index of some platforms only, because it takes none with children left out (decision
 * "platforms"). Such a tag names another digest than the source's, and is the same all the same.
 */
import type { StageConfig } from '../../config/types.ts';
import { eachBounded } from '../../kit/bounded.ts';
import type { Digest } from '../../oci/digest.ts';
import type { RepositoryName } from '../../oci/names.ts';
import { parsePlatform } from '../../oci/platform.ts';
import { type ContentReader, supports } from '../../oci/ports.ts';
import type { Difference } from '../../plan/compare.ts';
import { filteredDigest } from '../filtered-digest.ts';
import type { PlanContext } from './plan-repository.ts';

/**
 * What became of indexes whose platforms were chosen. It follows from the index and the choice alone, so what was found out
 * once holds for good, for every destination. A hint: without it the index is read again.
 */
export interface FilteredIndexes {
  find(index: Digest, platforms: string): Digest | undefined;
  note(index: Digest, platforms: string, filtered: Digest): void;
}

/** A choice of platforms as a key: the order in which they are written means nothing. */
export function choiceOf({ platforms }: StageConfig): string {
  return platforms === 'all' ? platforms : platforms.toSorted().join(',');
}

interface FilteredPlace {
  readonly stage: StageConfig;
  readonly repository: RepositoryName;
  readonly place: ContentReader;
  readonly context: PlanContext;
}

const looksInFlight = 16;

/** Takes from the updates those whose destination tag names just what would be written there. */
export async function settleFiltered(compared: Difference, where: FilteredPlace): Promise<Difference> {
  const updates = compared.items.filter((item) => item.action === 'update');
  if (where.stage.platforms === 'all' || updates.length === 0) return compared;
  if (supports(where.place, 'sparse') && (await where.place.acceptsSparseIndexes(where.context))) return compared;
  const aims = await eachBounded(updates, looksInFlight, ({ digest }) => aimOf(digest, where));
  const settled = new Set(updates.filter(({ previous }, at) => aims[at] === previous));
  const isSettled = (item: Difference['items'][number]) => item.action === 'update' && settled.has(item);
  return {
    items: compared.items.filter((item) => !isSettled(item)),
    same: [
      ...compared.same,
      ...[...settled].map(({ tag, target, digest, previous }) => ({ tag, target, digest, there: previous })),
    ],
  };
}

/** What a destination gets for an index of the source; `undefined` where that is not known and is not to be read. */
async function aimOf(index: Digest, { stage, repository, context }: FilteredPlace): Promise<Digest | undefined> {
  if (stage.platforms === 'all') return index;
  const known = context.filtered?.find(index, choiceOf(stage));
  if (known !== undefined || context.looksInto?.(stage) === false) return known;
  const { place } = context.world.source(stage.from.registry, repository);
  const found = await filteredDigest(place, index, stage.platforms.map(parsePlatform), context);
  if (found !== undefined && found !== index) context.filtered?.note(index, choiceOf(stage), found);
  return found;
}
