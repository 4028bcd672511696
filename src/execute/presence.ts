import { AdaptiveLimiter } from '../kit/limiter.ts';
import type { Digest } from '../oci/digest.ts';
import type { GraphNode } from './graph.ts';
import { requestsInFlight } from './limits.ts';
import type { Target } from './target.ts';

/**
 * Which manifests under `roots` the target lacks. A manifest that is there vouches for what is below it, because registries take none
 * without; where that proves wrong, pushing heals it.
 */
export async function absentManifests(target: Target, roots: readonly GraphNode[]): Promise<ReadonlySet<Digest>> {
  const absent = new Set<Digest>();
  const asked = new Map<Digest, Promise<void>>();
  const limiter = new AdaptiveLimiter(requestsInFlight);

  const visit = (node: GraphNode): Promise<void> => {
    const { digest } = node.content.descriptor;
    const known = asked.get(digest);
    if (known) return known;
    const asking = look(node, digest);
    asked.set(digest, asking);
    return asking;
  };
  const look = async (node: GraphNode, digest: Digest): Promise<void> => {
    if (target.repository.holds(digest)) return;
    if (target.novelty === 'existing' && (await isThere(digest))) {
      target.repository.note(digest);
      return target.emit({ type: 'manifest-finished', digest, outcome: 'present' });
    }
    absent.add(digest);
    await Promise.all(node.children.map(visit));
  };
  const isThere = async (digest: Digest): Promise<boolean> => {
    const release = await limiter.acquire({ signal: target.signal });
    try {
      return (await target.place.resolve(digest, { signal: target.signal })) !== undefined;
    } finally {
      release();
    }
  };

  await Promise.all(roots.map(visit));
  return absent;
}
