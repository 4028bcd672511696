import type { Socket } from 'node:net';
import type { BufferPool } from '../kit/buffer-pool.ts';
import type { ConnectOptions, Connector } from './connector.ts';
import { cut, ExchangeFailure, type Reach, timedOut, transportError } from './errors.ts';
import { headEnd, parseHead, type ResponseHead } from './head.ts';
import { leastIn, limits } from './limits.ts';
import { ReadAhead } from './read-ahead.ts';

export interface RawRequest {
  readonly method: 'GET' | 'HEAD';
  readonly url: URL;
  /** What stands in the request line: a path, or the whole URL for a proxy. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly headTimeout: number;
  readonly idle: number;
  readonly signal?: AbortSignal | undefined;
}

export interface RawAnswer {
  readonly head: ResponseHead;
  /** The body. Present where its length is known; else the connection has been closed. */
  readonly body: ReadAhead | undefined;
}

interface Pending {
  resolve(answer: RawAnswer): void;
  reject(error: unknown): void;
}

/**
 * One HTTP/1.1 connection whose reads go straight into pooled buffers: half the cost of Node's own client for a large body.
 * One request at a time; it serves the next once the body ended exactly.
 */
export class RawConnection {
  readonly #host: string;
  readonly #pool: BufferPool;
  /** Heads are read here, and whatever a server sends although nobody asked. */
  readonly #headRoom = Buffer.allocUnsafeSlow(16 * 1024);
  #socket: Socket | undefined;
  #head: Buffer = Buffer.alloc(0);
  #request: RawRequest | undefined;
  #pending: Pending | undefined;
  #body: ReadAhead | undefined;
  #reusable = true;
  #served = 0;
  #sentAt = 0;
  #movedAt = 0;
  /** Where the body stood when its speed was looked at last. */
  #milestone = { at: 0, received: 0 };
  #watch: NodeJS.Timeout | undefined;
  #onEnd: ((reusable: boolean) => void) | undefined;

  private constructor(host: string, pool: BufferPool) {
    this.#host = host;
    this.#pool = pool;
  }

  static async open(connector: Connector, url: URL, pool: BufferPool, options: ConnectOptions): Promise<RawConnection> {
    const connection = new RawConnection(url.host, pool);
    const onread = {
      buffer: () => connection.#room(),
      callback: (count: number, buffer: Uint8Array) => connection.#received(count, buffer),
    };
    const socket = await connector.connect(url, { ...options, onread });
    connection.#socket = socket;
    const lost = (error?: unknown) => connection.#lost(error);
    socket
      .on('error', lost)
      .on('end', () => lost())
      .on('close', () => lost());
    return connection;
  }

  /** Answered requests so far: above 0, a failure before the answer may only mean that the server had closed. */
  get served(): number {
    return this.#served;
  }

  get alive(): boolean {
    return this.#reusable && this.#socket?.destroyed === false;
  }

  /** Whether Node may end while this connection idles. */
  hold(busy: boolean): void {
    if (busy) this.#socket?.ref();
    else this.#socket?.unref();
  }

  close(): void {
    this.#reusable = false;
    this.#socket?.destroy();
  }

