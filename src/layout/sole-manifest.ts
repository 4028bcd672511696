import type { Descriptor } from '../oci/descriptor.ts';
import { TranshipError } from '../oci/errors.ts';
import { parseTagName } from '../oci/names.ts';
import { readAttachmentTag } from '../oci/referrers-tag.ts';
import type { LayoutIndex } from './layout-index.ts';

/** Names shown in a message. */
const shownNames = 5;

/**
 * The one thing that a layout holds: its only name, else its only manifest. The tags of signatures and the like belong to an
 * image and are none themselves, so that a signed image needs no name either.
 */
export function onlyManifest(location: string, index: LayoutIndex): Descriptor {
  const names = [...index.names()].filter((name) => !isAttachment(name));
  const [first] = names;
  if (names.length === 1 && first !== undefined) {
    const found = index.find(first);
    if (found !== undefined && found !== 'ambiguous') return found.descriptor;
  }
  const manifests = [...index.manifests()];
  const [only] = manifests;
  if (names.length === 0 && manifests.length === 1 && only !== undefined) return only.descriptor;
  if (manifests.length === 0) {
    throw new TranshipError('E_MANIFEST_UNKNOWN', 'failed', 'The layout is empty.', { subject: location });
  }
  const shown = names.slice(0, shownNames).join(', ') + (names.length > shownNames ? ', …' : '');
  throw new TranshipError('E_LAYOUT_AMBIGUOUS', 'usage', 'The layout holds several images, and none was named.', {
    subject: location,
    hint: shown === '' ? 'Name one by its digest.' : `Name one of its tags: ${shown}`,
  });
}

function isAttachment(name: string): boolean {
  const tag = parseTagName(name);
  return tag !== undefined && readAttachmentTag(tag) !== undefined;
}

export function ambiguousTag(location: string, tag: string): TranshipError {
  return new TranshipError('E_LAYOUT_AMBIGUOUS', 'failed', `Several images of the layout are named ${tag}.`, {
    subject: location,
    hint: 'Name the one that you mean by its digest; they stand in index.json.',
  });
}
