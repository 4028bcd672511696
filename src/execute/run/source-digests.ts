/** The source's digests, asked for once for all destinations, and only for tags that one of them needs to compare. */
import { type Digest, isDigest } from '../../oci/digest.ts';
import type { RepositoryName, TagName } from '../../oci/names.ts';
import type { ContentReader } from '../../oci/ports.ts';
import { resolveTags } from '../../plan/observe.ts';
import type { PlanContext } from './plan-repository.ts';
import type { ChosenTag } from './source-tags.ts';
import type { StagePlanner } from './stage-plan.ts';

/** What the tags name at the source. Tags without an entry name nothing; there may be entries of more tags. */
export type SourceDigests = (tags: readonly TagName[]) => Promise<ReadonlyMap<TagName, Digest>>;

export function sourceDigests(
  planner: StagePlanner,
  repository: RepositoryName,
  chosen: readonly ChosenTag[],
  context: PlanContext,
): SourceDigests {
  const known = new Map<TagName, Digest>();
  for (const { tag, digest } of chosen) if (digest !== undefined) known.set(tag, digest);
  const asked = new Map<TagName, Promise<unknown>>();
  const { place } = context.world.source(planner.stage.from.registry, repository);
  const resolve: ContentReader['resolve'] = (tag, options) =>
    place.resolve(isDigest(tag) ? tag : (planner.pins.get(tag) ?? tag), options);
  return async (tags) => {
    const missing = tags.filter((tag) => !known.has(tag) && !asked.has(tag));
    const asking = resolveTags({ resolve }, missing, context, known);
    for (const tag of missing) asked.set(tag, asking);
    const others = new Set<Promise<unknown>>([asking]);
    for (const tag of tags) others.add(asked.get(tag) ?? asking);
    await Promise.all(others);
    return known;
  };
}
