import type { Socket } from 'node:net';
import { onAbort } from '../kit/on-abort.ts';
import { type Body, type BodySink, bodyOf, type Progress } from './body.ts';
import { cut, ExchangeFailure, notHttp, transportError } from './errors.ts';
import { headEnd, looksLikeHead, parseHead, type ResponseHead } from './head.ts';
import { limits } from './limits.ts';
import type { Faucet } from './read-ahead.ts';
import { type Outgoing, RequestWriter } from './request-writer.ts';
import { type Standing, Watchdog, type Watched, type Watcher } from './watchdog.ts';

/** One request to one host, with everything decided: what redirects, retries and proxies made of a caller's request. */
export interface WireRequest extends Outgoing {
  readonly url: URL;
  readonly headTimeout: number;
  readonly idle: number;
  readonly watcher?: Watcher | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What an exchange needs of its connection. */
export interface Line {
  readonly host: string;
  readonly socket: Socket;
  /** Answers that came over it before. */
  readonly served: number;
  /** The exchange is over. `reusable`: all was sent and read in order. */
  over(reusable: boolean): void;
}

/** Chooses by an answer's head where its body goes. */
export type SinkFor = (head: ResponseHead, faucet: Faucet) => BodySink;

const empty = Buffer.alloc(0);

/** One request and its answer on a connection. The answer may come before the request is all sent. */
export class Exchange implements Watched {
  /** The answer's head came. Rejects with an `ExchangeFailure`, or with the signal's reason. */
  readonly answered: Promise<ResponseHead>;
  readonly #line: Line;
  readonly #request: WireRequest;
  readonly #sinkFor: SinkFor;
  readonly #writer: RequestWriter;
  #resolve!: (head: ResponseHead) => void;
  #reject!: (error: unknown) => void;
  #begun = empty;
  #head: ResponseHead | undefined;
  #body: Body | undefined;
  #isSent = false;
  /** The socket was told to stop: the body's consumer is the slow one. */
  #isStopped = false;
  #isOver = false;
  readonly #watchdog: Watchdog;
  readonly #ignoreSignal: () => void;

  constructor(line: Line, request: WireRequest, sinkFor: SinkFor) {
    this.#line = line;
    this.#request = request;
    this.#sinkFor = sinkFor;
    this.#writer = new RequestWriter(line.socket, request);
    this.answered = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever waits hears of it; a failure after an early answer must not end the process.
    this.answered.catch(() => {});
    this.#ignoreSignal = onAbort(request.signal, () => this.lost(request.signal?.reason));
    const { headTimeout, idle, watcher } = request;
    this.#watchdog = new Watchdog({ host: line.host, headTimeout, idle, watcher }, this);
  }

  get socket(): Socket {
    return this.#line.socket;
  }

  /** Sends the whole request, its body in memory. */
  send(body: Uint8Array = empty): void {
    this.#writer.whole(body);
    this.#isSent = true;
  }

  /** Sends a piece of the body, the first one together with the head. `done` is called when the socket is through with it. */
  write(bytes: Uint8Array, done: () => void): void {
    this.#writer.piece(bytes, done);
  }

  /** The body is complete. From now on the server may think for so long, and no longer. */
  end(): void {
    this.#writer.end();
    this.#isSent = true;
  }

  /** Gives the exchange up, and the connection with it. */
  destroy(error?: unknown): void {
    this.lost(error);
  }

  /** Room of the body that the next read may go to. */
  room(): Buffer | undefined {
    return this.#body?.room();
  }

  /** So many bytes were read into the room. Whether to read on. */
  advance(count: number): boolean {
    return this.#body === undefined || this.#read(this.#body, this.#body.advance(count));
  }

