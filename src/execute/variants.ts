import { supports } from '../oci/ports.ts';
import type { GraphNode } from './graph.ts';
import { isPartial, withoutLeftOut } from './platforms.ts';
import { forEachLive, type Target } from './target.ts';

/**
 * What each target gets when only some platforms are wanted: the index as it is, with children left out, where the place takes that,
 * so that its digest and signatures hold; else an index rewritten to list what is there, with a warning (decision on platforms).
 */
export async function chooseVariants(
  targets: readonly Target[],
  graph: GraphNode,
  warn: (code: string, message: string, subject?: string) => void,
): Promise<void> {
  const partial = isPartial(graph);
  await forEachLive(targets, async (target) => {
    const whole = !partial || (supports(target.place, 'sparse') && (await target.place.acceptsSparseIndexes(target)));
    target.root = whole ? graph : withoutLeftOut(graph);
    target.aimAt(target.root.content.descriptor.digest);
    if (whole) return;
    warn(
      'W_PLATFORMS_FILTERED',
      `${target.place.location} takes no index with children left out, so it gets one that lists the chosen platforms only. Its digest is ${target.root.content.descriptor.digest}, and signatures on the original index do not apply to it.`,
      target.place.location,
    );
  });
}
