import type { Descriptor } from '../oci/descriptor.ts';
import { algorithmOf, digestFromHash } from '../oci/digest.ts';
import { TranshipError } from '../oci/errors.ts';
import type { BlobSource, ByteStream, CallOptions, Chunk, ContentReader } from '../oci/ports.ts';
import { sideOf } from './failure.ts';
import { HashTrail } from './hash-trail.ts';
import { heldBack } from './limits.ts';
import { ownedChunk } from './shared-chunk.ts';

/**
 * `blob` of `place`, verified while it is read: its last bytes, at most {@link heldBack}, are not passed on before all of it is known
 * to hash to the digest, so that no destination can complete a blob that is wrong. Opened at an offset, it goes on hashing from
 * a snapshot of an earlier pass, and reads again what lies between.
 *
 * Throws `E_DIGEST_MISMATCH`, `E_SIZE_MISMATCH` or `E_CUT` while being read.
 */
export function verifiedBlob(place: ContentReader, blob: Descriptor): BlobSource {
  const trail = new HashTrail(algorithmOf(blob.digest), blob.size);
  return {
    async open(offset: number, options: CallOptions = {}): Promise<ByteStream> {
      const start = trail.nearest(offset);
      try {
        const stream = await place.openBlob(blob, start.offset, options);
        return verify({ place, blob, trail, stream, start, from: offset });
      } catch (error) {
        throw sideOf(error, 'source', place.location);
      }
    },
  };
}

interface Pass {
  readonly place: ContentReader;
  readonly blob: Descriptor;
  readonly trail: HashTrail;
  readonly stream: ByteStream;
  readonly start: ReturnType<HashTrail['nearest']>;
  /** The first byte that the reader wants. */
  readonly from: number;
}

async function* verify(pass: Pass): ByteStream {
  try {
    yield* passOn(pass);
  } catch (error) {
    throw sideOf(error, 'source', pass.place.location);
  }
}

async function* passOn({ place, blob, trail, stream, start, from }: Pass): ByteStream {
  const { hash } = start;
  const tailStart = Math.max(from, blob.size - heldBack);
  const tail = Buffer.allocUnsafe(Math.max(0, blob.size - tailStart));
  let at = start.offset;
  for await (const chunk of stream) {
    const { bytes } = chunk;
    const end = at + bytes.length;
    if (end > blob.size) {
      chunk.release();
      throw tooLong(place, blob);
    }
    hash.update(bytes);
    trail.mark(end, hash);
    if (end > tailStart) tail.set(bytes.subarray(Math.max(0, tailStart - at)), Math.max(0, at - tailStart));
    const wanted = partOf(chunk, from - at, tailStart - at);
    at = end;
    if (wanted) yield wanted;
  }
  if (at < blob.size) throw cut(place, blob, at);
  const found = digestFromHash(hash, algorithmOf(blob.digest));
  if (found !== blob.digest) {
    trail.forget();
    throw mismatch(place, blob, found);
  }
  if (tail.length > 0) yield ownedChunk(tail);
}

/** The bytes from `first` to before `last`, mostly all of them; `undefined`, and the buffer given back, where that is none. */
function partOf(chunk: Chunk, first: number, last: number): Chunk | undefined {
  const { bytes } = chunk;
  if (first <= 0 && last >= bytes.length) return chunk;
  const part = bytes.subarray(Math.max(0, first), Math.max(0, last));
  if (part.length > 0) return { bytes: part, release: () => chunk.release() };
  chunk.release();
  return undefined;
}

function mismatch(place: ContentReader, blob: Descriptor, found: string): TranshipError {
  return new TranshipError(
    'E_DIGEST_MISMATCH',
    'temporary',
    `${place.location} sent ${found} for the blob ${blob.digest}.`,
    {
      subject: blob.digest,
      hint: 'Its storage or something on the way is damaged. Nothing of it was kept.',
    },
  );
}

function tooLong(place: ContentReader, blob: Descriptor): TranshipError {
  return new TranshipError(
    'E_SIZE_MISMATCH',
    'temporary',
    `${place.location} sends more than the ${blob.size} bytes that the blob ${blob.digest} has.`,
    { subject: blob.digest },
  );
}

function cut(place: ContentReader, blob: Descriptor, at: number): TranshipError {
  return new TranshipError(
    'E_CUT',
    'temporary',
    `${place.location} stopped after ${at} of the ${blob.size} bytes of the blob ${blob.digest}.`,
    { subject: blob.digest },
  );
}
