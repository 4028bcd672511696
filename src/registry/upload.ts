import { isGivenUp } from '../http/errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { algorithmOf } from '../oci/digest.ts';
import { isTranshipError, TranshipError } from '../oci/errors.ts';
import type { BlobSource, CallOptions } from '../oci/ports.ts';
import { toWrite } from './auth/access.ts';
import { BlobCursor } from './blob-cursor.ts';
import type { BlobPlace } from './blobs.ts';
import { refusal } from './errors.ts';
import { lateSignal } from './late-signal.ts';
import { atLast, isToComeLater, mayPause, type Outcome, type Pauses, type Run } from './upload-outcome.ts';
import { patchAll, smallerChunks } from './upload-parts.ts';
import { UploadSession } from './upload-session.ts';
import { putWhole } from './upload-whole.ts';

/** Upload sessions for one blob before it fails for this pass; those that only taught us something are not counted. */
const mostSessions = 3;
const mostLessons = 3;
/** Pauses that a registry may ask for in the middle of a blob's uploads. */
const mostPauses = 20;
const firstPauseMs = 500;

/**
 * Stores a blob. One session after another is tried, each following what the registry does: the answers that matter are
 * 201 to the commit and, where that got lost, whether the blob is there. `first` is a session that stands open already.
 */
export async function uploadBlob(
  place: BlobPlace,
  blob: Descriptor,
  source: BlobSource,
  first: UploadSession | undefined,
  options: CallOptions = {},
): Promise<void> {
  let session = first;
  let fitted: Fitted = {};
  let lessons = 0;
  const pauses: Pauses = { left: mostPauses };
  for (let failures = 0; ; ) {
    const outcome = await inOneSession(place, blob, source, { session, pauses, ...fitted }, options);
    session = undefined;
    if (outcome === 'stored') return;
    if (outcome === 'learned' && lessons < mostLessons) {
      lessons++;
      continue;
    }
    const error = outcome === 'learned' ? noWay(place, blob) : outcome;
    if (isToComeLater(error) && mayPause(pauses)) continue;
    failures++;
    if (failedAtServer(error)) fitted = { small: 'in parts', largest: smallerChunks[failures - 1] };
    if (failures >= mostSessions || isGivenUp(error)) throw atLast({ place, blob }, error);
    await place.wire.clock.sleep(firstPauseMs * 2 ** failures, options);
  }
}

/**
 * Opens an upload (distribution-spec end-4a); a stopped run waits a little for the answer, which names what is to be cancelled. An
 * algorithm beside the usual one is named, for who hashes on the way (4c).
 */
async function openSession(place: BlobPlace, { digest }: Descriptor, options: CallOptions): Promise<UploadSession> {
  const { wire, repository, location } = place;
  const algorithm = algorithmOf(digest);
  const query = algorithm === 'sha256' ? '' : `?digest-algorithm=${algorithm}`;
  using late = lateSignal(options.signal);
  const answer = await wire.request({
    method: 'POST',
    to: `/v2/${repository}/blobs/uploads/${query}`,
    access: toWrite(repository),
    signal: late.signal,
  });
  const target = answer.status === 202 ? wire.location(answer) : undefined;
  if (target === undefined) throw refusal(answer, 'push-blob', location);
  return new UploadSession(place, target, answer);
}

interface Attempt extends Fitted {
  readonly session: UploadSession | undefined;
  readonly pauses: Pauses;
}

/** How this blob alone goes up after the registry failed with it: nothing is known yet of others. */
interface Fitted {
  /** A small blob does not go up in the request that ends the upload. */
  readonly small?: 'in parts';
  /** Bytes of one PATCH. */
  readonly largest?: number | undefined;
}

async function inOneSession(
  place: BlobPlace,
  blob: Descriptor,
  source: BlobSource,
  { session: opened, pauses, small, largest }: Attempt,
  options: CallOptions,
): Promise<Outcome> {
  await using cursor = new BlobCursor(source, options);
  try {
    await using session = opened ?? (await openSession(place, blob, options));
    options.signal?.throwIfAborted();
    const run: Run = { place, blob, session, cursor, pauses, options };
    const isSmall = blob.size <= place.wire.abilities.now.singlePutLimit;
    const outcome = isSmall && small === undefined ? await putWhole(run) : await patchAll(run, largest);
    if (outcome === 'stored') session.finished();
    return outcome;
  } catch (error) {
    if (cursor.failure !== undefined) throw cursor.failure;
    if (options.signal?.aborted || !isTranshipError(error) || error.failure !== 'temporary') throw error;
    return error;
  }
}

/** Of a registry that fails with a blob in one PUT it is not known whether it fails with everything. */
function failedAtServer({ serverSaid = '' }: TranshipError): boolean {
  return serverSaid.startsWith('HTTP 5');
}

function noWay({ location }: BlobPlace, blob: Descriptor): TranshipError {
  return new TranshipError('E_UPLOAD_REFUSED', 'failed', 'The registry takes the blob in none of the known ways.', {
    subject: `${location}@${blob.digest}`,
  });
}
