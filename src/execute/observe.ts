import type { Descriptor } from '../oci/descriptor.ts';
import { isDigest } from '../oci/digest.ts';
import { isTranshipError, TranshipError } from '../oci/errors.ts';
import type { CopyRequest } from './copy.ts';
import { sideOf } from './failure.ts';
import { warner } from './outcome.ts';
import type { Target } from './target.ts';

/**
 * What the reference names at the source, found out once. A digest names itself: whether the source has it shows when it is read.
 * Throws `E_MANIFEST_UNKNOWN` where a tag names nothing.
 */
export async function resolveSource({ source, reference, signal }: CopyRequest): Promise<Descriptor> {
  if (isDigest(reference)) return { mediaType: '', digest: reference, size: 0 };
  const subject = `${source.location}:${reference}`;
  const found = await source.resolve(reference, { signal }).catch((error: unknown) => {
    throw sideOf(error, 'source', subject);
  });
  if (found) return found;
  throw new TranshipError('E_MANIFEST_UNKNOWN', 'failed', `There is no ${subject}.`, {
    side: 'source',
    subject,
    hint: `List what there is: tranship tags ${source.location}`,
  });
}

/** What the target's tags name now. */
export async function observe(target: Target): Promise<void> {
  await Promise.all(
    target.tags.map(async (tag, at) => {
      if (at === 0 && target.observed !== undefined) return target.sawTag(tag, target.observed ?? undefined);
      const found = await target.place.resolve(tag, { signal: target.signal }).catch((error: unknown) => {
        // A repository that is not there yet is answered so by many registries: the push decides.
        if (isTranshipError(error) && error.failure === 'auth') return undefined;
        throw sideOf(error, 'destination', `${target.place.location}:${tag}`);
      });
      target.sawTag(tag, found?.digest);
    }),
  );
}

/** Tells when the tag was moved while its image was copied: what arrived is whole, and no longer the newest. */
export async function sourceMoved(descriptor: Descriptor, request: CopyRequest): Promise<void> {
  const { source, reference, signal } = request;
  if (isDigest(reference)) return;
  const warn = warner(request);
  const subject = `${source.location}:${reference}`;
  try {
    const now = await source.resolve(reference, { signal });
    if (now?.digest === descriptor.digest) return;
    warn('W_SOURCE_MOVED', `The tag was moved while it was copied; ${descriptor.digest} was copied.`, subject);
  } catch (error) {
    warn('W_SOURCE_UNCHECKED', `Whether the tag was moved while it was copied is unknown: ${String(error)}`, subject);
  }
}
