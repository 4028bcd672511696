import type { Descriptor } from '../oci/descriptor.ts';
import { algorithmOf, digestOf } from '../oci/digest.ts';
import { TranshipError } from '../oci/errors.ts';
import type { CallOptions, ContentReader } from '../oci/ports.ts';

/** Larger configurations are not read: an image's own is a few kilobytes. */
const largestConfig = 4 * 1024 * 1024;

/** A small blob as a whole, verified. `undefined` where it is larger than 4 MiB. */
export async function readSmallBlob(
  place: ContentReader,
  blob: Descriptor,
  options: CallOptions = {},
): Promise<Buffer | undefined> {
  if (blob.size > largestConfig) return undefined;
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of await place.openBlob(blob, 0, options)) {
    size += chunk.bytes.length;
    if (size <= blob.size) parts.push(Buffer.from(chunk.bytes));
    chunk.release();
  }
  const bytes = Buffer.concat(parts);
  if (size === blob.size && digestOf(bytes, algorithmOf(blob.digest)) === blob.digest) return bytes;
  throw new TranshipError(
    'E_DIGEST_MISMATCH',
    'failed',
    `The blob ${blob.digest} has other content than its name says.`,
    {
      subject: place.location,
    },
  );
}
