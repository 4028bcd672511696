import { isGivenUp } from '../http/errors.ts';
import type { HttpAnswer } from '../http/types.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { algorithmOf, type Digest, parseDigest } from '../oci/digest.ts';
import { isTranshipError, TranshipError } from '../oci/errors.ts';
import type { CallOptions } from '../oci/ports.ts';
import { readWords } from './answer-words.ts';
import { toWrite } from './auth/access.ts';
import type { BlobCursor } from './blob-cursor.ts';
import { type BlobPlace, blobPath } from './blobs.ts';
import { refusal } from './errors.ts';
import type { UploadSession } from './upload-session.ts';

/** Pauses before each look for a blob whose commit got no clear answer: some registries show it late. */
const confirmPausesMs = [0, 1000, 3000];

/** How one session ended. */
export type Outcome =
  | 'stored'
  /** The registry wants the blob in another way, which is known now. */
  | 'learned'
  /** This session is dead; another may do. */
  | TranshipError;

/** Pauses that the registry may still ask for while it gets one blob. */
export interface Pauses {
  left: number;
}

/** Counts one, if there is one left. */
export function mayPause(pauses: Pauses): boolean {
  pauses.left -= 1;
  return pauses.left >= 0;
}

/** One attempt to store a blob, in one session. */
export interface Run {
  readonly place: BlobPlace;
  readonly blob: Descriptor;
  readonly session: UploadSession;
  readonly cursor: BlobCursor;
  readonly pauses: Pauses;
  readonly options: CallOptions;
}

/** What the answer to a commit means. Throws what another upload would not change. */
export async function afterCommit(run: Run, answer: HttpAnswer): Promise<Outcome> {
  if (answer.status === 201 || answer.status === 204 || answer.status === 200) return checkedDigest(run, answer);
  if (isAboutDigest(answer) || answer.status === 416) return problem(run, answer);
  // Who only asks for a pause has not looked at the upload.
  const failed = answer.status >= 500 && answer.isThrottled !== true && !isRefusedForGood(answer);
  const unclear = answer.status === 202 || answer.status === 404 || failed;
  if (unclear) return confirm(run, problem(run, answer));
  throw problem(run, answer);
}

/** distribution 3 stores what was pushed by a sha512 under a sha256 name, and then does not find it by its own. */
async function checkedDigest(run: Run, answer: HttpAnswer): Promise<Outcome> {
  const { blob } = run;
  const named = parseDigest(answer.headers.get('docker-content-digest') ?? '');
  if (named === undefined || named === blob.digest) return 'stored';
  if (algorithmOf(named) === algorithmOf(blob.digest)) return storedAs(run, named);
  if (await isThere(run)) return 'stored';
  throw algorithmUnknown(run, `The registry keeps the blob under another name: ${named}.`);
}

function algorithmUnknown(
  { place, blob }: Pick<Run, 'place' | 'blob'>,
  message: string,
  serverSaid?: string,
): TranshipError {
  return new TranshipError('E_DIGEST_ALGORITHM', 'failed', message, {
    subject: `${place.location}@${blob.digest}`,
    ...(serverSaid !== undefined && { serverSaid }),
    hint: 'It does not know this digest algorithm. Images that use it cannot be stored there.',
  });
}

/**
 * What a registry means that calls a digest wrong each time. Of a sha512 it takes the sha256, as Gitea does: that is not going to
 * pass, and nothing was damaged on the way.
 */
export function atLast(tried: Pick<Run, 'place' | 'blob'>, error: TranshipError): TranshipError {
  if (error.code !== 'E_DIGEST_MISMATCH' || algorithmOf(tried.blob.digest) === 'sha256') return error;
  return algorithmUnknown(tried, 'The registry takes the digest of the blob for a wrong one.', error.serverSaid);
}

