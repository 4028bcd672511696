import { isList, type ManifestShape } from '../model/manifests.ts';
import type { Manifest, Repository } from '../model/types.ts';
import type { World } from '../model/world.ts';
import { storeManifest } from '../registry/store.ts';
import type { Upstream } from './upstream.ts';

/** Copies one image with its children and blobs, children first, and returns its manifest as stored. */
export async function copyImage(
  world: World,
  upstream: Upstream,
  source: string,
  reference: string,
  target: Repository,
): Promise<Manifest> {
  const { bytes, mediaType } = await upstream.manifest(source, reference);
  const shape = JSON.parse(bytes.toString('utf8')) as ManifestShape;
  if (isList(mediaType)) {
    for (const child of shape.manifests ?? []) await copyImage(world, upstream, source, child.digest, target);
  } else {
    const blobs = [shape.config, ...(shape.layers ?? [])].filter((blob) => blob !== undefined);
    for (const { digest } of blobs) await copyBlob(world, upstream, source, digest, target);
  }
  return storeManifest(world, target, bytes, mediaType);
}

async function copyBlob(
  world: World,
  upstream: Upstream,
  source: string,
  digest: string,
  target: Repository,
): Promise<void> {
  if (target.blobs.has(digest)) return;
  world.content.set(digest, await upstream.blob(source, digest));
  target.blobs.add(digest);
}
