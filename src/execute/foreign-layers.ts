import type { Descriptor } from '../oci/descriptor.ts';
import { isTranshipError, TranshipError } from '../oci/errors.ts';
import { isForeignLayer } from '../oci/media-type.ts';
import { childrenFirst, type GraphNode } from './graph.ts';
import type { Warn } from './outcome.ts';

/** Says which layers of these images stay behind because of their terms: without a word nobody would know that bytes are missing. */
export function tellLeftBehind(roots: readonly GraphNode[], warn: Warn, subject: string): void {
  const digests = new Set(childrenFirst(roots).flatMap(({ foreign }) => foreign.map(({ digest }) => digest)));
  if (digests.size === 0) return;
  const layers = digests.size === 1 ? 'One foreign layer was' : `${digests.size} foreign layers were`;
  warn(
    'W_FOREIGN_LAYERS',
    `${layers} left out: their terms keep them off other registries, and the manifest says where they are to be had.`,
    subject,
  );
}

/** A foreign layer whose bytes the source has not got either. The image is as good without: nobody pulls it from there. */
export function isAbsentForeign(error: unknown, blob: Descriptor): boolean {
  return (
    isForeignLayer(blob.mediaType) &&
    isTranshipError(error) &&
    error.side === 'source' &&
    error.code === 'E_BLOB_UNKNOWN'
  );
}

export function tellAbsent(blob: Descriptor, warn: Warn): void {
  warn('W_FOREIGN_LAYERS', 'A foreign layer was left out: the source does not have its bytes.', blob.digest);
}

/** Whether a manifest stands on foreign layers, sent or not. */
export function hasForeign({ foreign, blobs }: GraphNode): boolean {
  return foreign.length > 0 || blobs.some(({ mediaType }) => isForeignLayer(mediaType));
}

/** What a registry means that misses blobs of an image which got all but its foreign layers: trying again gives the same. */
export function foreignWanted({ serverSaid, subject, digests, cause }: TranshipError): TranshipError {
  return new TranshipError(
    'E_FOREIGN_LAYERS',
    'failed',
    'The registry does not take the image without its foreign layers.',
    {
      side: 'destination',
      ...(subject !== undefined && { subject }),
      ...(serverSaid !== undefined && { serverSaid }),
      digests,
      hint: 'Copy them too with --foreign-layers, where you may and the source has them, or let the registry allow their URLs.',
      cause,
    },
  );
}
