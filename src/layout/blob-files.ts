import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Descriptor } from '../oci/descriptor.ts';
import { algorithmOf, type Digest, digestFromHash, encodedOf } from '../oci/digest.ts';
import { TranshipError } from '../oci/errors.ts';
import type { BlobSource, ByteStream, CallOptions } from '../oci/ports.ts';
import { createPart, makeFolder } from './durable.ts';
import { asReadFailure, asWriteFailure, damaged, isAbsent, unsafe } from './failures.ts';
import { fileStream } from './file-stream.ts';
import { openToRead } from './open-file.ts';

/** Where a layout keeps a blob. The name comes from a parsed digest alone, so it cannot lead anywhere else. */
export function blobPath(layout: string, digest: Digest): string {
  return join(blobFolder(layout, digest), encodedOf(digest));
}

export function blobFolder(layout: string, digest: Digest): string {
  return join(layout, 'blobs', algorithmOf(digest));
}

/** The blob's size in bytes, or `undefined` where there is none. A link or anything else but a file is refused. */
export async function blobSize(layout: string, digest: Digest): Promise<number | undefined> {
  const path = blobPath(layout, digest);
  const found = await lstat(path).catch((error: unknown) => {
    if (isAbsent(error)) return undefined;
    throw asReadFailure(error, path);
  });
  if (found === undefined) return undefined;
  if (!found.isFile()) throw unsafe(path, 'a blob is not a plain file');
  return found.size;
}

/** Whether the blob is there with its very content: in a file of the right size a disk may have changed bytes. */
export async function isIntact(
  layout: string,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
  options: CallOptions = {},
): Promise<boolean> {
  if ((await blobSize(layout, digest)) !== size) return false;
  const found = await openBlobFile(layout, digest);
  if (found === undefined) return false;
  const hash = createHash(algorithmOf(digest));
  for await (const chunk of fileStream({ handle: found.handle, from: 0, to: size }, options)) {
    hash.update(chunk.bytes);
    chunk.release();
  }
  return digestFromHash(hash, algorithmOf(digest)) === digest;
}

export interface OpenBlob {
  readonly handle: FileHandle;
  readonly size: number;
}

/** Opens a blob for reading, never through a link. The caller closes the handle. */
export async function openBlobFile(layout: string, digest: Digest): Promise<OpenBlob | undefined> {
  const path = blobPath(layout, digest);
  const handle = await openToRead(path).catch((error: unknown) => {
    if (isAbsent(error)) return undefined;
    throw asReadFailure(error, path);
  });
  if (handle === undefined) return undefined;
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw unsafe(path, 'a blob is not a plain file');
    return { handle, size: found.size };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Reads a blob as a stream from `offset`. The content is not verified; a file of another size is `E_LAYOUT_DAMAGED`. */
export async function streamBlob(
  layout: string,
  blob: Descriptor,
  offset: number,
  options: CallOptions = {},
): Promise<ByteStream> {
  const found = await openBlobFile(layout, blob.digest);
  if (found === undefined) throw blobUnknown(blobPath(layout, blob.digest), blob.digest);
  if (found.size !== blob.size) {
    await found.handle.close();
    throw damaged(blobPath(layout, blob.digest), `a blob has ${found.size} bytes instead of ${blob.size}`);
  }
  return fileStream({ handle: found.handle, from: offset, to: blob.size }, options);
}

/** A whole small blob, at most `limit` bytes, or `undefined` where there is none. */
export async function readBlob(layout: string, digest: Digest, limit: number): Promise<Buffer | undefined> {
  const found = await openBlobFile(layout, digest);
  if (found === undefined) return undefined;
  try {
    if (found.size > limit) throw damaged(blobPath(layout, digest), `a manifest has more than ${limit} bytes`);
    return await found.handle.readFile();
  } finally {
    await found.handle.close();
  }
}

/**
 * Stores a blob: into a temporary file, verified, made durable, renamed. The right content is left alone, anything else
 * replaced. Nothing remains of a failure.
 */
export async function writeBlob(
  layout: string,
  blob: Descriptor,
  source: BlobSource,
  options: CallOptions = {},
): Promise<void> {
  if (await isIntact(layout, blob, options)) return;
  const target = blobPath(layout, blob.digest);
  try {
    await makeFolder(blobFolder(layout, blob.digest));
    await using part = await createPart(layout);
    await fill(part.handle, blob, await source.open(0, options), options);
    await part.commit(target);
  } catch (error) {
    throw asWriteFailure(error, target);
  }
}

/** Stores bytes that are known to be `digest`. */
export async function writeBytes(layout: string, digest: Digest, bytes: Uint8Array): Promise<void> {
  if (await isIntact(layout, { digest, size: bytes.length })) return;
  const target = blobPath(layout, digest);
  try {
    await makeFolder(blobFolder(layout, digest));
    await using part = await createPart(layout);
    await part.handle.writeFile(bytes);
    await part.commit(target);
  } catch (error) {
    throw asWriteFailure(error, target);
  }
}

async function fill(handle: FileHandle, blob: Descriptor, stream: ByteStream, { signal }: CallOptions): Promise<void> {
  const hash = createHash(algorithmOf(blob.digest));
  let written = 0;
  for await (const chunk of stream) {
    try {
      signal?.throwIfAborted();
      const { bytes } = chunk;
      if (written + bytes.length > blob.size) throw wrongSize(blob, `more than ${blob.size}`);
      const writing = writeAll(handle, bytes, written);
      hash.update(bytes);
      await writing;
      written += bytes.length;
    } finally {
      chunk.release();
    }
  }
  if (written !== blob.size) throw wrongSize(blob, `${written}`);
  verify(hash, blob.digest);
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

function verify(hash: Hash, wanted: Digest): void {
  const got = digestFromHash(hash, algorithmOf(wanted));
  if (got === wanted) return;
  throw new TranshipError('E_DIGEST_MISMATCH', 'failed', `The bytes that came are ${got}, not ${wanted}.`, {
    hint: 'The source or something on the way changed them. Nothing was stored.',
  });
}

function wrongSize(blob: Descriptor, got: string): TranshipError {
  return new TranshipError('E_SIZE_MISMATCH', 'failed', `${blob.digest} has ${got} bytes instead of ${blob.size}.`, {
    hint: 'The source or something on the way changed them. Nothing was stored.',
  });
}

export function blobUnknown(subject: string, digest: Digest): TranshipError {
  return new TranshipError('E_BLOB_UNKNOWN', 'failed', `There is no blob ${digest}.`, { subject });
}
