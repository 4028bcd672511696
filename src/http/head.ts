import { HeaderLines } from './headers.ts';
import type { ResponseHeaders } from './types.ts';

/** Status line and headers of an HTTP/1.1 answer. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** How the body ends: after so many bytes, by chunks, or with the connection. */
  readonly body: { readonly kind: 'length'; readonly length: number } | { readonly kind: 'chunked' | 'close' };
  /** The connection may serve another request after this answer. */
  readonly keepAlive: boolean;
}

const version = 'HTTP/1.';
const end = Buffer.from('\r\n\r\n');
const statusLine = /^HTTP\/1\.([01]) (\d{3})(?: [\t\u0020-\u007e\u0080-\u00ff]*)?(?=\r\n|$)/u;
const headerLines = /^(?:\r\n[!#$%&'*+\-.^_`|~\dA-Za-z]+:[\t\u0020-\u007e\u0080-\u00ff]*)*$/u;

/** Index just behind the head in `bytes`, or -1 while it is incomplete. */
export function headEnd(bytes: Buffer): number {
  const index = bytes.indexOf(end);
  return index === -1 ? -1 : index + end.length;
}

/** Whether so little of a head, or so much, may still become one. */
export function looksLikeHead(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, version.length);
  return bytes.toString('latin1', 0, length) === version.slice(0, length);
}

/**
 * Parses a head by RFC 9112, strictly: no folded lines, no bare line feeds, no contradicting lengths: what two readers could
 * take for two things is refused. Returns what is wrong as text. The head ends just before `length`, with its empty line.
 */
export function parseHead(bytes: Buffer, length: number, method: string): ResponseHead | string {
  const text = bytes.toString('latin1', 0, length - end.length);
  const status = statusLine.exec(text);
  if (status === null) return 'no HTTP/1.1 status line';
  const lines = text.slice(status[0].length);
  if (!headerLines.test(lines)) return 'a malformed header line';
  return withFraming(Number(status[2]), status[1] === '1', new HeaderLines(lines), method);
}

function withFraming(
  status: number,
  isOneOne: boolean,
  headers: ResponseHeaders,
  method: string,
): ResponseHead | string {
  const lengths = lengthsOf(headers);
  const coding = headers.get('transfer-encoding');
  if (lengths.length > 1) return 'two different Content-Lengths';
  if (lengths.length > 0 && coding !== undefined) return 'both Content-Length and Transfer-Encoding';
  const body = framing(status, method, lengths[0], coding);
  if (typeof body === 'string') return body;
  const connection = headers.get('connection')?.toLowerCase() ?? '';
  const keepAlive =
    body.kind !== 'close' && (isOneOne ? !connection.includes('close') : connection.includes('keep-alive'));
  return { status, headers, body, keepAlive };
}

/** The different lengths that are named: one, in an answer that can be read. */
function lengthsOf(headers: ResponseHeaders): readonly string[] {
  const named = headers.all('content-length');
  if (named.length < 2 && !named[0]?.includes(',')) return named;
  return [...new Set(named.flatMap((value) => value.split(/\s*,\s*/u)))];
}

function framing(
  status: number,
  method: string,
  length: string | undefined,
  coding: string | undefined,
): ResponseHead['body'] | string {
  if (method === 'HEAD' || status === 204 || status === 304 || status < 200) return { kind: 'length', length: 0 };
  if (coding !== undefined)
    return coding.toLowerCase() === 'chunked' ? { kind: 'chunked' } : 'an unknown Transfer-Encoding';
  if (length === undefined) return { kind: 'close' };
  if (!/^\d{1,15}$/u.test(length)) return 'a Content-Length that is no number';
  return { kind: 'length', length: Number(length) };
}
