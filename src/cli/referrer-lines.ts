import type { ReferrerNode } from '../compose/referrers.ts';
import { bytesText } from '../kit/quantity.ts';
import { safeText } from '../kit/text.ts';
import { shortDigest } from '../oci/digest.ts';
import type { Paint } from './terminal/colour.ts';

/** Referrers as a tree: `├─ application/spdx+json  sha256:…  12 kB`. */
export function referrerLines(nodes: readonly ReferrerNode[], paint: Paint, indent = ''): readonly string[] {
  return nodes.flatMap((node, index) => {
    const last = index === nodes.length - 1;
    const line = `${indent}${last ? '└─' : '├─'} ${textOf(node, paint)}`;
    return [line, ...referrerLines(node.referrers, paint, `${indent}${last ? '   ' : '│  '}`)];
  });
}

function textOf({ artifactType, mediaType, digest, size, tag }: ReferrerNode, paint: Paint): string {
  const kind = safeText(artifactType ?? mediaType);
  const known = tag === undefined ? '' : `  ${paint('dim', `tag …${tag.slice(tag.lastIndexOf('.'))}`)}`;
  return `${kind}  ${shortDigest(digest)}  ${bytesText(size)}${known}`;
}
