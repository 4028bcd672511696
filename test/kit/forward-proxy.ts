import { createServer, type IncomingMessage, request as send } from 'node:http';
import { createServer as createSecure, type ServerOptions } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface ForwardProxyOptions {
  /** `Basic …` that a client must present; without it the answer is 407. */
  readonly authorization?: string;
  /** Answers CONNECT with this instead of a tunnel. */
  readonly refuseWith?: number;
  /** Every tunnel leads here, whatever it was asked for. */
  readonly target: number;
  /** The way to the proxy is TLS. */
  readonly tls?: ServerOptions;
}

export interface ForwardProxy extends AsyncDisposable {
  readonly port: number;
  /** `CONNECT registry.example.com:443`, `GET http://…` */
  readonly asked: string[];
  readonly headers: IncomingMessage['headers'][];
}

/** A forward proxy for tests: tunnels, and plain requests in absolute form. */
export async function forwardProxy(options: ForwardProxyOptions): Promise<ForwardProxy> {
  const asked: string[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const sockets = new Set<Duplex>();
  const server = options.tls === undefined ? createServer() : createSecure(options.tls);
  const note = (request: IncomingMessage) => {
    asked.push(`${request.method} ${request.url}`);
    headers.push(request.headers);
  };
  const isStranger = (request: IncomingMessage) =>
    options.authorization !== undefined && request.headers['proxy-authorization'] !== options.authorization;
  server.on('connection', (socket: Socket) => keep(sockets, socket));
  server.on('secureConnection', (socket: Socket) => keep(sockets, socket));
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    note(request);
    keep(sockets, socket);
    const refusal = isStranger(request) ? 407 : options.refuseWith;
    if (refusal !== undefined) return socket.end(`HTTP/1.1 ${refusal} No\r\nContent-Length: 0\r\n\r\n`);
    const onward = keep(sockets, connect(options.target, '127.0.0.1'));
    onward.once('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    return undefined;
  });
  server.on('request', (request, response) => {
    note(request);
    if (isStranger(request)) return response.writeHead(407).end();
    const { pathname, search } = new URL(request.url ?? '');
    const { 'proxy-authorization': _, ...rest } = request.headers;
    const to = {
      host: '127.0.0.1',
      port: options.target,
      path: pathname + search,
      method: request.method,
      headers: rest,
    };
    const onward = send(to, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    return request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    headers,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function keep<S extends Duplex>(sockets: Set<Duplex>, socket: S): S {
  sockets.add(socket);
  socket.on('error', () => {});
  socket.once('close', () => sockets.delete(socket));
  return socket;
}
