import { existsSync } from 'node:fs';
import { openArchive } from '../layout/archive.ts';
import { openLayout } from '../layout/layout.ts';
import { LayoutReader } from '../layout/layout-reader.ts';
import type { Digest } from '../oci/digest.ts';
import { MemoryRepository } from '../oci/memory.ts';
import type { TagName } from '../oci/names.ts';
import type { CallOptions, ContentWriter, Deleter, ReferrerLister, TagLister } from '../oci/ports.ts';
import type { LayoutReference, Reference, RepositoryReference } from '../oci/reference.ts';
import { formatReference } from '../oci/reference.ts';

/** What a reference leads to: a repository of a registry, or an OCI layout. Both can do all of this. */
export type Place = ContentWriter & TagLister & ReferrerLister & Deleter;

/**
 * Opened for writing, a layout that is not there is made. For a preview it counts as an empty one, and nothing is made.
 */
export type Purpose = 'read' | 'write' | 'preview';

export async function openLayoutPlace(
  reference: LayoutReference,
  purpose: Purpose,
  options: CallOptions = {},
): Promise<Place> {
  if (purpose === 'preview' && !existsSync(reference.path))
    return new MemoryRepository({ location: formatReference(reference) });
  const mode = purpose === 'write' ? 'create' : 'existing';
  return reference.form === 'directory'
    ? openLayout(reference.path, { ...options, mode })
    : openArchive(reference.path, { ...options, mode });
}

/** What to ask a place for: the digest wins over the tag; a layout with one image needs neither. */
export async function selectorOf(
  place: Place,
  reference: Reference,
  options: CallOptions = {},
): Promise<TagName | Digest> {
  const named = reference.digest ?? reference.tag;
  if (named !== undefined) return named;
  return (await soleOf(place, options)).digest;
}

/** `host/repository@sha256:…` or `oci:DIR@sha256:…`: what a reference names now, for good. */
export function pinned(reference: Reference | RepositoryReference, digest: Digest): string {
  const { tag: _, ...rest } = { tag: undefined, ...reference };
  return formatReference({ ...rest, digest } as Reference);
}

/** A reference's place without tag and digest, for messages and for one tag of many. */
export function withTag(reference: RepositoryReference | LayoutReference, tag: TagName): Reference {
  return reference.kind === 'layout'
    ? { kind: 'layout', form: reference.form, path: reference.path, tag }
    : { kind: 'registry', host: reference.host, repository: reference.repository, tag };
}

function soleOf(place: Place, options: CallOptions) {
  if (place instanceof LayoutReader) return place.sole(options);
  throw new Error('only a layout may be named without tag and digest');
}
