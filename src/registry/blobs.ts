import { isGivenUp } from '../http/errors.ts';
import type { HttpDownload } from '../http/types.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { isTranshipError, TranshipError } from '../oci/errors.ts';
import type { RepositoryName } from '../oci/names.ts';
import type { ByteStream, CallOptions, Chunk } from '../oci/ports.ts';
import { toRead } from './auth/access.ts';
import { readingOf, skipBytes } from './bytes.ts';
import { refusal } from './errors.ts';
import type { Wire } from './wire.ts';

/** Resumes in a row that brought hardly anything before a download is given up. */
const mostFruitlessResumes = 4;
const mostResumes = 100;
/** What a resume must bring to count: so many bytes, or of a small blob such a share. */
const fruitfulBytes = 1024 * 1024;
const fruitfulShare = 1 / 20;
const firstPauseMs = 200;

/** A repository's blobs, read. */
export interface BlobPlace {
  readonly wire: Wire;
  readonly repository: RepositoryName;
  readonly location: string;
}

/** Whether the registry says that it has the blob. Anything but a clear yes is no: an upload then tells. */
export async function hasBlob(
  { wire, repository }: BlobPlace,
  blob: Descriptor,
  options: CallOptions = {},
): Promise<boolean> {
  const to = blobPath(repository, blob);
  const answer = await wire.request({ method: 'HEAD', to, access: toRead(repository), ...options });
  const length = answer.headers.get('content-length');
  return answer.status === 200 && (length === undefined || Number(length) === blob.size);
}

/**
 * Opens a blob. A body that ends early or stalls goes on with a Range request at the registry itself, whose signed storage
 * URLs may have expired meanwhile; a registry that ignores ranges costs the bytes again.
 */
export async function openBlob(
  place: BlobPlace,
  blob: Descriptor,
  offset: number,
  options: CallOptions = {},
): Promise<ByteStream> {
  if (offset >= blob.size) return nothing();
  const first = await openAt(place, blob, offset, options);
  return readingOf(first, resuming(place, blob, offset, first, options));
}

/** The path of a blob below the registry's root. */
export function blobPath(repository: RepositoryName, { digest }: Pick<Descriptor, 'digest'>): string {
  return `/v2/${repository}/blobs/${digest}`;
}

async function* resuming(
  place: BlobPlace,
  blob: Descriptor,
  offset: number,
  first: ByteStream,
  options: CallOptions,
): AsyncGenerator<Chunk> {
  let stream: ByteStream | undefined = first;
  let position = offset;
  let fruitless = 0;
  for (let resumes = 0; ; resumes++) {
    const start = position;
    let cut: unknown;
    try {
      stream ??= await openAt(place, blob, position, options);
      for await (const chunk of stream) {
        position += chunk.bytes.length;
        if (position > blob.size) throw tooLong(place, blob, chunk);
        yield chunk;
      }
    } catch (error) {
      if (!mayPass(error) || isGivenUp(error) || options.signal?.aborted) throw error;
      cut = error;
    }
    if (position === blob.size) return;

    const isFruitful = position - start >= Math.min(fruitfulBytes, blob.size * fruitfulShare);
    fruitless = isFruitful ? 0 : fruitless + 1;
    if (fruitless > mostFruitlessResumes || resumes >= mostResumes) throw endedEarly(place, blob, position, cut);
    if (fruitless > 1) await place.wire.clock.sleep(firstPauseMs * 2 ** fruitless, options);
    stream = undefined;
  }
}

async function openAt(place: BlobPlace, blob: Descriptor, offset: number, options: CallOptions): Promise<ByteStream> {
  const { wire, repository, location } = place;
  const answer = await wire.download({
    method: 'GET',
    to: blobPath(repository, blob),
    access: toRead(repository),
    expectedBytes: blob.size - offset,
    ...(offset > 0 && { headers: { range: `bytes=${offset}-` } }),
    ...options,
  });
  if (answer.stream === undefined) throw refusal(answer, 'read-blob', `${location}@${blob.digest}`);
  const promised = promisedRange(answer);
  if (answer.status === 200) {
    if (promised.total !== undefined && promised.total !== blob.size) return wrongSize(place, blob, answer);
    return offset === 0 ? answer.stream : skipBytes(answer.stream, offset);
  }
  if (promised.start === offset && (promised.total ?? blob.size) === blob.size) return answer.stream;
  return wrongSize(place, blob, answer);
}

/** What a `Content-Range` or, for the whole, a `Content-Length` promises. */
function promisedRange({ status, headers }: HttpDownload): { readonly start?: number; readonly total?: number } {
  if (status === 200) {
    const length = headers.get('content-length');
    return length === undefined ? {} : { total: Number(length) };
  }
  const [, start, , total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
  if (start === undefined) return {};
  return { start: Number(start), ...(total !== '*' && { total: Number(total) }) };
}

/** The unread body is given up, so that its connection is not held for ever. */
async function wrongSize(place: BlobPlace, blob: Descriptor, answer: HttpDownload): Promise<never> {
  const length = answer.headers.get('content-range') ?? answer.headers.get('content-length') ?? 'no length';
  if (answer.stream !== undefined) await abandon(answer.stream);
  throw new TranshipError(
    'E_SIZE_MISMATCH',
    'temporary',
    `The registry sends another part or size of a blob than its manifest names (${blob.size} bytes).`,
    { subject: `${place.location}@${blob.digest}`, serverSaid: `HTTP ${answer.status}, ${length}` },
  );
}

async function abandon(stream: ByteStream): Promise<void> {
  await stream[Symbol.asyncIterator]().return?.();
}

function tooLong({ location }: BlobPlace, blob: Descriptor, chunk: Chunk): TranshipError {
  chunk.release();
  return new TranshipError(
    'E_SIZE_MISMATCH',
    'failed',
    `The registry sends more than the ${blob.size} bytes that the manifest names.`,
    { subject: `${location}@${blob.digest}` },
  );
}

function endedEarly({ location }: BlobPlace, blob: Descriptor, position: number, cause: unknown): TranshipError {
  return new TranshipError(
    'E_CUT',
    'temporary',
    `The download ended after ${position} of ${blob.size} bytes, again and again.`,
    {
      subject: `${location}@${blob.digest}`,
      hint: 'Something between here and the registry cuts long transfers: look at proxies and their time-outs.',
      cause,
    },
  );
}

function mayPass(error: unknown): boolean {
  return isTranshipError(error) && error.failure === 'temporary';
}

async function* nothing(): AsyncGenerator<Chunk> {}
