import type { Descriptor } from '../oci/descriptor.ts';
import { TranshipError } from '../oci/errors.ts';
import { parseTagName, type TagName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import { formatReference, parseReference, type Reference } from '../oci/reference.ts';
import { type Place, pinned, selectorOf, withTag } from './place.ts';
import type { Session } from './session.ts';

/** Gives what a reference names further tags in its place; with `dryRun` only looks whether it is there. Returns the new references. */
export async function tagImage(
  session: Session,
  text: string,
  names: readonly string[],
  options: CallOptions & { readonly dryRun?: boolean } = {},
): Promise<readonly string[]> {
  const reference = parseReference(text);
  const tags = names.map(tagOrRefuse);
  const place = await session.open(reference, options.dryRun ? 'preview' : 'write', options);
  const manifest = await place.fetchManifest(await selectorOf(place, reference, options), options);
  if (!options.dryRun) await place.pushManifest(manifest, tags, options);
  await session.commit(options);
  return tags.map((tag) => formatReference(withTag(reference, tag)));
}

/** What a deletion would take away. */
export interface Deletion {
  readonly reference: string;
  readonly descriptor: Descriptor;
  /** The tag alone goes and the manifest stays, or the manifest goes with every tag on it. */
  readonly what: 'tag' | 'manifest';
  carryOut(options?: CallOptions): Promise<void>;
}

/** Looks at what would be deleted. Nothing is deleted before `carryOut`. */
export async function planDeletion(session: Session, text: string, options: CallOptions = {}): Promise<Deletion> {
  const reference = parseReference(text);
  const selector = reference.digest ?? reference.tag;
  if (selector === undefined) throw vague(text);
  const place = await session.open(reference, 'read', options);
  const descriptor = await place.resolve(selector, options);
  if (descriptor === undefined) throw nothingThere(text, place);
  return {
    reference: reference.digest === undefined ? formatReference(reference) : pinned(reference, descriptor.digest),
    descriptor,
    what: reference.digest === undefined ? 'tag' : 'manifest',
    async carryOut(callOptions) {
      await deleteFrom(place, reference, callOptions);
      await session.commit(callOptions);
    },
  };
}

async function deleteFrom(place: Place, reference: Reference, options: CallOptions = {}): Promise<void> {
  if (reference.digest !== undefined) return place.deleteManifest(reference.digest, options);
  if (reference.tag !== undefined) return place.deleteTag(reference.tag, options);
}

function tagOrRefuse(text: string): TagName {
  const tag = parseTagName(text);
  if (tag !== undefined) return tag;
  throw new TranshipError('E_REFERENCE', 'usage', `"${text}" is not a tag.`, {
    subject: text,
    hint: 'A tag has at most 128 letters, digits, ".", "_" and "-", and stands alone here, without the repository.',
  });
}

function vague(text: string): TranshipError {
  return new TranshipError('E_REFERENCE', 'usage', 'To delete, a tag or a digest has to be named.', { subject: text });
}

function nothingThere(text: string, place: Place): TranshipError {
  return new TranshipError('E_MANIFEST_UNKNOWN', 'failed', 'There is nothing to delete under this name.', {
    subject: text,
    hint: `See \`tranship tags ${place.location}\` for what there is.`,
  });
}
