import type { HttpAnswer } from '../http/types.ts';
import type { FoundCredential } from '../oci/credential.ts';
import { TranshipError } from '../oci/errors.ts';
import { type AnswerWords, readWords } from './answer-words.ts';
import { type Act, judge, type Refusal } from './refusal-rules.ts';

/** Of a refusal for want of credentials: where those came from that were tried, `null` where none were found. */
export interface Tried {
  readonly tried?: string | null;
}

type Answer = Pick<HttpAnswer, 'status' | 'body' | 'headers' | 'isThrottled'> & Tried;

/** The error that a registry's refusal means. `subject` names the reference that it is about. */
export function refusal(answer: Answer, act: Act, subject: string): TranshipError {
  const words = readWords(answer);
  const writes = act === 'push-blob' || act === 'push-manifest' || act === 'delete';
  const { status, isThrottled = false } = answer;
  const seen: Refusal = { act, status, isThrottled, words, writes, all: `${words.codes.join(' ')} ${words.text}` };
  const { code, failure, message: usual, hint: general, digests } = judge(seen);
  const message = code === 'E_UNAUTHORIZED' ? whatWasTried(answer, usual) : usual;
  const hint = general?.replace('HOST', hostIn(subject)).replace('REPOSITORY', repositoryIn(subject));
  return new TranshipError(code, failure, message, {
    subject,
    serverSaid: said(answer, words),
    ...(hint !== undefined && { hint }),
    ...(digests !== undefined && { digests }),
  });
}

/** Hints that name a command name what to call it with: subjects are `host`, `host/repository`, `host/repository:tag` or `…@digest`. */
function hostIn(subject: string): string {
  return subject.split('/', 1)[0] ?? subject;
}

function repositoryIn(subject: string): string {
  return subject.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
}

/** The refusal of a token service. */
export function tokenRefused(answer: Answer, host: string, found: FoundCredential | undefined): TranshipError {
  if (answer.status === 401 || answer.status === 403) return badCredentials(answer, host, found);
  return refusal(answer, 'ping', host);
}

function badCredentials(answer: Answer, host: string, found: FoundCredential | undefined): TranshipError {
  const message = found === undefined ? noneFound : `The credentials from ${found.origin} were refused.`;
  return new TranshipError('E_UNAUTHORIZED', 'auth', message, {
    subject: host,
    serverSaid: said(answer, readWords(answer)),
    hint: `Run \`tranship login ${host}\`.`,
  });
}

const noneFound = 'The registry wants credentials, and none were found.';

/** A registry says the same of a wrong password as of an account that may not see a repository. */
function whatWasTried({ tried }: Tried, otherwise: string): string {
  if (tried === undefined) return otherwise;
  return tried === null ? noneFound : `The credentials from ${tried} do not open this.`;
}

function said({ status }: Answer, { text }: AnswerWords): string {
  return text === '' ? `HTTP ${status}` : `HTTP ${status} ${text}`;
}
