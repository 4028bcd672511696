import type { HttpAnswer } from '../http/types.ts';
import { isTranshipError } from '../oci/errors.ts';
import { readWords } from './answer-words.ts';
import { lateSignal } from './late-signal.ts';
import {
  afterCommit,
  confirm,
  isAboutDigest,
  isRefusedForGood,
  type Outcome,
  problem,
  type Run,
  untilTaken,
} from './upload-outcome.ts';
import type { UploadAnswer } from './wire.ts';

/**
 * Sends a small blob in the request that ends the upload (distribution-spec end-6). Learns where the registry takes none so, or none of
 * its size.
 */
export async function putWhole(run: Run): Promise<Outcome> {
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
