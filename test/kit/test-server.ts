import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps, type ServerOptions } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

/** A server on a free loopback port that closes itself, with every socket, at the end of its test. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
  readonly seen: Seen[];
  /** Connections accepted so far. */
  readonly connections: number;
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** An HTTP server; HTTPS when given a certificate. */
export function serve(handler: Handler, tls?: ServerOptions): Promise<TestServer> {
  const seen: Seen[] = [];
  const record: Handler = (request, response) => {
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
    handler(request, response);
  };
  return listening(tls === undefined ? createHttp(record) : createHttps(tls, record), seen);
}

/** A server for what no HTTP server would do. */
export function serveRaw(onSocket: (socket: Socket) => void): Promise<TestServer> {
  return listening(createTcp(onSocket), []);
}

async function listening(server: Server, seen: Seen[]): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    // Faults are this server's trade.
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The whole body of a request, so that the answer comes after it. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}
