/**
 * Turns what Quay answers when it does not do something into one error that a person understands. Quay has four shapes of
 * JSON errors, plain text and HTML pages, says 400 for "not found" in many places, and complains about a CSRF token when a
 * bearer token is dead.
 */
import { type FailureClass, TranshipError } from '../oci/errors.ts';

export interface QuayAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: string;
}

export interface FailedCall {
  readonly what: string;
  readonly server: string;
  /** The scope that the call needs, for the hint. */
  readonly scope: string;
  /** The flag that the call needs, where it needs one. */
  readonly feature?: string | undefined;
}

/** The most of a server's words that a message repeats. */
const longestQuotation = 300;

export function answerError(answer: QuayAnswer, call: FailedCall): TranshipError {
  const said = wordsOf(answer);
  const [code, failure, why, hint] = explain(answer, said, call);
  return new TranshipError(code, failure, sentence(call, why), {
    subject: call.server,
    ...(said === '' ? {} : { serverSaid: said }),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** What happened comes first; the route of the API is for who reads its documentation. */
function sentence({ what }: FailedCall, why: string): string {
  if (!/^[A-Z]+ \//.test(what)) return `${what}: ${why}`;
  return `${why.charAt(0).toUpperCase()}${why.slice(1)} (${what})`;
}

type Explanation = readonly [code: `E_${string}`, failure: FailureClass, why: string, hint?: string | undefined];

function explain(answer: QuayAnswer, said: string, call: FailedCall): Explanation {
  const { status } = answer;
  if (isDeadToken(status, said)) {
    return ['E_QUAY_TOKEN', 'auth', 'the token is missing, invalid or expired', tokenHint(call)];
  }
  if (status === 403) {
    return [
      'E_QUAY_SCOPE',
      'auth',
      `the token may not do this; it needs ${scopeWords(call)} and the rights of its user`,
      tokenHint(call),
    ];
  }
  if (isAbsent(status, said)) return ['E_QUAY_ABSENT', 'failed', 'there is no such object'];
  // A route that is not there is also answered with a redirect to the same path with a slash.
  if (status === 404 || status === 405 || (status >= 300 && status < 400)) {
    return [
      'E_QUAY_UNSUPPORTED',
      'usage',
      'this Quay does not offer the call, or its feature is off',
      featureHint(call),
    ];
  }
  if (status === 409) return ['E_QUAY_CONFLICT', 'refused', 'it is in the way of what exists'];
  if (status === 429) return ['E_THROTTLED', 'temporary', 'the server asks to slow down'];
  if (status === 503 && /read.?only/i.test(answer.body)) {
    return ['E_READ_ONLY', 'unwritable', 'the registry or repository takes no changes now'];
  }
  if (status >= 500) return ['E_QUAY_SERVER', 'temporary', `the server failed with ${status}`];
  return ['E_QUAY_REFUSED', 'failed', `the server refused it with ${status}`];
}

function isDeadToken(status: number, said: string): boolean {
  return status === 401 || (status === 403 && /csrf token/i.test(said));
}

/** Texts with which Quay says "not found" under status 400. */
const absentTexts = [
  /^could not find/i,
  /does not have permission for repo/i,
  /is not a team in org/i,
  /^unknown user/i,
  /^invalid robot/i,
  /does not exist/i,
  /not found/i,
];

/** Whether an answer means that the object is not there. An HTML 404 means that the route is not there. */
export function isAbsent(status: number, said: string): boolean {
  if (status === 404) return said !== '' && !said.startsWith('HTML page');
  return status === 400 && absentTexts.some((text) => text.test(said));
}

function featureHint({ feature }: FailedCall): string | undefined {
  return feature === undefined ? undefined : `FEATURE_${feature}: true in Quay's config.yaml switches it on.`;
}

/** Some calls are open to whatever scope reads the object. */
function scopeWords({ scope }: FailedCall): string {
  return scope === 'any' ? 'a scope that reads the object' : `the scope ${scope}`;
}

function tokenHint(call: FailedCall): string {
  return `Make an OAuth token with ${scopeWords(call)} (organisation → Applications → Generate Token), or run: tranship quay login ${call.server}`;
}

/** The server's own words, whatever their shape, on one printable line. */
export function wordsOf(answer: QuayAnswer): string {
  const words = textOf(answer)
    .replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .trim();
  return words.length > longestQuotation ? `${words.slice(0, longestQuotation)}…` : words;
}

function textOf({ body, contentType, status }: QuayAnswer): string {
  const document = parsed(body);
  if (document !== undefined) return messageOf(document);
  if (contentType?.includes('html') === true || /^\s*</.test(body)) return `HTML page (status ${status})`;
  return body;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function messageOf(document: unknown): string {
  if (typeof document === 'string') return document;
  if (typeof document !== 'object' || document === null) return '';
  const fields: Record<string, unknown> = { ...document };
  for (const key of ['detail', 'message', 'error_message', 'error', 'title']) {
    const value = fields[key];
    // A schema failure dumps the whole schema behind its first line.
    if (typeof value === 'string' && value !== '') return value.split('\n', 1)[0] ?? '';
  }
  return '';
}
