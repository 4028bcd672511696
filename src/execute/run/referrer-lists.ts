/**
 * Tags that list what refers to a manifest, where a registry has no better way to keep that (distribution-spec, "Referrers Tag
 * Schema"). Who writes such a list orders and words it as he likes, and a registry that keeps the referrers itself has none:
 * so the lists are not compared, but what they list.
 */
import type { StageConfig } from '../../config/types.ts';
import { eachBounded } from '../../kit/bounded.ts';
import { isTranshipError } from '../../oci/errors.ts';
import type { RepositoryName } from '../../oci/names.ts';
import { type ContentReader, supports } from '../../oci/ports.ts';
import { readAttachmentTag } from '../../oci/referrers-tag.ts';
import type { Difference, Wanted } from '../../plan/compare.ts';
import { holdsReferrers } from '../../plan/referrers.ts';
import type { PlanContext } from './plan-repository.ts';

interface ListsPlace {
  readonly stage: StageConfig;
  readonly repository: RepositoryName;
  readonly place: ContentReader;
  readonly context: PlanContext;
}

const looksInFlight = 16;

/** Takes from the differences the lists of which the destination has every entry. */
export async function settleLists(compared: Difference, where: ListsPlace): Promise<Difference> {
  const lists = compared.items.filter(({ tag }) => readAttachmentTag(tag)?.kind === 'referrers');
  if (lists.length === 0 || where.context.looksInto?.(where.stage) === false) return compared;
  const held = await eachBounded(lists, looksInFlight, (item) => isHeld(item, where));
  const settled = new Set<Difference['items'][number]>(lists.filter((_, at) => held[at]));
  return {
    items: compared.items.filter((item) => !settled.has(item)),
    same: [...compared.same, ...[...settled].map(sameAs)],
  };
}

async function isHeld({ tag }: Difference['items'][number], where: ListsPlace): Promise<boolean> {
  const { stage, repository, place, context } = where;
  const subject = readAttachmentTag(tag)?.subject;
  const source = context.world.source(stage.from.registry, repository).place;
  if (subject === undefined || !supports(source, 'referrers') || !supports(place, 'referrers')) return false;
  try {
    return await holdsReferrers(source, place, subject, context);
  } catch (error) {
    context.signal?.throwIfAborted();
    if (!isTranshipError(error)) throw error;
    // It stays a difference, and who goes on to copy the referrers hears why that does not go.
    return false;
  }
}

function sameAs(item: Difference['items'][number]): Wanted {
  const { tag, target, digest } = item;
  return { tag, target, digest, ...('previous' in item ? { there: item.previous } : { untagged: true }) };
}
