import type { HttpAnswer } from '../http/types.ts';
import { TranshipError } from '../oci/errors.ts';

type Answer = Pick<HttpAnswer, 'status' | 'body' | 'isThrottled'>;

const longestQuotation = 200;

/** What a refusal of a registry's API means. `what` says what was asked: `The listing of artifacts`. */
export function refused(answer: Answer, what: string, subject: string): TranshipError {
  const said = wordsOf(answer);
  const details = { subject, serverSaid: said === '' ? `HTTP ${answer.status}` : `HTTP ${answer.status} ${said}` };
  const { status, isThrottled = false } = answer;
  if (status === 401) return new TranshipError('E_UNAUTHORIZED', 'auth', `${what} needs other credentials.`, details);
  if (status === 403) return new TranshipError('E_DENIED', 'auth', `${what} is not allowed to this account.`, details);
  if (status === 404) return new TranshipError('E_REPOSITORY_UNKNOWN', 'failed', `${what} was not found.`, details);
  if (status === 429 || isThrottled)
    return new TranshipError('E_THROTTLED', 'temporary', `${what} was asked for too often.`, details);
  if (status >= 500) return new TranshipError('E_SERVER', 'temporary', `${what} failed at the registry.`, details);
  return new TranshipError('E_REFUSED', 'failed', `${what} was refused.`, details);
}

/** An answer with a good status that is not what the API's description says. */
export function unreadable(answer: Answer, what: string, subject: string): TranshipError {
  const serverSaid = `HTTP ${answer.status} ${wordsOf(answer)}`.trim();
  return new TranshipError('E_LISTING', 'failed', `${what} is not as the registry's API describes it.`, {
    subject,
    serverSaid,
    hint: 'A proxy or a login page may stand before the registry, or it is of another kind.',
  });
}

export function endless(what: string, subject: string): TranshipError {
  return new TranshipError('E_ENDLESS_LISTING', 'failed', `${what} goes on without anything new.`, { subject });
}

/** A discovery that needs to be told where to look, because the registry does not list everything that it has. */
export function namespaceNeeded(host: string): TranshipError {
  return new TranshipError('E_UNSUPPORTED', 'failed', 'The registry lists repositories only below a namespace.', {
    subject: host,
    hint: 'Begin the pattern with a namespace: `mirror/**` instead of `**`.',
  });
}

/** The server's own words on one printable line: what a JSON answer calls its message, else the text itself. */
function wordsOf({ body }: Answer): string {
  const text = body.toString('utf8');
  const words = messageIn(parsed(text)) ?? (/^\s*</.test(text) ? 'an HTML page' : text);
  return words
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, longestQuotation);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function messageIn(document: unknown): string | undefined {
  if (typeof document !== 'object' || document === null) return undefined;
  const { errors, message, detail, error } = document as Record<string, unknown>;
  if (Array.isArray(errors) && errors.length > 0) return messageIn(errors[0]);
  return [message, detail, error].find((value) => typeof value === 'string' && value !== '') as string | undefined;
}
