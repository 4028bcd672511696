import { eachBounded } from '../kit/bounded.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { parseManifest } from '../oci/manifest.ts';
import type { TagName } from '../oci/names.ts';
import { formatPlatform } from '../oci/platform.ts';
import type { CallOptions } from '../oci/ports.ts';
import { parseReference } from '../oci/reference.ts';
import { cosignTagsOf } from '../oci/referrers-tag.ts';
import { type Place, selectorOf } from './place.ts';
import type { Session } from './session.ts';

/** A manifest that refers to another, and what refers to it in turn. */
export interface ReferrerNode {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly size: number;
  readonly annotations: Readonly<Record<string, string>>;
  /** cosign's tag, where it is known by that. */
  readonly tag?: TagName;
  readonly referrers: readonly ReferrerNode[];
}

export interface ReferrerTree {
  readonly apiVersion: 'tranship/v1';
  readonly kind: 'Referrers';
  readonly reference: string;
  readonly digest: Digest;
  readonly referrers: readonly ReferrerNode[];
  /** An index's children that something refers to. */
  readonly children: readonly ReferredChild[];
}

interface ReferredChild {
  readonly digest: Digest;
  /** `linux/amd64`; absent where the index does not say. */
  readonly platform?: string;
  readonly referrers: readonly ReferrerNode[];
}

/** As deep as a copy follows them. */
const deepest = 5;
const parallelReads = 8;

export async function referrerTree(
  session: Session,
  text: string,
  options: CallOptions & { readonly artifactType?: string | undefined } = {},
): Promise<ReferrerTree> {
  const reference = parseReference(text);
  const place = await session.open(reference, 'read', options);
  const { descriptor, bytes } = await place.fetchManifest(await selectorOf(place, reference, options), options);
  const manifest = parseManifest(bytes, descriptor.mediaType);
  const { artifactType } = options;
  const wanted = (nodes: readonly ReferrerNode[]) =>
    artifactType === undefined ? nodes : nodes.filter((node) => node.artifactType === artifactType);
  const children = await eachBounded(
    manifest.kind === 'index' ? manifest.children : [],
    parallelReads,
    async (child) => ({
      digest: child.digest,
      ...(child.platform !== undefined && { platform: formatPlatform(child.platform) }),
      referrers: wanted(await findReferrers(place, child.digest, options)),
    }),
  );
  return {
    apiVersion: 'tranship/v1',
    kind: 'Referrers',
    reference: text,
    digest: descriptor.digest,
    referrers: wanted(await findReferrers(place, descriptor.digest, options)),
    children: children.filter(({ referrers }) => referrers.length > 0),
  };
}

/** What refers to `subject`, by the referrers API, the fallback tag and cosign's tags, level by level. */
export async function findReferrers(
  place: Place,
  subject: Digest,
  options: CallOptions = {},
  seen: ReadonlySet<Digest> = new Set(),
): Promise<readonly ReferrerNode[]> {
  if (seen.size >= deepest || seen.has(subject)) return [];
  const [listed, tagged] = await Promise.all([
    place.listReferrers(subject, options),
    cosignReferrers(place, subject, options),
  ]);
  const below = new Set([...seen, subject]);
  const fresh = [...listed.map((descriptor) => ({ descriptor })), ...tagged];
  return eachBounded(fresh, parallelReads, async ({ descriptor, ...known }) => ({
    ...nodeOf(descriptor),
    ...known,
    referrers: await findReferrers(place, descriptor.digest, options, below),
  }));
}

async function cosignReferrers(place: Place, subject: Digest, options: CallOptions) {
  const found = await Promise.all(
    cosignTagsOf(subject).map(async (tag) => {
      const descriptor = await place.resolve(tag, options);
      return descriptor === undefined ? [] : [{ tag, descriptor: await described(place, descriptor, options) }];
    }),
  );
  return found.flat();
}

/** A tag's descriptor says less than a referrers list does: the rest stands in the manifest. */
async function described(place: Place, descriptor: Descriptor, options: CallOptions): Promise<Descriptor> {
  const { bytes } = await place.fetchManifest(descriptor.digest, options);
  const manifest = parseManifest(bytes, descriptor.mediaType);
  if (manifest.kind !== 'image') return descriptor;
  const artifactType = manifest.artifactType ?? manifest.layers[0]?.mediaType;
  return { ...descriptor, size: bytes.length, ...(artifactType !== undefined && { artifactType }) };
}

function nodeOf({ digest, mediaType, artifactType, size, annotations }: Descriptor): Omit<ReferrerNode, 'referrers'> {
  return {
    digest,
    mediaType,
    size,
    annotations: annotations ?? {},
    ...(artifactType !== undefined && { artifactType }),
  };
}
