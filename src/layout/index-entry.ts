import type { Descriptor } from '../oci/descriptor.ts';
import type { Manifest } from '../oci/manifest.ts';
import type { TagName } from '../oci/names.ts';
import { successorsOf } from '../oci/successors.ts';
import { type IndexChange, refName } from './layout-index.ts';

/**
 * The change that lists a manifest. Children of an index lose their own entry, as other tools write it: with one entry an
 * image, a reader that names no tag finds the one there is.
 */
export function listing(descriptor: Descriptor, manifest: Manifest | undefined, tags: readonly TagName[]): IndexChange {
  const covers = (manifest ? successorsOf(manifest).children : []).map(({ digest }) => digest);
  return { do: 'put', entry: entryFor(descriptor), names: tags, ...(covers.length > 0 && { covers }) };
}

/** A descriptor as it goes into an index: what it is, not what it is called. */
function entryFor(descriptor: Descriptor): Readonly<Record<string, unknown>> {
  const { mediaType, digest, size, platform, artifactType, annotations } = descriptor;
  const { [refName]: _, ...others } = annotations ?? {};
  return {
    mediaType,
    digest,
    size,
    ...(platform && { platform }),
    ...(artifactType !== undefined && { artifactType }),
    ...(Object.keys(others).length > 0 && { annotations: others }),
  };
}
