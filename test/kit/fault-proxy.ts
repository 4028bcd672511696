import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { type AddressInfo, isIP, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { seededRandom } from './random.ts';

export type Fault =
  /** The connection is reset before anything reaches the server. */
  | 'reset'
  | '500'
  | '503'
  /** Without Retry-After. */
  | '429'
  | '429-retry-after'
  /** The answer's body ends in the middle, with a FIN. */
  | 'truncated'
  /** The server acts, and nobody hears of it. */
  | 'lost-response'
  /** One bit of the answer's body is another. */
  | 'bit-flip'
  /** The answer's body stands still in the middle, the connection open. */
  | 'stall'
  /** Half of the request's body reaches the server, then both connections are reset. */
  | 'cut-upload';

export interface ProxiedRequest {
  readonly method: string;
  readonly url: string;
  /** How many requests came before this one. */
  readonly index: number;
}

export interface FaultProxyOptions {
  /** The origin of the server behind, plain HTTP. */
  readonly target: URL;
  /** The same seed and the same order of requests give the same faults. */
  readonly seed?: number;
  /** Probability of each fault per request; together at most 1. */
  readonly rates?: Partial<Record<Fault, number>>;
  /** Decides before the rates do. */
  script?(request: ProxiedRequest): Fault | undefined;
  /** For `429-retry-after`, in seconds. */
  readonly retryAfter?: number;
}

export interface FaultProxy extends AsyncDisposable {
  readonly url: URL;
  /** `127.0.0.1:port`, as it stands in a reference. */
  readonly host: string;
  readonly requests: readonly ProxiedRequest[];
  readonly injected: readonly (ProxiedRequest & { readonly fault: Fault })[];
  /** From now on nothing goes wrong any more. */
  heal(): void;
}

/** A reverse proxy on loopback that breaks what passes through it, by script or by seeded chance. */
export async function faultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const random = seededRandom(options.seed ?? 1);
  const requests: ProxiedRequest[] = [];
  const injected: (ProxiedRequest & { fault: Fault })[] = [];
  const sockets = new Set<Socket>();
  let healed = false;

  const server = createServer((request, response) => {
    const seen = { method: request.method ?? '', url: request.url ?? '', index: requests.length };
    requests.push(seen);
    const drawn = draw(options.rates ?? {}, random);
    const fault = healed ? undefined : (options.script?.(seen) ?? drawn);
    if (fault !== undefined) injected.push({ ...seen, fault });
    answer(request, response, fault, options, random);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: new URL(`http://${host}`),
    host,
    requests,
    injected,
    heal() {
      healed = true;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Always one number per request, so that a fault more or less in a script moves no other. */
function draw(rates: Partial<Record<Fault, number>>, random: () => number): Fault | undefined {
  let left = random();
  for (const [fault, rate] of Object.entries(rates)) {
    left -= rate;
    if (left < 0) return fault as Fault;
  }
  return undefined;
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
  options: FaultProxyOptions,
  random: () => number,
): void {
  if (fault === 'reset') return request.socket.resetAndDestroy() && undefined;
  if (fault === '500' || fault === '503' || fault === '429') return refuse(request, response, Number(fault), {});
  if (fault === '429-retry-after') {
    return refuse(request, response, 429, { 'retry-after': String(options.retryAfter ?? 1) });
  }
  forward(request, response, fault, options.target, random);
}

function refuse(request: IncomingMessage, response: ServerResponse, status: number, headers: Record<string, string>) {
  // The body is swallowed first: what is tested is the answer, not a race against the rest of the request.
  request.resume().once('end', () => {
    response.writeHead(status, { ...headers, 'content-type': 'application/json' });
    response.end('{"errors":[{"code":"UNKNOWN","message":"injected"}]}');
  });
}

function forward(
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
  target: URL,
  random: () => number,
): void {
  const { method, url: path, headers } = request;
  const host = target.hostname.replace(/^\[|\]$/gu, '');
  const family = isIP(host) === 6 ? { family: 6 } : {};
  const onward = send({ ...family, host, port: target.port, method, path, headers, setHost: false });
  const cut = () => {
    onward.destroy();
    request.socket.resetAndDestroy();
  };
  onward.on('error', cut);
  response.on('close', () => {
    if (!response.writableFinished) onward.destroy();
  });
  if (fault === 'cut-upload') cutUpload(request, onward, cut);
  else request.pipe(onward);
  onward.on('response', (incoming) => {
    if (fault === 'lost-response') {
      incoming.resume().once('end', cut);
      return;
    }
    const length = Number(incoming.headers['content-length'] ?? 0);
    // An answer without a body has nothing to cut off but itself.
    if (fault === 'truncated' && (length === 0 || method === 'HEAD')) return cut();
    response.writeHead(incoming.statusCode ?? 502, incoming.rawHeaders);
    incoming.on('error', cut);
    passBody(incoming, response, fault, Math.floor(random() * length));
  });
}

function cutUpload(request: IncomingMessage, onward: NodeJS.WritableStream, cut: () => void): void {
  const half = Number(request.headers['content-length'] ?? 0) / 2;
  let passed = 0;
  request.on('data', (bytes: Buffer) => {
    if (passed < half) onward.write(bytes.subarray(0, Math.ceil(half - passed)));
    passed += bytes.length;
    // The server behind gets a moment to take what was sent.
    if (passed >= half) setTimeout(cut, 10);
  });
  request.once('end', () => setTimeout(cut, 10));
}

function passBody(incoming: IncomingMessage, response: ServerResponse, fault: Fault | undefined, at: number): void {
  if (fault === 'truncated') incoming.pipe(stoppingAt(at, () => response.socket?.end())).pipe(response, { end: false });
  else if (fault === 'stall') incoming.pipe(stoppingAt(at, () => {})).pipe(response, { end: false });
  else if (fault === 'bit-flip') incoming.pipe(flipping(at)).pipe(response);
  else incoming.pipe(response);
}

/** Passes `count` bytes and swallows the rest. */
function stoppingAt(count: number, then: () => void): Transform {
  let left = count;
  return new Transform({
    transform(bytes: Buffer, _encoding, done) {
      const part = bytes.subarray(0, left);
      left -= part.length;
      done(null, part);
      if (left === 0 && part.length < bytes.length) setImmediate(then);
    },
  });
}

function flipping(position: number): Transform {
  let passed = 0;
  return new Transform({
    transform(bytes: Buffer, _encoding, done) {
      const index = position - passed;
      passed += bytes.length;
      if (index < 0 || index >= bytes.length) return done(null, bytes);
      const copy = Buffer.from(bytes);
      copy.writeUInt8(copy.readUInt8(index) ^ 1, index);
      return done(null, copy);
    },
  });
}
