import type { Descriptor } from '../oci/descriptor.ts';
import { TranshipError } from '../oci/errors.ts';
import type { RepositoryName, TagName } from '../oci/names.ts';
import type { CallOptions, ManifestContent } from '../oci/ports.ts';
import { parseReference, parseRegistryAddress, parseRepositoryReference } from '../oci/reference.ts';
import { selectorOf } from './place.ts';
import type { Session } from './session.ts';

/** The tags of a repository or layout, as it orders them. Throws `E_REPOSITORY_UNKNOWN` where a registry shows none. */
export async function* listTags(session: Session, text: string, options: CallOptions = {}): AsyncGenerator<TagName> {
  const reference = parseRepositoryReference(text);
  const place = await session.open(reference, 'read', options);
  let isEmpty = true;
  for await (const tag of place.listTags(options)) {
    isEmpty = false;
    yield tag;
  }
  if (isEmpty && reference.kind === 'registry') throw noTags(text);
}

/** No tags, and no such repository: many registries answer both alike. */
export function noTags(subject: string): TranshipError {
  return new TranshipError('E_REPOSITORY_UNKNOWN', 'failed', 'The repository has no tags, or does not exist.', {
    subject,
    hint: 'Check the name; some registries show nothing to who is not signed in (`tranship login`).',
  });
}

/** The repositories of a registry, or those below a path in it. */
export async function* listRepositories(
  session: Session,
  text: string,
  options: CallOptions = {},
): AsyncGenerator<RepositoryName> {
  refuseLayout(text);
  const { host, namespace } = parseRegistryAddress(text);
  for await (const name of session.registry(host).listRepositories(options)) {
    if (namespace === undefined || name === namespace || name.startsWith(`${namespace}/`)) yield name;
  }
}

function refuseLayout(text: string): void {
  if (!/^oci(?:-archive)?:/.test(text)) return;
  throw new TranshipError('E_USAGE', 'usage', 'A layout is one repository; only a registry has several to list.', {
    subject: text,
    hint: `See \`tranship tags ${text}\` for what it holds.`,
  });
}

/** The manifest that a reference names. Throws `E_MANIFEST_UNKNOWN` where there is none. */
export async function fetchManifest(
  session: Session,
  text: string,
  options: CallOptions = {},
): Promise<ManifestContent> {
  const reference = parseReference(text);
  const place = await session.open(reference, 'read', options);
  return place.fetchManifest(await selectorOf(place, reference, options), options);
}

/** What a reference names now, without reading it. Throws `E_MANIFEST_UNKNOWN` where there is nothing. */
export async function resolve(session: Session, text: string, options: CallOptions = {}): Promise<Descriptor> {
  const reference = parseReference(text);
  const place = await session.open(reference, 'read', options);
  const found = await place.resolve(await selectorOf(place, reference, options), options);
  if (found !== undefined) return found;
  throw new TranshipError('E_MANIFEST_UNKNOWN', 'failed', 'There is no such tag or digest.', {
    subject: text,
    hint: `See \`tranship tags ${place.location}\` for what there is.`,
  });
}
