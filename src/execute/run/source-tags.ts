/** Which tags of a source repository a stage takes, found out with one listing for all destinations. */
import type { StageConfig } from '../../config/types.ts';
import type { RepositoryName, TagName } from '../../oci/names.ts';
import { readAttachmentTag } from '../../oci/referrers-tag.ts';
import { type ListedTag, listTags } from '../../plan/observe.ts';
import { withPins } from '../../select/pins.ts';
import { guardTags, type Selection } from '../../select/tags.ts';
import type { PlanContext } from './plan-repository.ts';
import type { SourceListing } from './repository-work.ts';
import type { StagePlanner } from './stage-plan.ts';

/** What of a listed tag is needed once it is chosen. */
export type ChosenTag = Pick<ListedTag, 'tag' | 'digest' | 'size'>;

export interface SelectedTags {
  readonly tags: readonly ChosenTag[];
  /** Absent where the rules name their tags. */
  readonly source?: SourceListing;
  readonly warnings: readonly string[];
}

/** Throws what listing throws, and where the rules take too few tags or too many. */
export async function selectAtSource(
  planner: StagePlanner,
  repository: RepositoryName,
  context: PlanContext,
): Promise<SelectedTags> {
  const { stage, exact, pins } = planner;
  if (exact !== undefined && stage.prune === undefined) return { tags: exact.map((tag) => ({ tag })), warnings: [] };
  const source = context.world.source(stage.from.registry, repository);
  const listed = withPins(await listTags(source, context), pins);
  const now = context.now();
  const selection = planner.select(listed, { now });
  const failure = guardTags(selection, stage.tags, source.place.location);
  if (failure) throw failure.at('source', source.place.location);
  return {
    tags: chosenOf(listed, selection, stage),
    source: { tags: new Set(listed.map(({ tag }) => tag)), ...(stage.prune && taking(planner, listed, now)) },
    warnings: selection.warnings.map(({ message }) => message),
  };
}

function chosenOf(listed: readonly ListedTag[], { decisions }: Selection, stage: StageConfig): readonly ChosenTag[] {
  const chosen: ChosenTag[] = [];
  listed.forEach((entry, at) => {
    if (decisions[at]?.kept && travels(entry.tag, stage.referrers !== 'never')) chosen.push(withoutTimes(entry));
  });
  return chosen;
}

/** A referrers' fallback tag without a subject that can be told (sha512) is made anew by whoever pushes the referrers. */
function travels(tag: TagName, attachments: boolean): boolean {
  const attachment = readAttachmentTag(tag);
  if (attachment === undefined) return true;
  return attachments && (attachment.kind !== 'referrers' || attachment.subject !== undefined);
}

/** Of a hundred thousand tags, the times are a third of what would be held until all of them are compared. */
function withoutTimes(entry: ListedTag): ChosenTag {
  if (entry.digest === undefined) return { tag: entry.tag };
  const { tag, digest, size } = entry;
  return size === undefined ? { tag, digest } : { tag, digest, size };
}

function taking({ select }: StagePlanner, listed: readonly ListedTag[], now: number): Pick<SourceListing, 'take'> {
  return {
    take: (tags) => {
      if (tags.length === 0) return new Set();
      return new Set(select([...listed, ...tags.map((tag) => ({ tag }))], { now }).kept);
    },
  };
}
