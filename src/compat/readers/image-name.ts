import { isDigest } from '../../oci/digest.ts';
import { isTranshipError } from '../../oci/errors.ts';
import { type ImageReference, parseReference, parseRegistryAddress } from '../../oci/reference.ts';

/** Reads an image's or repository's name as other tools write it; `undefined` where it is none. */
export function imageName(text: string): (ImageReference & { readonly tagged: boolean }) | undefined {
  try {
    const found = parseReference(text);
    if (found.kind !== 'registry') return undefined;
    return { ...found, tagged: text.includes('@') || /:[^/\]]*$/.test(text) };
  } catch (error) {
    if (isTranshipError(error)) return undefined;
    throw error;
  }
}

export interface Place {
  readonly host: string;
  readonly namespace?: string;
}

/** Reads `host[:port][/namespace]`; `undefined` where it is none. */
export function placeName(text: string): Place | undefined {
  try {
    const { host, namespace } = parseRegistryAddress(text);
    return { host, ...(namespace !== undefined && { namespace }) };
  } catch (error) {
    if (isTranshipError(error)) return undefined;
    throw error;
  }
}

/** A repository on Docker Hub without a namespace is one of its own images. */
export function onHub(host: string, repository: string): string {
  return host === 'docker.io' && !repository.includes('/') ? `library/${repository}` : repository;
}

export { isDigest };
