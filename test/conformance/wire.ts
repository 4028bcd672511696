import { Agent, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';

/** One request as it goes onto the wire: the path is sent as it is written, so that malformed ones can be tried. */
export interface WireRequest {
  readonly method: string;
  /** Path and query, verbatim. */
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  /** Bytes are sent with a Content-Length; a list of pieces is sent with chunked transfer encoding. */
  readonly body?: Uint8Array | readonly Uint8Array[];
  readonly signal?: AbortSignal;
}

/** An answer, read to its end. */
export interface Answer {
  readonly request: string;
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** No answer of this suite is larger; more means that something is badly wrong. */
const largestAnswer = 64 * 1024 * 1024;
const patienceMs = 30_000;

/**
 * The suite's own client: nothing of the program's registry client is used here, so that a mistake in that client cannot
 * hide the same mistake in a server.
 */
export class Wire {
  readonly origin: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 });

  constructor(origin: URL) {
    this.origin = origin;
  }

  async send(request: WireRequest): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const outgoing = httpRequest(
      {
        host: this.origin.hostname.replace(/^\[(.*)\]$/, '$1'),
        port: this.origin.port,
        method: request.method,
        path: request.path,
        headers: withLength(request),
        agent: this.#agent,
        timeout: patienceMs,
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      },
      resolve,
    );
    outgoing.on('error', reject);
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer to ${describe(request)}`)));
    for (const piece of piecesOf(request)) outgoing.write(piece);
    outgoing.end();
    return readAnswer(describe(request), await promise);
  }

  /** Announces `announced` bytes, sends fewer, and breaks the connection once they have left. */
  async sendAndBreak(request: WireRequest, sent: Uint8Array, announced: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const outgoing = httpRequest({
      host: this.origin.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: this.origin.port,
      method: request.method,
      path: request.path,
      headers: { ...request.headers, 'content-length': announced },
      agent: false,
    });
    outgoing.on('error', () => resolve());
    outgoing.on('close', () => resolve());
    outgoing.write(sent, () => outgoing.destroy());
    await promise;
  }

  close(): void {
    this.#agent.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function withLength(request: WireRequest): OutgoingHttpHeaders {
  const headers = { ...request.headers };
  if (request.body instanceof Uint8Array) headers['content-length'] = request.body.byteLength;
  else if (request.body === undefined && ['POST', 'PUT', 'PATCH'].includes(request.method))
    headers['content-length'] = 0;
  else if (request.body !== undefined) headers['transfer-encoding'] = 'chunked';
  return headers;
}

function piecesOf({ body }: WireRequest): readonly Uint8Array[] {
  if (body === undefined) return [];
  return body instanceof Uint8Array ? [body] : body;
}

async function readAnswer(request: string, incoming: IncomingMessage): Promise<Answer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of incoming as AsyncIterable<Buffer>) {
    size += part.byteLength;
    if (size > largestAnswer) throw new Error(`the answer to ${request} does not end`);
    parts.push(part);
  }
  return { request, status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(parts) };
}

function describe(request: WireRequest): string {
  return `${request.method} ${request.path.replace(/([?&]_?state=)[^&]*/, '$1…').slice(0, 300)}`;
}
