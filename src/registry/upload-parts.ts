import { isTranshipError } from '../oci/errors.ts';
import {
  afterCommit,
  confirm,
  isAboutDigest,
  isRefusedForGood,
  isToComeLater,
  mayPause,
  type Outcome,
  orCut,
  problem,
  type Run,
  untilTaken,
} from './upload-outcome.ts';
import type { Part, RangedPart } from './upload-session.ts';
import type { UploadAnswer } from './wire.ts';

const mostResumes = 20;

/**
 * Sizes of a PATCH that are tried one after another where a larger one is refused, or fails: proxies have limits for bodies and for how
 * long one may take. nginx takes 1 MiB where nobody told it otherwise, and others count in millions.
 */
export const smallerChunks = [4 * 1024 * 1024, 1_000_000];

/**
 * Sends a blob in one PATCH, or in several of at most `largest` bytes, and commits it (distribution-spec end-5, end-6). After a failure it
 * goes on from what the registry says it has.
 */
export async function patchAll(run: Run, largest: number | undefined): Promise<Outcome> {
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
