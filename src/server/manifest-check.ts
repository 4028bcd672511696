import type { Descriptor } from '../oci/descriptor.ts';
import { isTranshipError } from '../oci/errors.ts';
import { type Manifest, parseManifest } from '../oci/manifest.ts';
import { successorsOf } from '../oci/successors.ts';
import { Fault, type FaultEntry, fault } from './fault.ts';
import type { StoredRepository } from './repository.ts';

/** Reads a manifest that is pushed: one that could be read in two ways is refused, and Docker's schema 1 is not taken. */
export function checkManifest(
  bytes: Uint8Array,
  contentType: string | undefined,
): Exclude<Manifest, { kind: 'schema1' }> {
  const manifest = parse(bytes, contentType);
  if (manifest.kind === 'schema1') throw fault(400, 'MANIFEST_INVALID', 'Docker schema 1 manifests are not taken');
  return manifest;
}

/**
 * Throws unless everything that the manifest stands on is in the repository. The subject need not be (distribution-spec,
 * "Pushing Manifests"), nor a layer that may not be distributed, nor with `sparse` an index's child.
 */
export async function checkReferences(
  manifest: Manifest,
  repository: StoredRepository,
  sparse: boolean,
): Promise<void> {
  const { blobs, children } = successorsOf(manifest);
  const wanted = [...blobs.filter(({ urls }) => urls === undefined), ...(sparse ? [] : children)];
  const found = await Promise.all(wanted.map(({ digest }) => repository.blobSize(digest)));
  const missing = wanted.filter((_, at) => found[at] === undefined);
  if (missing.length > 0) throw new Fault(404, missing.map(missingEntry));
  const wrong = wanted.find(({ size }, at) => found[at] !== size);
  if (wrong !== undefined) throw fault(400, 'SIZE_INVALID', 'a descriptor has another size', { digest: wrong.digest });
}

function parse(bytes: Uint8Array, contentType: string | undefined): Manifest {
  try {
    return parseManifest(bytes, contentType);
  } catch (error) {
    if (!isTranshipError(error)) throw error;
    throw fault(400, 'MANIFEST_INVALID', error.message);
  }
}

function missingEntry({ digest, mediaType, size }: Descriptor): FaultEntry {
  return {
    code: 'MANIFEST_BLOB_UNKNOWN',
    message: 'the repository has no such content',
    detail: { digest, mediaType, size },
  };
}