/** It took the blob and names something else: a proxy that mixes up answers, or bytes that changed on the way. */
function storedAs({ blob, place }: Run, named: Digest): TranshipError {
  return new TranshipError('E_DIGEST_MISMATCH', 'temporary', `The registry says that it stored ${named}.`, {
    subject: `${place.location}@${blob.digest}`,
    hint: 'Something between here and the registry changes what is pushed, or mixes up answers.',
  });
}

/**
 * The commit got no clear answer. That is the commonest failure of all, and mostly the blob is in fact stored, so it is
 * looked for before its bytes are sent again.
 */
export async function confirm(run: Run, why: TranshipError): Promise<Outcome> {
  for (const pause of confirmPausesMs) {
    if (pause > 0) await run.place.wire.clock.sleep(pause, run.options);
    if (await isThere(run)) return 'stored';
  }
  return why;
}

/** Asked by HEAD, with the right to write, as a token for reading may not be had here. */
async function isThere({ place, blob, options }: Run): Promise<boolean> {
  const { wire, repository } = place;
  const to = blobPath(repository, blob);
  const answer = await orUndefined(
    wire.request({ method: 'HEAD', to, access: toWrite(repository), ...options }),
    options,
  );
  return answer?.status === 200;
}

/** The error that an answer means, as one that may pass where the registry merely lost the upload. */
export function problem({ place, blob }: Run, answer: HttpAnswer): TranshipError {
  const error = refusal(answer, 'push-blob', `${place.location}@${blob.digest}`);
  const renewed = 'renewed' in answer && answer.renewed === true;
  const again = renewed || answer.status === 404 || answer.status === 416 || isAboutDigest(answer);
  if (!again || error.failure === 'temporary') return error;
  return new TranshipError('E_UPLOAD_LOST', 'temporary', 'The registry lost the upload.', {
    subject: `${place.location}@${blob.digest}`,
    ...(error.serverSaid !== undefined && { serverSaid: error.serverSaid }),
  });
}

/** The registry asked for a pause, which the host's gate keeps: that says nothing about the upload. */
export function isToComeLater({ code, serverSaid }: TranshipError): boolean {
  return code === 'E_THROTTLED' && serverSaid !== undefined;
}

/** The registry hashed other bytes. Quay says so with 400 BLOB_UPLOAD_INVALID, which under 404 is a lost upload. */
export function isAboutDigest(answer: HttpAnswer): boolean {
  const pattern =
    answer.status === 400 ? /DIGEST_INVALID|SIZE_INVALID|BLOB_UPLOAD_INVALID/ : /DIGEST_INVALID|SIZE_INVALID/;
  return readWords(answer).codes.some((code) => pattern.test(code));
}

/** Full or closed for writing: nothing that another way of sending would change. 405 may mean the verb alone. */
export function isRefusedForGood(answer: HttpAnswer): boolean {
  const { failure } = refusal(answer, 'push-blob', '');
  return failure === 'unwritable' && answer.status !== 405;
}

/** The answer, or the transport's failure where the connection broke; a failing source and a cancelled run still throw. */
export async function orCut<A>(sending: Promise<A>, { cursor, options }: Run): Promise<A | TranshipError> {
  try {
    return await sending;
  } catch (error) {
    if (cursor.failure !== undefined || options.signal?.aborted) throw error;
    if (isTranshipError(error) && error.failure === 'temporary') return error;
    throw error;
  }
}

/**
 * Sends again, into the same session, what the registry wanted later: it has taken none of it, and a host that lets so many requests
 * through in a second counts the one for another session too. Where it took some all the same, the digest tells at the commit.
 */
export async function untilTaken<A extends HttpAnswer>(send: () => Promise<A>, run: Run): Promise<A | TranshipError> {
  for (;;) {
    const answer = await orCut(send(), run);
    if (isTranshipError(answer) || answer.isThrottled !== true || !mayPause(run.pauses)) return answer;
  }
}

async function orUndefined<A>(asking: Promise<A>, options: CallOptions): Promise<A | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (options.signal?.aborted || !isTranshipError(error) || isGivenUp(error)) throw error;
    return undefined;
  }
}
