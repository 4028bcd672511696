import type { Descriptor } from '../oci/descriptor.ts';
import { algorithmOf, type Digest, digestOf, isDigest } from '../oci/digest.ts';
import { isTagName, type RepositoryName, type TagName } from '../oci/names.ts';
import { matches } from './blobs.ts';
import { type Context, existing } from './context.ts';
import { sendBytes, sendEmpty } from './exchange.ts';
import { type Fault, fault } from './fault.ts';
import { checkManifest, checkReferences } from './manifest-check.ts';
import { readBody } from './read-body.ts';

/** What registries must take (distribution-spec, "Pushing Manifests"); more is 413. */
const largestPush = 4 * 1024 * 1024;

/** Tags that one push may set. */
const mostTags = 100;

/** GET and HEAD (distribution-spec, end-3). */
export async function readManifest(context: Context, name: RepositoryName, reference: TagName | Digest): Promise<void> {
  const repository = await existing(context.storage, name);
  const found = await repository.manifest(reference);
  if (found === undefined) throw unknown(reference);
  const headers = { 'docker-content-digest': found.digest, etag: `"${found.digest}"` };
  if (matches(context, found.digest)) return sendEmpty(context, 304, headers);
  const whole = { ...headers, 'content-type': found.mediaType };
  if (context.request.method === 'HEAD') return sendEmpty(context, 200, { ...whole, 'content-length': found.size });
  const bytes = await repository.manifestBytes(found.digest);
  if (bytes === undefined) throw unknown(reference);
  sendBytes(context, 200, bytes, whole);
}

/** PUT, under a tag, a digest, or a digest and several tags (end-7a, 7b). */
export async function pushManifest(context: Context, name: RepositoryName, reference: TagName | Digest): Promise<void> {
  const { request, response, storage, rules } = context;
  const tags = tagsFor(context, reference);
  if (Number(request.headers['content-length'] ?? 0) > largestPush) throw tooLarge();
  const bytes = await readBody(request, largestPush);
  const manifest = checkManifest(bytes, request.headers['content-type']);
  const digest = digestOf(bytes, isDigest(reference) ? algorithmOf(reference) : 'sha256');
  if (isDigest(reference) && digest !== reference) {
    throw fault(400, 'DIGEST_INVALID', 'the content has another digest', { digest: reference, got: digest });
  }
  const repository = await storage.obtain(name);
  await checkReferences(manifest, repository, rules.sparseIndexes);
  const descriptor = descriptorOf(manifest, digest, bytes.length);
  await repository.putManifest(descriptor, manifest, bytes, tags);
  if (isDigest(reference) && tags.length > 0) response.setHeader('oci-tag', tags);
  sendEmpty(context, 201, {
    location: `/v2/${name}/manifests/${digest}`,
    'docker-content-digest': digest,
    ...(manifest.subject && { 'oci-subject': manifest.subject.digest }),
  });
}

/** DELETE: a tag alone, or a manifest with every tag on it (end-9). */
export async function deleteManifest(
  context: Context,
  name: RepositoryName,
  reference: TagName | Digest,
): Promise<void> {
  const repository = await existing(context.storage, name);
  const done = isTagName(reference) ? repository.deleteTag(reference) : repository.deleteManifest(reference);
  if (!(await done)) throw unknown(reference);
  sendEmpty(context, 202);
}

function tagsFor({ query }: Context, reference: TagName | Digest): readonly TagName[] {
  if (!isDigest(reference)) return [reference];
  const tags = [...new Set(query.getAll('tag'))];
  if (tags.length > mostTags) throw fault(414, 'UNSUPPORTED', `at most ${mostTags} tags are set at once`);
  const wrong = tags.find((tag) => !isTagName(tag));
  if (wrong !== undefined) throw fault(400, 'MANIFEST_INVALID', 'a tag is not valid', { tag: wrong });
  return tags.filter(isTagName);
}

function descriptorOf(
  { mediaType, artifactType }: { mediaType: string; artifactType?: string },
  digest: Digest,
  size: number,
): Descriptor {
  return { mediaType, digest, size, ...(artifactType !== undefined && { artifactType }) };
}

function tooLarge(): Fault {
  return fault(413, 'SIZE_INVALID', `a manifest has at most ${largestPush} bytes`);
}

function unknown(reference: TagName | Digest): Fault {
  return fault(404, 'MANIFEST_UNKNOWN', 'the repository has no such manifest', { reference });
}
