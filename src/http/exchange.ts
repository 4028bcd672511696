import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { answerTooLarge, cut, ExchangeFailure, type Reach, timedOut, transportError } from './errors.ts';
import { readHeaders } from './headers.ts';
import { leastIn, limits } from './limits.ts';
import { request as nodeRequest } from './node-http.ts';
import type { HttpAnswer } from './types.ts';

/** One request to one host, with everything decided: what redirects, retries and proxies made of a caller's request. */
export interface Hop {
  readonly method: string;
  readonly url: URL;
  /** What stands in the request line: a path, or the whole URL for a proxy. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
  readonly bodyLimit: number;
  readonly headTimeout: number;
  readonly idle: number;
  readonly agent: Agent;
  readonly signal?: AbortSignal | undefined;
}

/** A request under way. */
export interface Started {
  readonly request: ClientRequest;
  /** The connection stands; nothing was sent yet. Stays open where there is none: `answered` tells why. */
  readonly connected: Promise<Socket>;
  /** The answer's head came. Rejects with an `ExchangeFailure` or the signal's reason. */
  readonly answered: Promise<IncomingMessage>;
  /** From now on the server may think for so long, and no longer. */
  expectAnswer(): void;
}

/** A whole exchange through Node's own client, its body in memory. */
export async function exchange(hop: Hop): Promise<HttpAnswer> {
  const started = start(hop);
  void started.connected.then(started.expectAnswer);
  started.request.end(hop.body);
  const response = await started.answered;
  return answerOf(hop, response, await readBody(hop, response, hop.bodyLimit));
}

export function answerOf(hop: Pick<Hop, 'url'>, response: IncomingMessage, body: Buffer): HttpAnswer {
  return { status: response.statusCode ?? 0, headers: readHeaders(response.rawHeaders), body, url: hop.url };
}

export function start(hop: Hop): Started {
  const { url, method, agent, headers, target, signal } = hop;
  const request = nodeRequest({
    agent,
    host: url.hostname,
    method,
    path: target,
    headers,
    setHost: false,
    maxHeaderSize: limits.head,
    ...(signal === undefined ? {} : { signal }),
  });
  const connected = new Promise<Socket>((resolve) => {
    request.once('socket', resolve);
  });
  const { answered, expectAnswer } = answerTo(request, hop);
  // Whoever waits hears of it through `answered`; a late reset after an early answer must not end the process.
  answered.catch(() => {});
  request.on('error', () => {});
  return { request, connected, answered, expectAnswer };
}

function answerTo(request: ClientRequest, hop: Hop): Pick<Started, 'answered' | 'expectAnswer'> {
  let timer: NodeJS.Timeout | undefined;
  let reach: Reach = 'unsent';
  request.once('socket', () => {
    reach = request.reusedSocket ? 'stale' : 'sent';
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', (response) => {
      clearTimeout(timer);
      response.on('error', () => {});
      resolve(response);
    });
    request.once('error', (error) => {
      clearTimeout(timer);
      const isTimeout = error === request.errored && Reflect.get(error, 'code') === 'E_TIMEOUT';
      reject(failure(hop, error, isTimeout ? 'sent' : reach));
    });
  });
  const expectAnswer = () => {
    clearTimeout(timer);
    timer = setTimeout(() => request.destroy(timedOut(hop.url.host, 'no answer', hop.headTimeout)), hop.headTimeout);
    timer.unref();
  };
  return { answered, expectAnswer };
}

function failure(hop: Hop, error: unknown, reach: Reach): unknown {
  if (hop.signal?.aborted === true) return hop.signal.reason;
  const { host, protocol } = hop.url;
  return new ExchangeFailure(transportError(error, { host, plainHttp: protocol === 'http:' }), reach);
}

/** Reads a body of at most `limit` bytes; whatever goes wrong, the response is finished or destroyed afterwards. */
export async function readBody(hop: Hop, response: IncomingMessage, limit: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  const startedAt = performance.now();
  for await (const part of bodyParts(hop, response)) {
    size += part.length;
    if (performance.now() - startedAt > limits.bodyTimeout) throw tooSlow(hop, response);
    if (size > limit) {
      response.destroy();
      throw new ExchangeFailure(answerTooLarge(hop.url.host, limit), 'answered');
    }
    parts.push(part);
  }
  return Buffer.concat(parts, size);
}

function tooSlow({ url }: Hop, response: IncomingMessage): ExchangeFailure {
  response.destroy();
  return new ExchangeFailure(timedOut(url.host, 'its answer was not complete', limits.bodyTimeout), 'answered');
}

/** The body piece by piece; a server that sends nothing, or hardly anything, while it is waited for is given up after `idle`. */
export async function* bodyParts(hop: Hop, response: IncomingMessage): AsyncGenerator<Buffer, void, undefined> {
  let received = 0;
  const crawl = new Crawl(hop);
  const iterator: AsyncIterator<Buffer> = response[Symbol.asyncIterator]();
  try {
    for (;;) {
      const askedAt = performance.now();
      const { done, value } = await inTime(iterator.next(), hop, response);
      if (done === true) return;
      received += value.length;
      crawl.came(value.length, performance.now() - askedAt);
      yield value;
    }
  } catch (error) {
    throw bodyFailure(hop, response, error, received);
  } finally {
    if (!response.complete) response.destroy();
  }
}

/** Watches that a body does not just drip. Only the time counts in which it was waited for. */
class Crawl {
  readonly #hop: Hop;
  #waited = 0;
  #bytes = 0;

  constructor(hop: Hop) {
    this.#hop = hop;
  }

  came(bytes: number, waited: number): void {
    const { idle, url } = this.#hop;
    this.#waited += waited;
    this.#bytes += bytes;
    if (this.#waited < idle) return;
    if (this.#bytes < leastIn(idle)) throw timedOut(url.host, 'sent hardly a byte', idle);
    this.#waited = 0;
    this.#bytes = 0;
  }
}

async function inTime<T>(next: Promise<T>, { idle, url }: Hop, response: IncomingMessage): Promise<T> {
  const stall = () => response.destroy(timedOut(url.host, 'sent not one byte', idle));
  const timer = setTimeout(stall, idle);
  try {
    return await next;
  } finally {
    clearTimeout(timer);
  }
}

function bodyFailure(hop: Hop, response: IncomingMessage, error: unknown, received: number): unknown {
  if (hop.signal?.aborted === true) return hop.signal.reason;
  const length = Number(response.headers['content-length'] ?? Number.NaN);
  const isCut = error instanceof Error && Reflect.get(error, 'code') === 'ECONNRESET' && received < length;
  const { host } = hop.url;
  return new ExchangeFailure(isCut ? cut(host, received, length) : transportError(error, { host }), 'answered');
}
