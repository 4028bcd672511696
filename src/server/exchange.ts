import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { type Fault, fault } from './fault.ts';

/** One request and its answer. */
export interface Exchange {
  readonly request: IncomingMessage & Readable;
  readonly response: ServerResponse;
  readonly path: string;
  readonly query: URLSearchParams;
}

const jsonType = 'application/json';

export function openExchange(request: IncomingMessage, response: ServerResponse): Exchange {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  return { request, response, path, query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)) };
}

/** Answers without a body. */
export function sendEmpty({ response }: Exchange, status: number, headers: Record<string, string | number> = {}): void {
  response.writeHead(status, status === 204 || status === 304 ? headers : { 'content-length': 0, ...headers });
  response.end();
}

/** Answers with `body`, or with its headers alone where the request was a HEAD. */
export function sendBytes(
  { request, response }: Exchange,
  status: number,
  body: Uint8Array,
  headers: Record<string, string | number>,
): void {
  response.writeHead(status, { 'content-length': body.length, ...headers });
  response.end(request.method === 'HEAD' ? undefined : body);
}

export function sendJson(
  exchange: Exchange,
  status: number,
  value: unknown,
  headers: Record<string, string | number> = {},
): void {
  sendBytes(exchange, status, Buffer.from(JSON.stringify(value)), { 'content-type': jsonType, ...headers });
}

/** Answers an error in the specification's form. Where an answer has begun, all that is left is to break it off. */
export function sendFault(exchange: Exchange, error: Fault): void {
  if (exchange.response.headersSent) {
    exchange.response.destroy();
    return;
  }
  sendJson(exchange, error.status, { errors: error.entries }, error.headers);
}

/** A number in the query: digits only. */
export function numberIn(query: URLSearchParams, key: string): number | undefined {
  const text = query.get(key);
  if (text === null) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw fault(400, 'UNSUPPORTED', `"${key}" is not a number`, { [key]: text });
  return Number(text);
}
