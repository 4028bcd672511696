/**
 * What a repository really holds, found out over the wire by the plainest requests: every tag, everything below it, and
 * everything that refers to any of it, each by the digest of the bytes that came.
 */
import { sha256, type TestDescriptor } from './content.ts';
import { type RawAnswer, send, type Target } from './push.ts';

export interface Observed {
  /** Tag to digest. Tags of the referrers tag schema are left out: they stand for the referrers API. */
  readonly tags: Readonly<Record<string, string>>;
  /** Digest of each manifest that was reached to the digests that refer to it. */
  readonly referrers: Readonly<Record<string, readonly string[]>>;
  /** Every manifest and blob that was reached and is there. */
  readonly present: readonly string[];
  /** What is named but not there. Empty where everything is complete. */
  readonly missing: readonly string[];
}

const accepted = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

interface Document {
  readonly config?: TestDescriptor;
  readonly layers?: readonly (TestDescriptor & { readonly urls?: readonly string[] })[];
  readonly manifests?: readonly TestDescriptor[] | null;
}

/** Follows every tag, or only `wanted`. */
export async function observe(target: Target, repository: string, wanted?: readonly string[]): Promise<Observed> {
  const walk: Walk = { target, repository, referrers: {}, present: new Set(), missing: new Set() };
  const tags: Record<string, string> = {};
  for (const tag of wanted ?? (await listTags(target, repository))) {
    if (/^sha256-[0-9a-f]{64}$/.test(tag)) continue;
    const answer = await getManifest(walk, tag);
    if (answer.status !== 200) {
      walk.missing.add(`tag ${tag}`);
      continue;
    }
    tags[tag] = sha256(answer.body);
    await visit(walk, sha256(answer.body));
  }
  return { tags, referrers: walk.referrers, present: [...walk.present].sort(), missing: [...walk.missing].sort() };
}

interface Walk {
  readonly target: Target;
  readonly repository: string;
  readonly referrers: Record<string, readonly string[]>;
  readonly present: Set<string>;
  readonly missing: Set<string>;
}

async function visit(walk: Walk, digest: string): Promise<void> {
  if (walk.present.has(digest)) return;
  const answer = await getManifest(walk, digest);
  if (answer.status !== 200 || sha256(answer.body) !== digest) {
    walk.missing.add(digest);
    return;
  }
  walk.present.add(digest);
  const { config, layers = [], manifests } = JSON.parse(answer.body.toString()) as Document;
  for (const blob of [...(config ? [config] : []), ...layers.filter((layer) => !layer.urls)])
    await visitBlob(walk, blob);
  for (const child of manifests ?? []) await visit(walk, child.digest);
  const referring = await listReferrers(walk, digest);
  if (referring.length > 0) walk.referrers[digest] = referring;
  for (const referrer of referring) await visit(walk, referrer);
}

async function visitBlob(walk: Walk, blob: TestDescriptor): Promise<void> {
  if (walk.present.has(blob.digest)) return;
  const answer = await send(walk.target, `/v2/${walk.repository}/blobs/${blob.digest}`, { method: 'HEAD' });
  const found = answer.status === 200 || answer.status === 307;
  (found ? walk.present : walk.missing).add(blob.digest);
}

function getManifest({ target, repository }: Walk, reference: string): Promise<RawAnswer> {
  return send(target, `/v2/${repository}/manifests/${reference}`, { headers: { accept: accepted } });
}

async function listReferrers(walk: Walk, digest: string): Promise<string[]> {
  const api = await send(walk.target, `/v2/${walk.repository}/referrers/${digest}`);
  const answer = api.status === 200 ? api : await getManifest(walk, digest.replace(':', '-'));
  if (answer.status !== 200) return [];
  const { manifests } = JSON.parse(answer.body.toString()) as Document;
  return (manifests ?? []).map((each) => each.digest).sort();
}

export async function listTags(target: Target, repository: string): Promise<string[]> {
  const tags: string[] = [];
  for (let path: string | undefined = `/v2/${repository}/tags/list?n=500`; path !== undefined; ) {
    const answer: RawAnswer = await send(target, path);
    if (answer.status === 404) return [];
    if (answer.status !== 200) throw new Error(`listing ${repository}: ${answer.status} ${answer.body.toString()}`);
    tags.push(...((JSON.parse(answer.body.toString()) as { tags: string[] | null }).tags ?? []));
    path = /<([^>]+)>;\s*rel="?next"?/.exec(String(answer.headers.link ?? ''))?.[1];
  }
  return tags.sort();
}
