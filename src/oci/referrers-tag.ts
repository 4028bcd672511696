import { algorithmOf, type Digest, encodedOf, parseDigest } from './digest.ts';
import { parseTagName, type TagName } from './names.ts';

/** The suffixes under which cosign keeps what belongs to an image, beside it in the same repository. */
const cosignKinds = ['sig', 'att', 'sbom'] as const;

export type CosignKind = (typeof cosignKinds)[number];

/** A tag that exists because of another manifest. */
export interface AttachmentTag {
  readonly kind: CosignKind | 'referrers';
  /** Whose it is. Absent for a fallback tag of a sha512 digest, whose second half the tag leaves out. */
  readonly subject?: Digest;
}

/**
 * The tag that lists a subject's referrers where a registry has no referrers API: `<algorithm>-<hex>`, cut to 32 and 64
 * characters (distribution-spec, "Referrers Tag Schema").
 */
export function fallbackTagOf(subject: Digest): TagName {
  return tag(`${algorithmOf(subject)}-${encodedOf(subject).slice(0, 64)}`);
}

/** The tags where cosign would keep signatures, attestations and SBOMs. None for sha512: they would be too long for a tag. */
export function cosignTagsOf(subject: Digest): readonly TagName[] {
  if (algorithmOf(subject) !== 'sha256') return [];
  return cosignKinds.map((kind) => tag(`sha256-${encodedOf(subject)}.${kind}`));
}

const grammar = /^(sha256|sha512)-([0-9a-f]{64})(?:\.(sig|att|sbom))?$/;

/** What `name` is attached to, or `undefined` for an ordinary tag. */
export function readAttachmentTag(name: TagName): AttachmentTag | undefined {
  const [, algorithm, hex, kind] = grammar.exec(name) ?? [];
  if (algorithm === undefined) return undefined;
  const subject = parseDigest(`${algorithm}:${hex}`);
  return { kind: (kind as CosignKind | undefined) ?? 'referrers', ...(subject && { subject }) };
}

function tag(text: string): TagName {
  const name = parseTagName(text);
  if (name === undefined) throw new Error(`a digest made the tag ${text}`);
  return name;
}
