import type { Descriptor } from '../oci/descriptor.ts';
import { TranshipError } from '../oci/errors.ts';
import type { RepositoryName, TagName } from '../oci/names.ts';
import type { CallOptions, ManifestContent } from '../oci/ports.ts';
import { parseReference, parseRegistryAddress, parseRepositoryReference } from '../oci/reference.ts';
import { selectorOf } from './place.ts';
import type { Session } from './session.ts';

/** The tags of a repository or layout, as it orders them. */
export async function* listTags(session: Session, text: string, options: CallOptions = {}): AsyncGenerator<TagName> {
  const place = await session.open(parseRepositoryReference(text), 'read', options);
  yield* place.listTags(options);
}

/** The repositories of a registry, or those below a path in it. */
export async function* listRepositories(
  session: Session,
  text: string,
  options: CallOptions = {},
): AsyncGenerator<RepositoryName> {
  const { host, namespace } = parseRegistryAddress(text);
  for await (const name of session.registry(host).listRepositories(options)) {
    if (namespace === undefined || name === namespace || name.startsWith(`${namespace}/`)) yield name;
  }
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
