import type { Digest } from '../../oci/digest.ts';
import type { Differences } from '../difference.ts';

/**
 * A rule that gives a digest a tag at the destination. Content without a tag is thrown away by registries that collect garbage,
 * Quay among them, so a digest that had none gets one.
 */
export function pinnedTag(digest: Digest, tag?: string): string {
  return `${tag ?? ownTag(digest)}@${digest}`;
}

export function tellPins(where: string, count: number, differences: Differences): void {
  const what = count === 1 ? 'a digest gets' : `${count} digests get`;
  differences.changed(where, `${what} a tag of its own (digest-…), because registries throw away what has none`);
}

/** `digest-0a1b2c3d4e5f` */
function ownTag(digest: Digest): string {
  return `digest-${digest.slice(digest.indexOf(':') + 1).slice(0, 12)}`;
}
