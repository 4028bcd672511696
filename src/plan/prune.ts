/**
 * Which destination tags may go because the source no longer has them. Pure, and built so that no mistake of a listing, of
 * the journal or of a rule deletes what it should not (decision "prune"):
 *
 * - only tags that a complete listing of the source once held under the present rules, with the digest that the
 *   destination still has: what others pushed is not ours;
 * - only when two complete, non-empty listings at least `after` apart did not hold them;
 * - only what the present rules would take, were it there;
 * - never more than the cap, and never the last few;
 * - an attachment only together with its subject.
 *
 * The journal is a hint from earlier runs. Without it nothing is pruned: the waiting starts anew.
 */
import type { PruneConfig } from '../config/types.ts';
import { countText, durationText } from '../kit/quantity.ts';
import type { Digest } from '../oci/digest.ts';
import type { TagName } from '../oci/names.ts';
import { readAttachmentTag } from '../oci/referrers-tag.ts';
import type { PruneItem } from './types.ts';

/** What earlier complete listings of one repository pair told. Keys are names at the destination. */
export interface PruneJournal {
  readonly held: Readonly<Record<string, HeldTag>>;
  readonly gone: Readonly<Record<string, GoneTag>>;
}

export interface HeldTag {
  /** The tag's name at the source. */
  readonly tag: TagName;
  readonly digest: Digest;
}

export interface GoneTag extends HeldTag {
  /** When a complete listing first did not hold it; milliseconds since the epoch. */
  readonly since: number;
}

export const emptyJournal: PruneJournal = { held: {}, gone: {} };

export interface PruneView {
  readonly journal: PruneJournal;
  /** What the rules take at the source now, by its name at the destination. */
  readonly source: ReadonlyMap<TagName, HeldTag>;
  /** Every tag of the source, whatever the rules say. */
  readonly sourceTags: ReadonlySet<TagName>;
  /** Every tag of the destination; its digest where the listing told. */
  readonly destination: ReadonlyMap<TagName, Digest | undefined>;
  /** Whether the rules would take this source tag, were it there. */
  wouldTake(tag: TagName): boolean;
  readonly now: number;
}

export interface PrunePlan {
  readonly items: readonly PruneItem[];
  /** Gone long enough, and kept because of the cap. */
  readonly overCap: number;
  readonly journal: PruneJournal;
}

/** An incomplete or empty listing must not come here: the caller keeps the journal as it is. */
export function planPrune(view: PruneView, rules: PruneConfig): PrunePlan {
  const journal = advance(view);
  const ripe = Object.entries(journal.gone)
    .map(([target, gone]) => ({ target: target as TagName, gone }))
    .filter(({ target, gone }) => isRipe(target, gone, view, rules))
    .sort((one, other) => one.gone.since - other.gone.since || (one.target < other.target ? -1 : 1));
  const dying = withoutLivingSubjects(ripe, view);
  const allowed = Math.max(0, Math.min(capOf(rules, view.destination.size), view.destination.size - rules.keep));
  const chosen = withoutLivingSubjects(dying.slice(0, allowed), view);
  return {
    items: chosen.map(({ target, gone }) => ({
      action: 'prune',
      tag: gone.tag,
      target,
      previous: gone.digest,
      reason: `gone from the source for ${age(view.now - gone.since)}`,
    })),
    overCap: dying.length - chosen.length,
    journal,
  };
}

/** What the journal says after this listing. */
function advance({ journal, source, sourceTags, destination, now }: PruneView): PruneJournal {
  const gone: Record<string, GoneTag> = {};
  for (const [target, { tag, digest }] of Object.entries(journal.held)) {
    if (!sourceTags.has(tag)) gone[target] = { tag, digest, since: now };
  }
  for (const [target, earlier] of Object.entries(journal.gone)) {
    if (!sourceTags.has(earlier.tag)) gone[target] = earlier;
  }
  for (const target of Object.keys(gone)) if (!destination.has(target as TagName)) delete gone[target];
  return { held: Object.fromEntries(source), gone };
}

function isRipe(
  target: TagName,
  gone: GoneTag,
  { destination, source, wouldTake, now }: PruneView,
  rules: PruneConfig,
): boolean {
  if (source.has(target) || now - gone.since < rules.afterMs) return false;
  const digest = destination.get(target);
  // Without digests in the listing, whoever carries this out asks before it deletes.
  if (digest !== undefined && digest !== gone.digest) return false;
  return wouldTake(gone.tag);
}

interface Ripe {
  readonly target: TagName;
  readonly gone: GoneTag;
}

/**
 * A signature's tag goes only with the last tag of what it signs. Whether an untagged subject lives as a child of some index
 * cannot be told from a listing, so an attachment whose subject is not dying in this very run stays.
 */
function withoutLivingSubjects(ripe: readonly Ripe[], { destination }: PruneView): readonly Ripe[] {
  const dying = new Set(ripe.map(({ target }) => target));
  const subjects = new Set(
    ripe.filter(({ target }) => readAttachmentTag(target) === undefined).map(({ gone }) => gone.digest),
  );
  const living = new Set([...destination].filter(([tag]) => !dying.has(tag)).map(([, digest]) => digest));
  return ripe.filter(({ target }) => {
    const attachment = readAttachmentTag(target);
    if (attachment === undefined) return true;
    const { subject } = attachment;
    return subject !== undefined && subjects.has(subject) && !living.has(subject) && !living.has(undefined);
  });
}

function capOf({ max }: PruneConfig, tags: number): number {
  return 'count' in max ? max.count : Math.floor((tags * max.percent) / 100);
}

const hour = 60 * 60 * 1000;

function age(milliseconds: number): string {
  const hours = Math.floor(milliseconds / hour);
  if (hours >= 24) return countText(Math.floor(hours / 24), 'day');
  return hours >= 1 ? countText(hours, 'hour') : durationText(milliseconds);
}
