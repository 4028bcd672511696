import { isGivenUp } from '../http/errors.ts';
import type { HttpAnswer } from '../http/types.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { algorithmOf } from '../oci/digest.ts';
import { isTranshipError, TranshipError } from '../oci/errors.ts';
import type { BlobSource, CallOptions } from '../oci/ports.ts';
import { readWords } from './answer-words.ts';
import { toWrite } from './auth/access.ts';
import { BlobCursor } from './blob-cursor.ts';
import type { BlobPlace } from './blobs.ts';
import { refusal } from './errors.ts';
import { lateSignal } from './late-signal.ts';
import {
  afterCommit,
  atLast,
  confirm,
  isAboutDigest,
  isRefusedForGood,
  isToComeLater,
  mayPause,
  type Outcome,
  orCut,
  type Pauses,
  problem,
  type Run,
} from './upload-outcome.ts';
import { type Part, type RangedPart, UploadSession } from './upload-session.ts';
import type { UploadAnswer } from './wire.ts';

/** Upload sessions for one blob before it fails for this pass; those that only taught us something are not counted. */
const mostSessions = 3;
const mostLessons = 3;
/** Pauses that a registry may ask for in the middle of a blob's uploads. */
const mostPauses = 20;
const mostResumes = 20;
const firstPauseMs = 500;

/**
 * Sizes of a PATCH that are tried one after another where a larger one is refused, or fails: proxies have limits for bodies and for how
 * long one may take. nginx takes 1 MiB where nobody told it otherwise, and others count in millions.
 */
const smallerChunks = [4 * 1024 * 1024, 1_000_000];

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

/** Opens an upload (distribution-spec end-4a); a stopped run waits a little for the answer, which names what is to be cancelled. An algorithm beside the usual one is named, for who hashes on the way (4c). */
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

async function putWhole(run: Run): Promise<Outcome> {
  const { session, blob, place } = run;
  const answer = await untilTaken(() => sendWhole(run), run);
  if (isTranshipError(answer)) return session.sent < blob.size ? answer : confirm(run, answer);
  if (answer.status === 401 && answer.renewed) return problem(run, answer);
  const { abilities } = place.wire;
  if (answer.status === 413) {
    abilities.downgrade('singlePutLimit', blob.size - 1, `a blob of ${blob.size} bytes in one PUT is too large`);
    return 'learned';
  }
  if (refusesTheForm(answer) && !isAboutDigest(answer) && !isRefusedForGood(answer)) {
    abilities.downgrade('singlePutLimit', -1, `a blob in one PUT is answered with ${answer.status}`);
    return 'learned';
  }
  return afterCommit(run, answer);
}

/**
 * Sends again, into the same session, what the registry wanted later: it has taken none of it, and a host that lets so many requests
 * through in a second counts the one for another session too. Where it took some all the same, the digest tells at the commit.
 */
async function untilTaken<A extends HttpAnswer>(send: () => Promise<A>, run: Run): Promise<A | TranshipError> {
  for (;;) {
    const answer = await orCut(send(), run);
    if (isTranshipError(answer) || answer.isThrottled !== true || !mayPause(run.pauses)) return answer;
  }
}

async function sendWhole({ session, blob, cursor, options }: Run): Promise<UploadAnswer> {
  using late = lateSignal(options.signal);
  const mayFinish = session.losesCount ? { signal: late.signal } : options;
  cursor.readUnder(mayFinish);
  return await session.putWhole(blob.digest, blob.size, cursor, mayFinish);
}

/** What a registry may say to a PUT with body that it does not know; 404 is a lost session and handled as such. */
const otherForm: ReadonlySet<number> = new Set([400, 405, 411, 415, 416, 501]);

/** Some fail with it, and only their words tell that they always will. */
function refusesTheForm(answer: HttpAnswer): boolean {
  return otherForm.has(answer.status) || (answer.status === 500 && isUnsupported(readWords(answer).text));
}

