import type { Clock } from '../kit/clock.ts';
import type { ByteStream, Chunk } from '../oci/ports.ts';
import type { Connections } from './connections.ts';
import type { Connector } from './connector.ts';
import { download } from './download.ts';
import { type HostGate, type Kind, kindOfBody } from './host-gate.ts';
import { limits, type Timeouts } from './limits.ts';
import type { Step } from './redirect.ts';
import { Trip } from './trip.ts';
import { proxyWantsCredentials } from './tunnel.ts';
import type { HttpAnswer, HttpDownload, HttpEvent, HttpRequest, HttpUpload } from './types.ts';
import { sendUpload } from './upload.ts';
import type { Watcher } from './watchdog.ts';
import { type Hop, wholeExchange } from './whole.ts';

export interface SenderOptions {
  readonly connector: Connector;
  readonly connections: Connections;
  readonly userAgent: string;
  readonly timeouts: Timeouts;
  readonly clock: Clock;
  gate(host: string): HostGate;
  observe(event: HttpEvent): void;
}

/** One sending of a request: a step of its redirects, in its n-th attempt. */
export interface Sending extends Step {
  readonly method: string;
  readonly body?: Uint8Array | undefined;
  readonly bodyLimit?: number | undefined;
  readonly headTimeout: number;
  readonly attempt: number;
  /** What is asked for: `PUT uploads`. */
  readonly task: string;
  readonly awaitsHost?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Sends once: through the host's gate, over the right kind of connection, and tells what happened. */
export class Sender {
  readonly #options: SenderOptions;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  request(sending: Sending): Promise<HttpAnswer> {
    return this.#through('request', sending, async (trip) => {
      const answer = trip.answered(await wholeExchange(this.#options.connections, this.#hop(sending, trip)));
      trip.ended({ sent: sending.body?.length ?? 0, received: answer.body.length });
      return answer;
    });
  }

  download(sending: Sending & Pick<HttpRequest, 'expectedBytes'>): Promise<HttpDownload> {
    return this.#through(kindOfBody('download', sending.expectedBytes), sending, async (trip) => {
      const hop = this.#hop({ ...sending, headers: { 'accept-encoding': 'identity', ...sending.headers } }, trip);
      const ended = (received: number, failure?: unknown) => trip.ended({ sent: 0, received }, failure);
      const answer = trip.answered(await download(this.#options.connections, hop, ended));
      const gate = this.#options.gate(sending.url.host);
      if (answer.stream === undefined || !gate.hasBandwidthLimit) return answer;
      return { ...answer, stream: paced(answer.stream, gate, sending.signal) };
    });
  }

  upload(sending: Sending, { contentLength, open, onProgress, endEarly }: HttpUpload): Promise<HttpAnswer> {
    return this.#through(kindOfBody('upload', contentLength), sending, async (trip) => {
      const gate = this.#options.gate(sending.url.host);
      const pace = (bytes: number) => gate.pace(bytes, sending);
      let sent = 0;
      const progress = (bytes: number) => {
        sent = bytes;
        onProgress?.(bytes);
      };
      const framing = endEarly ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(contentLength) };
      const hop = this.#hop({ ...sending, headers: { ...sending.headers, ...framing } }, trip);
      const body = { contentLength, open: () => open(), onProgress: progress, pace, endEarly };
      const answer = trip.answered(await sendUpload(this.#options.connections, hop, body));
      trip.ended({ sent, received: answer.body.length });
      return answer;
    });
  }

  async #through<A extends HttpAnswer | HttpDownload>(
    kind: Kind,
    sending: Sending,
    act: (trip: Trip) => Promise<A>,
  ): Promise<A> {
    const answer = await this.#throughGate(kind, sending, act);
    const proxy = answer.status === 407 ? this.#options.connector.proxy(sending.url) : undefined;
    if (proxy !== undefined) throw proxyWantsCredentials(sending.url, proxy);
    return answer;
  }

  async #throughGate<A>(kind: Kind, sending: Sending, act: (trip: Trip) => Promise<A>): Promise<A> {
    const gate = this.#options.gate(sending.url.host);
    const pass = await gate.enter(kind, sending);
    const trip = new Trip(sending, pass, this.#options);
    try {
      return await act(trip);
    } catch (error) {
      trip.failed(error);
      throw error;
    }
  }

  #hop(sending: Sending, watcher: Watcher): Hop {
    const { url, method, body, signal, givenBy } = sending;
    const proxy = this.#options.connector.proxy(url);
    const absolute = proxy !== undefined && url.protocol === 'http:';
    return {
      method,
      url,
      target: absolute ? url.href : url.pathname + url.search,
      headers: this.#headers(sending, absolute ? proxy.authorization?.reveal() : undefined),
      body,
      bodyLimit: sending.bodyLimit ?? limits.body,
      headTimeout: sending.headTimeout,
      idle: this.#options.timeouts.idle,
      givenBy,
      signal,
      watcher,
    };
  }

  #headers({ url, method, headers, body, authorization }: Sending, proxyAuthorization: string | undefined) {
    const all: Record<string, string> = { host: url.host, 'user-agent': this.#options.userAgent };
    for (const [name, value] of Object.entries(headers)) all[name.toLowerCase()] = value;
    if (authorization !== undefined) all['authorization'] = authorization.reveal();
    if (proxyAuthorization !== undefined) all['proxy-authorization'] = proxyAuthorization;
    const takesBody = method === 'POST' || method === 'PUT' || method === 'PATCH';
    const saysLength = all['transfer-encoding'] === undefined && (body !== undefined || takesBody);
    if (saysLength) all['content-length'] ??= String(body?.length ?? 0);
    return all;
  }
}

/** Each chunk waits until the host's bandwidth allows it; the socket behind it waits with it. */
async function* paced(stream: ByteStream, gate: HostGate, signal: AbortSignal | undefined): AsyncGenerator<Chunk> {
  for await (const chunk of stream) {
    await gate.pace(chunk.bytes.length, { signal });
    yield chunk;
  }
}