  /** Bytes that were read elsewhere. They are only lent. Whether to read on. */
  take(bytes: Buffer): boolean {
    if (this.#body !== undefined) return this.#read(this.#body, this.#body.take(bytes));
    return this.#readHead(this.#begun.length === 0 ? bytes : Buffer.concat([this.#begun, bytes]));
  }

  /** The connection broke, or was closed where there is no error. */
  lost(error?: unknown): void {
    if (this.#isOver) return;
    const closed = error === undefined ? this.#body?.closed() : undefined;
    if (closed === true) return this.#finish(false);
    if (this.#body === undefined) this.#reject(this.#failure(error));
    else this.#body.sink.fail(this.#bodyFailure(error, closed));
    this.#finish(false);
  }

  /** Whose turn it is, for the watchdog. */
  standing(): Standing {
    if (this.#body === undefined) return { turn: this.#isSent ? 'head' : 'ours', received: 0 };
    const { sink, received } = this.#body;
    return { turn: sink.full ? 'ours' : 'body', received, within: sink.within };
  }

  #readHead(bytes: Buffer): boolean {
    const end = headEnd(bytes);
    if (end === -1) {
      if (!looksLikeHead(bytes)) this.lost(notHttp('no HTTP/1.1 status line'));
      else if (bytes.length > limits.head) this.lost(notHttp('an endless head'));
      else this.#begun = Buffer.from(bytes);
      return true;
    }
    this.#begun = empty;
    const head = parseHead(bytes, end, this.#request.method);
    const rest = end === bytes.length ? empty : bytes.subarray(end);
    if (typeof head === 'string') this.lost(notHttp(head));
    else if (head.status >= 200) return this.#answer(head, rest);
    else if (rest.length > 0) return this.#readHead(rest);
    return true;
  }

  #answer(head: ResponseHead, rest: Buffer): boolean {
    const faucet = { open: () => this.#goOn(), abandon: () => this.#finish(false) };
    this.#head = head;
    this.#body = bodyOf(head, this.#sinkFor(head, faucet));
    this.#resolve(head);
    const isEmpty = head.body.kind === 'length' && head.body.length === 0;
    return rest.length > 0 || isEmpty ? this.#read(this.#body, this.#body.take(rest)) : true;
  }

  #read(body: Body, progress: Progress): boolean {
    if (typeof progress === 'object') this.lost(notHttp(progress.malformed));
    else if (progress !== 'more') this.#finish(progress === 'end');
    if (this.#isOver || !body.sink.full) return true;
    this.#isStopped = true;
    return false;
  }

  #goOn(): void {
    if (this.#isOver) return;
    this.#isStopped = false;
    this.#line.socket.resume();
  }

  #finish(inOrder: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // Over TLS a body may end after the socket was told to stop, in what had been read by then. Who holds its last buffers
    // must not keep the next answer on the connection from being read.
    if (this.#isStopped) this.#line.socket.resume();
    this.#watchdog.stop();
    this.#ignoreSignal();
    this.#line.over(inOrder && this.#isSent && this.#head?.keepAlive === true);
  }

  #failure(error: unknown): unknown {
    if (this.#request.signal?.aborted === true) return this.#request.signal.reason;
    const { host, protocol } = this.#request.url;
    // On a kept connection, nothing but silence and an end nearly always means that the server had closed it before.
    const isStale = this.#line.served > 0 && this.#begun.length === 0 && !isTimeout(error);
    const cause = transportError(error ?? closedEarly(), { host, plainHttp: protocol === 'http:' });
    return new ExchangeFailure(cause, isStale ? 'stale' : 'sent');
  }

  #bodyFailure(error: unknown, closed: ReturnType<Body['closed']>): unknown {
    if (this.#request.signal?.aborted === true) return this.#request.signal.reason;
    const { host } = this.#line;
    if (typeof closed === 'object') return cut(host, closed.received, closed.length);
    return transportError(error ?? closedEarly(), { host });
  }
}

function closedEarly(): Error {
  return Object.assign(new Error('closed'), { code: 'ECONNRESET' });
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, 'code') === 'E_TIMEOUT';
}
