import type { TagRules } from '../config/types.ts';
import type { Digest } from '../oci/digest.ts';
import type { TagName } from '../oci/names.ts';
import type { Candidate } from './rule.ts';

/** Tags that the rules give a content of their own: `v1@sha256:…` is that content, whatever the source's `v1` names now. */
export type Pins = ReadonlyMap<TagName, Digest>;

export function pinsOf({ include }: TagRules): Pins {
  const pins = new Map<TagName, Digest>();
  for (const { pattern, digest } of include)
    if (digest !== undefined && pattern !== undefined && 'name' in pattern) pins.set(pattern.name as TagName, digest);
  return pins;
}

/**
 * A source's listing as the rules mean it: pinned tags are there, even where the source has none of their names, and what it
 * says of such a name is not what they stand for.
 */
export function withPins<Listed extends Candidate>(
  listing: readonly Listed[],
  pins: Pins,
): readonly (Listed | Candidate)[] {
  if (pins.size === 0) return listing;
  return [...listing.filter(({ tag }) => !pins.has(tag)), ...[...pins.keys()].map((tag) => ({ tag }))];
}
