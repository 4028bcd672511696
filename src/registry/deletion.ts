import type { Digest } from '../oci/digest.ts';
import type { TagName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import { toDelete } from './auth/access.ts';
import type { BlobPlace } from './blobs.ts';
import { refusal } from './errors.ts';
import { manifestPath, nameOf } from './manifests.ts';

/**
 * Deletes a tag alone or, by digest, a manifest with all its tags: two different acts behind one verb (end-9).
 *
 * @throws `E_MANIFEST_UNKNOWN` where there is none, `E_UNSUPPORTED` where the registry does not do this
 */
export async function deleteReference(
  place: BlobPlace,
  reference: TagName | Digest,
  options: CallOptions,
): Promise<void> {
  const answer = await place.wire.request({
    method: 'DELETE',
    to: manifestPath(place.repository, reference),
    access: toDelete(place.repository),
    ...options,
  });
  if (answer.status < 200 || answer.status >= 300) throw refusal(answer, 'delete', nameOf(place, reference));
}
