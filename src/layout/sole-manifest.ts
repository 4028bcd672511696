import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { TranshipError } from '../oci/errors.ts';
import { parseTagName } from '../oci/names.ts';
import { readAttachmentTag } from '../oci/referrers-tag.ts';
import type { LayoutIndex } from './layout-index.ts';

const nothing: ReadonlySet<Digest> = new Set();

/** Names shown in a message. */
const shownNames = 5;

/**
 * The one thing that a layout holds: its only name, else its only manifest. Signatures and the like, whether under tags or by
 * their subject, belong to an image and are none themselves, so that a signed image needs no name either.
 */
export async function onlyManifest(
  location: string,
  index: LayoutIndex,
  referring: () => Promise<ReadonlySet<Digest>>,
): Promise<Descriptor> {
  const names = [...index.names()].filter((name) => !isAttachment(name));
  const [first] = names;
  if (names.length === 1 && first !== undefined) {
    const found = index.find(first);
    if (found !== undefined && found !== 'ambiguous') return found.descriptor;
  }
  const manifests = [...index.manifests()].map(({ descriptor }) => descriptor);
  if (names.length === 0) {
    const attached = manifests.length > 1 ? await referring() : nothing;
    const [only, ...others] = manifests.filter(({ digest }) => !attached.has(digest));
    if (only !== undefined && others.length === 0) return only;
  }
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