  /** `onEnd` is called once the connection is free, with whether it may be used again. */
  send(request: RawRequest, onEnd: (reusable: boolean) => void): Promise<RawAnswer> {
    this.#request = request;
    this.#onEnd = onEnd;
    this.#sentAt = performance.now();
    request.signal?.addEventListener('abort', this.#abort, { once: true });
    this.#startWatch();
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#socket?.write(requestHead(request), 'latin1');
    });
  }

  readonly #abort = () => this.#lost(this.#request?.signal?.reason);

  #room(): Buffer {
    return this.#body?.room() ?? this.#headRoom;
  }

  #received(count: number, buffer: Uint8Array): boolean {
    this.#movedAt = performance.now();
    if (this.#body !== undefined) return this.#advance(this.#body, count);
    if (this.#pending === undefined) this.close();
    else this.#readHead(Buffer.from(buffer.subarray(0, count)));
    return true;
  }

  #readHead(bytes: Buffer): void {
    this.#head = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes]);
    const end = headEnd(this.#head);
    if (end === -1) {
      if (this.#head.length > limits.head) this.#lost(notHttp('an endless head'));
      return;
    }
    const head = parseHead(this.#head.subarray(0, end), this.#request?.method ?? 'GET');
    const rest = this.#head.subarray(end);
    this.#head = Buffer.alloc(0);
    if (typeof head === 'string') this.#lost(notHttp(head));
    else if (head.status < 200) this.#readHead(rest);
    else this.#answer(head, rest);
  }

  #answer(head: ResponseHead, rest: Buffer): void {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#served += 1;
    this.#reusable = head.keepAlive;
    if (head.body.kind !== 'length') {
      pending?.resolve({ head, body: undefined });
      this.#finish(false);
      return;
    }
    const faucet = { open: () => this.#goOn(), abandon: () => this.#finish(false) };
    const body = new ReadAhead(head.body.length, this.#pool, faucet);
    this.#body = body;
    this.#movedAt = performance.now();
    this.#milestone = { at: this.#movedAt, received: 0 };
    pending?.resolve({ head, body });
    if (head.body.length === 0) this.#finish(rest.length === 0);
    else if (rest.length > 0) this.#takeRest(body, rest);
  }

  /** What came behind the head in the same read. It fits: a read buffer is larger than the room for heads. */
  #takeRest(body: ReadAhead, rest: Buffer): void {
    body.room().set(rest.subarray(0, body.room().length));
    this.#advance(body, rest.length);
  }

  #advance(body: ReadAhead, count: number): boolean {
    const next = body.advance(count);
    if (next === 'complete' || next === 'excess') this.#finish(next === 'complete');
    return next !== 'stop';
  }

  #goOn(): void {
    this.#movedAt = performance.now();
    this.#socket?.resume();
  }

  /** The exchange is over: the body ended, or nobody wants the rest. */
  #finish(clean: boolean): void {
    this.#stopWatch();
    this.#request?.signal?.removeEventListener('abort', this.#abort);
    this.#body = undefined;
    this.#request = undefined;
    if (!clean || !this.#reusable) this.close();
    const onEnd = this.#onEnd;
    this.#onEnd = undefined;
    onEnd?.(this.alive);
  }

  #lost(error?: unknown): void {
    const { pending, body, request } = { pending: this.#pending, body: this.#body, request: this.#request };
    this.#pending = undefined;
    this.#reusable = false;
    const stale = this.#served > 0 && this.#head.length === 0;
    pending?.reject(this.#failure(error, request, stale ? 'stale' : 'sent'));
    body?.fail(this.#failure(error, request, 'answered', body));
    this.#finish(false);
  }

  #failure(error: unknown, request: RawRequest | undefined, reach: Reach, body?: ReadAhead) {
    if (request?.signal?.aborted === true) return request.signal.reason;
    const cause = error ?? Object.assign(new Error('closed'), { code: 'ECONNRESET' });
    if (body === undefined) return new ExchangeFailure(transportError(cause, { host: this.#host }), reach);
    return error === undefined
      ? cut(this.#host, body.received, body.length)
      : transportError(cause, { host: this.#host });
  }

  /**
   * Looks at the bytes that moved, not at events of streams: back-pressure hides a stall from those (failure F2). A head has to be
   * complete in its time: one that comes byte by byte would never be quiet.
   */
  #startWatch(): void {
    const { idle = limits.idle, headTimeout = limits.headTimeout } = this.#request ?? {};
    const tick = Math.max(10, Math.min(idle, headTimeout) / 10);
    this.#watch = setInterval(() => this.#look(idle, headTimeout), tick);
  }

  #look(idle: number, headTimeout: number): void {
    const now = performance.now();
    const body = this.#body;
    if (body === undefined) {
      if (now - this.#sentAt >= headTimeout) this.#lost(timedOut(this.#host, 'no answer', headTimeout));
      return;
    }
    if (body.waitsForConsumer) this.#rest(body, now);
    if (now - this.#movedAt >= idle) return this.#lost(timedOut(this.#host, 'sent not one byte', idle));
    if (now - this.#milestone.at < idle) return;
    if (body.received - this.#milestone.received < leastIn(idle)) {
      return this.#lost(timedOut(this.#host, 'sent hardly a byte', idle));
    }
    this.#milestone = { at: now, received: body.received };
  }

  /** The consumer is the slow one. */
  #rest({ received }: ReadAhead, now: number): void {
    this.#movedAt = now;
    this.#milestone = { at: now, received };
  }

  #stopWatch(): void {
    clearInterval(this.#watch);
    this.#watch = undefined;
  }
}

function requestHead({ method, target, headers }: RawRequest): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

function notHttp(what: string): Error {
  return Object.assign(new Error(what), { code: 'HPE_INVALID' });
}
