import { stripVTControlCharacters } from 'node:util';
import type { HttpAnswer } from '../http/types.ts';
import { type JsonObject, listAt, objectOf, parseJson } from './json.ts';

/** What a registry said when it refused, as far as it can be read. */
export interface AnswerWords {
  /** The codes of the distribution specification's error body, in order; empty where the body is something else. */
  readonly codes: readonly string[];
  /** Everything in one line that can be shown: the errors' texts, or the start of whatever came. */
  readonly text: string;
  /** The errors' details as JSON text, for what only stands there (the digests of missing blobs). */
  readonly details: string;
}

/** An error body that is longer says nothing more. */
const longestErrorBody = 65_536;
const longestText = 400;

const mostErrors = 1000;

/** Reads the body of a refusal, which may be anything: JSON of any shape, a proxy's page, plain words, junk. */
export function readWords(answer: Pick<HttpAnswer, 'body' | 'headers'>): AnswerWords {
  const body = answer.body.subarray(0, longestErrorBody);
  const encoding = answer.headers.get('content-encoding');
  if (encoding !== undefined && encoding !== 'identity') return { codes: [], text: '', details: '' };
  const text = body.toString('utf8').replace(/^\uFEFF/, '');
  return ofErrors(parseJson(text)) ?? ofSingle(parseJson(text)) ?? { codes: [], text: plainText(text), details: '' };
}

/**
 * Text from a server in one line without what could steer a terminal: no escapes, no control or bidirectional characters.
 */
export function printable(text: string, limit = longestText): string {
  const line = stripVTControlCharacters(text)
    .replace(/\p{Cc}|\p{Cf}|\p{Co}|\p{Cs}|\u2028|\u2029|\uFFFD/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`;
}

function ofErrors(json: unknown): AnswerWords | undefined {
  const errors = errorsOf(json);
  if (errors === undefined) return undefined;
  const lines = errors.map(({ code, message, detail }) =>
    [code, message, detailText(code, detail)].filter(isText).join(': '),
  );
  return {
    codes: errors.map(({ code }) => code).filter(isText),
    text: printable(lines.filter((line) => line !== '').join('; ')),
    details: JSON.stringify(errors.map(({ message, detail }) => [message, detail])),
  };
}

/** The errors of the distribution specification's body, each an object; `undefined` for any other document. */
function errorsOf(json: unknown): readonly JsonObject[] | undefined {
  const list = listAt(json, 'errors') ?? [];
  if (list.length === 0 || list.length > mostErrors) return undefined;
  const errors = list.map(objectOf);
  return errors.every((error) => error !== undefined) ? errors : undefined;
}

/**
 * Quay says what matters in a message of the detail, and distribution, where it failed itself, in its text: a full disk. Other details
 * repeat what was asked, names and all.
 */
function detailText(code: unknown, detail: unknown): unknown {
  if (code === 'UNKNOWN' && isText(detail)) return detail;
  return typeof detail === 'object' && detail !== null && 'message' in detail ? detail.message : undefined;
}

/** Shapes of servers that have their own: Quay's API and its token service, ECR, Artifactory, zot. */
function ofSingle(json: unknown): AnswerWords | undefined {
  const parsed = objectOf(json);
  if (parsed === undefined) return undefined;
  const { code, error, message, error_description, detail } = parsed;
  const texts = [code, error, message, error_description, detail].filter(isText);
  if (texts.length === 0) return undefined;
  return { codes: isText(code) ? [code] : [], text: printable(texts.join(': ')), details: texts.join(' ') };
}

/** A page's visible words, or the text itself. Binary junk is not shown. */
function plainText(text: string): string {
  const visible = /<[a-z!]/i.test(text)
    ? text.replace(/<(script|style)\b[\s\S]*?(<\/\1>|$)/gi, ' ').replace(/<[^>]*>/g, ' ')
    : text;
  const unreadable = visible.slice(0, 1000).match(/[\uFFFD\0]/g)?.length ?? 0;
  return unreadable > 10 ? '' : printable(visible, 200);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
