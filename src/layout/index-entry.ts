import type { Descriptor } from '../oci/descriptor.ts';
import { refName } from './layout-index.ts';

/** A descriptor as it goes into an index: what it is, not what it is called. */
export function entryFor(descriptor: Descriptor): Readonly<Record<string, unknown>> {
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
