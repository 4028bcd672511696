import { strict as assert } from 'node:assert';
import type { Algorithm, Blob, Manifest } from './content.ts';
import { expectBytes, expectStatus, header, json } from './expect.ts';
import type { Target } from './target.ts';
import type { Answer } from './wire.ts';

/** Opens an upload session and gives where it goes on. */
export async function startUpload(registry: Target, repository: string, query = ''): Promise<string> {
  const answer = await registry.send({ method: 'POST', path: `/v2/${repository}/blobs/uploads/${query}` });
  expectStatus(answer, 202);
  return locationOf(registry, answer);
}

/** The path and query of an answer's `Location`, absolute or relative, on the registry's own origin. */
export function locationOf(registry: Target, answer: Answer): string {
  const url = new URL(header(answer, 'location'), registry.options.origin);
  assert.equal(url.host, registry.options.origin.host, `${answer.request}: Location leads to another host`);
  return url.pathname + url.search;
}

export function withDigest(location: string, digest: string): string {
  return `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`;
}

export async function sendChunk(registry: Target, location: string, bytes: Buffer, start: number): Promise<Answer> {
  return await registry.send({
    method: 'PATCH',
    path: location,
    body: bytes,
    headers: {
      'content-type': 'application/octet-stream',
      'content-range': `${start}-${start + bytes.byteLength - 1}`,
    },
  });
}

export async function commit(registry: Target, location: string, digest: string, body?: Buffer): Promise<Answer> {
  const headers = { 'content-type': 'application/octet-stream' };
  return await registry.send({
    method: 'PUT',
    path: withDigest(location, digest),
    ...(body === undefined ? {} : { body, headers }),
  });
}

/** POST and PUT: the way that every registry takes. */
export async function pushBlob(registry: Target, repository: string, blob: Blob): Promise<void> {
  const algorithm = blob.digest.startsWith('sha512:') ? '?digest-algorithm=sha512' : '';
  const location = await startUpload(registry, repository, algorithm);
  expectStatus(await commit(registry, location, blob.digest, blob.bytes), 201);
}

async function pushBlobs(registry: Target, repository: string, blobs: readonly Blob[]): Promise<void> {
  const distinct = new Map(blobs.map((blob) => [blob.digest, blob]));
  for (const blob of distinct.values()) await pushBlob(registry, repository, blob);
}

export async function expectBlob(registry: Target, repository: string, blob: Blob): Promise<void> {
  const answer = await registry.send({ method: 'GET', path: `/v2/${repository}/blobs/${blob.digest}` });
  expectStatus(answer, 200);
  expectBytes(answer, blob.bytes);
}

export async function expectNoBlob(registry: Target, repository: string, digest: string): Promise<void> {
  expectStatus(await registry.send({ method: 'HEAD', path: `/v2/${repository}/blobs/${digest}` }), 404);
}

export async function putManifest(
  registry: Target,
  repository: string,
  reference: string,
  manifest: Manifest,
  query = '',
): Promise<Answer> {
  return await registry.send({
    method: 'PUT',
    path: `/v2/${repository}/manifests/${reference}${query}`,
    body: manifest.bytes,
    headers: { 'content-type': manifest.mediaType },
  });
}

/** Everything that a manifest needs, then the manifest itself. */
export async function pushManifest(
  registry: Target,
  repository: string,
  manifest: Manifest,
  reference = manifest.digest,
): Promise<Answer> {
  await pushParts(registry, repository, manifest);
  const answer = await putManifest(registry, repository, reference, manifest);
  expectStatus(answer, 201);
  return answer;
}

export async function pushParts(registry: Target, repository: string, manifest: Manifest): Promise<void> {
  await pushBlobs(registry, repository, manifest.blobs);
  for (const child of manifest.children) await pushManifest(registry, repository, child);
}

const everyManifestType = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

export async function getManifest(
  registry: Target,
  repository: string,
  reference: string,
  method: 'GET' | 'HEAD' = 'GET',
): Promise<Answer> {
  return await registry.send({
    method,
    path: `/v2/${repository}/manifests/${reference}`,
    headers: { accept: everyManifestType },
  });
}

export async function tagsOf(registry: Target, repository: string, query = ''): Promise<readonly string[]> {
  const answer = await registry.send({ method: 'GET', path: `/v2/${repository}/tags/list${query}` });
  expectStatus(answer, 200);
  return tagsIn(answer);
}

export function tagsIn(answer: Answer): readonly string[] {
  const { tags } = json(answer) as { tags?: readonly string[] | null };
  return tags ?? [];
}

/** Where `Link: <…>; rel="next"` leads, if anywhere. */
export function nextPage(registry: Target, answer: Answer): string | undefined {
  const link = answer.headers['link'];
  const match = typeof link === 'string' ? /^<([^>]*)>\s*;\s*rel="?next"?/.exec(link) : null;
  if (match?.[1] === undefined) return undefined;
  const url = new URL(match[1], new URL(answer.request.split(' ')[1] ?? '/', registry.options.origin));
  return url.pathname + url.search;
}

/** How a session is told early which hash to compute; registries of version 1.1 ignore it (development text, end-4c). */
export const hashedWith = (algorithm: Algorithm): string => (algorithm === 'sha512' ? '?digest-algorithm=sha512' : '');