function isUnsupported(words: string): boolean {
  return /\b(not (supported|implemented)|unsupported)\b/i.test(words);
}

/** Of a registry that fails with a blob in one PUT it is not known whether it fails with everything. */
function failedAtServer({ serverSaid = '' }: TranshipError): boolean {
  return serverSaid.startsWith('HTTP 5');
}

async function patchAll(run: Run, largest: number | undefined): Promise<Outcome> {
  const { blob, session, cursor, options, place } = run;
  const chunk = chunkSize(run, largest);
  let resumes = 0;
  for (let at = 0; at < blob.size; ) {
    const to = Math.min(at + chunk, blob.size);
    const part = { from: at, to, ranged: at > 0 || to < blob.size };
    const answer = await orCut(session.patch(part, cursor, options), run);
    if (!isTranshipError(answer)) {
      if (answer.status >= 200 && answer.status < 300) {
        at = to;
        continue;
      }
      const outcome = refusedPatch(run, answer, part);
      if (outcome !== 'probe') return outcome;
    }
    const why = isTranshipError(answer) ? answer : problem(run, answer);
    const isPause = isToComeLater(why);
    const mayGoOn = isPause ? mayPause(run.pauses) : resumes < mostResumes;
    const received = place.wire.abilities.now.resume && mayGoOn ? await probe(run, part) : undefined;
    // Nothing, or one byte: who only asked for a pause has none, and after a cut a new upload costs nothing.
    if (received === undefined || (received === 0 && !isPause)) return why;
    if (!isPause) resumes++;
    at = received;
  }
  return commit(run);
}

/** A registry whose uploads must not be gone on with after a failure gets what it is known to take. */
function chunkSize({ place, session, blob }: Run, largest: number | undefined): number {
  const { patchChunk = blob.size, resume } = place.wire.abilities.now;
  const chunk = resume && largest !== undefined ? Math.min(largest, patchChunk) : patchChunk;
  return Math.max(chunk, session.leastChunk, 1);
}

/** A PATCH is never just sent again: the registry may have taken it, and append. It is asked what it has. */
async function probe({ session, options }: Run, part: Part): Promise<number | undefined> {
  try {
    return await session.probe(part.to, options);
  } catch (error) {
    if (options.signal?.aborted || !isTranshipError(error)) throw error;
    return undefined;
  }
}

function refusedPatch(run: Run, answer: UploadAnswer, { from, to, ranged }: RangedPart): Outcome | 'probe' {
  const { abilities } = run.place.wire;
  if (answer.status >= 500 && !isRefusedForGood(answer)) return 'probe';
  if (answer.isThrottled === true || (answer.status === 401 && answer.renewed)) return 'probe';
  const tooLarge = answer.status === 413 || (answer.status === 416 && !ranged);
  const smaller = tooLarge ? smallerChunks.find((chunk) => chunk < to - from) : undefined;
  if (smaller !== undefined) {
    const { patchChunk = smaller } = abilities.now;
    const why = `${to - from} bytes in one PATCH are answered with ${answer.status}`;
    abilities.downgrade('patchChunk', Math.min(smaller, patchChunk), why);
    return 'learned';
  }
  if (answer.status === 416 || answer.status === 404 || isAboutDigest(answer)) return problem(run, answer);
  if (answer.status === 400 && ranged && abilities.now.resume) {
    abilities.downgrade('resume', false, 'a resumed upload is refused');
    return problem(run, answer);
  }
  throw problem(run, answer);
}

async function commit(run: Run): Promise<Outcome> {
  const { session, blob, options } = run;
  const answer = await untilTaken(() => session.commit(blob.digest, blob.size, options), run);
  return isTranshipError(answer) ? confirm(run, answer) : afterCommit(run, answer);
}

function noWay({ location }: BlobPlace, blob: Descriptor): TranshipError {
  return new TranshipError('E_UPLOAD_REFUSED', 'failed', 'The registry takes the blob in none of the known ways.', {
    subject: `${location}@${blob.digest}`,
  });
}
