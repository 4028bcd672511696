import { digestOf } from '../../../../src/oci/digest.ts';
import type { Manifest, Repository } from '../model/types.ts';
import { nextId, type World } from '../model/world.ts';
import { labelsOf } from './labels.ts';

/** Puts a manifest among a repository's; known bytes stay what they are. */
export function storeManifest(world: World, repository: Repository, content: Buffer, mediaType: string): Manifest {
  const digest = digestOf(content);
  const known = repository.manifests.get(digest);
  if (known !== undefined) return known;
  const manifest: Manifest = {
    id: nextId(world, 'manifest'),
    digest,
    mediaType,
    bytes: content,
    labels: labelsOf(world, content, mediaType),
    created: world.clock.now(),
  };
  repository.manifests.set(digest, manifest);
  return manifest;
}
