import type { CopyOptions, CopyOutcome } from '../execute/copy.ts';
import { copyImage } from '../execute/copy-image.ts';
import type { Digest } from '../oci/digest.ts';
import type { TagName } from '../oci/names.ts';
import { parsePlatform } from '../oci/platform.ts';
import { formatReference, type Reference } from '../oci/reference.ts';
import type { CopyInput } from './copy.ts';
import { type Place, pinned } from './place.ts';
import type { Session } from './session.ts';

/** One source reference on its way to its destinations, for which it is read once. */
export interface CopyTask {
  readonly source: Place;
  readonly reference: TagName | Digest;
  readonly from: Reference;
  readonly to: readonly Destination[];
  /** All tags of the source, where they are known. */
  readonly tags?: ReadonlySet<TagName>;
}

export interface Destination {
  readonly name: string;
  readonly reference: Reference;
  readonly place: Place;
  /** Its tags, where they are known. */
  readonly tags?: ReadonlySet<TagName> | undefined;
}

/** What became of one source reference at one destination. */
export interface CopiedItem {
  readonly source: string;
  readonly destination: string;
  /** The destination by digest; absent where nothing got there. */
  readonly reference?: string;
  readonly outcome: CopyOutcome;
}

/** Destinations by the names that items and messages have for them. */
export function pairs(references: readonly Reference[], places: readonly Place[]): readonly Destination[] {
  return references.map((reference, index) => {
    const place = places[index];
    if (place === undefined) throw new Error('a destination without a place');
    return { name: formatReference(reference), reference, place };
  });
}

/** Copies one reference. Never rejects for what happens at a registry: the outcomes tell. */
export async function copyReference(
  session: Session,
  input: CopyInput,
  task: CopyTask,
): Promise<readonly CopiedItem[]> {
  const source = formatReference(task.from);
  const { outcomes } = await copyImage({
    id: source,
    source: task.source,
    reference: task.reference,
    destinations: task.to.map((destination) => ({ ...aimed(destination), id: `${source} → ${destination.name}` })),
    options: optionsOf(input, task.tags),
    ledger: session.ledger,
    leavesBehind: true,
    emit: session.emit,
    now: () => session.clock.wall(),
    signal: input.signal,
  });
  return task.to.map(({ name, reference }, index) => {
    const outcome = outcomes[index];
    if (outcome === undefined) throw new Error('a destination without an outcome');
    return {
      source,
      destination: name,
      ...(outcome.ok && {
        reference: input.allTags
          ? formatReference({ ...reference, digest: outcome.digest })
          : pinned(reference, outcome.digest),
      }),
      outcome,
    };
  });
}

/** A tag that the destination's listing does not show need not be asked for. */
function aimed({ reference: { tag }, place, tags }: Destination) {
  const isNew = tag !== undefined && tags !== undefined && !tags.has(tag);
  return {
    place,
    tags: tag === undefined ? [] : [tag],
    ...(isNew && { observed: null }),
    ...(tags !== undefined && { hasTags: tags.size > 0 }),
  };
}

function optionsOf(input: CopyInput, tags: ReadonlySet<TagName> | undefined): CopyOptions {
  return {
    referrers: input.referrers === false ? 'never' : 'always',
    ...(input.platforms?.length && { platforms: input.platforms.map(parsePlatform) }),
    ...(input.foreignLayers && { foreignLayers: true }),
    ...(input.dryRun && { dryRun: true }),
    ...(tags && { sourceTags: tags }),
  };
}
