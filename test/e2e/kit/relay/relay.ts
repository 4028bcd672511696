/**
 * A TCP relay on loopback that makes a registry as far away as a network would. It runs in a process of its own, so that
 * its work is on nobody's account and two of them use two cores.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { lane } from './lane.ts';

export interface Shape {
  /** Added to each request: half of it on the way there, half on the way back. */
  readonly roundTripMs: number;
  /** A new connection costs a round trip before its first byte. */
  readonly handshake?: true;
  /** Bytes a second of one connection towards the server and from it. Default: as fast as it goes. */
  readonly toServer?: number;
  readonly fromServer?: number;
}

export interface Relay extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
}

export async function startRelay(serverHost: string, shape: Shape): Promise<Relay> {
  const child = fork(fileURLToPath(import.meta.url), [serverHost, JSON.stringify(shape)], { stdio: 'inherit' });
  const withUs = (): boolean => child.kill('SIGKILL');
  process.once('exit', withUs);
  const gone = once(child, 'exit').finally(() => process.off('exit', withUs));
  const ended = gone.then(() => Promise.reject(new Error('the relay ended before it listened')));
  const [port] = (await Promise.race([once(child, 'message'), ended])) as [number];
  ended.catch(() => undefined);
  return {
    host: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** Listens on a free port of loopback. */
export async function listen(serverHost: string, shape: Shape): Promise<Server> {
  const port = Number(serverHost.split(':')[1]);
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const upstream = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    endTogether(client, upstream);
    const delayMs = shape.roundTripMs / 2;
    const openingMs = shape.handshake ? shape.roundTripMs : 0;
    lane(client, upstream, { delayMs, openingMs, ...rate(shape.toServer) });
    lane(upstream, client, { delayMs, ...rate(shape.fromServer) });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

const rate = (bytesPerSecond: number | undefined) => (bytesPerSecond === undefined ? {} : { bytesPerSecond });

/** A broken half breaks the other; a half that merely ended is passed on by its lane. */
function endTogether(...sockets: readonly Socket[]): void {
  for (const socket of sockets) socket.on('error', () => sockets.forEach((each) => each.resetAndDestroy()));
}

if (import.meta.main) {
  const [serverHost = '', shape = ''] = process.argv.slice(2);
  const server = await listen(serverHost, JSON.parse(shape) as Shape);
  process.once('disconnect', () => process.exit());
  process.send?.((server.address() as AddressInfo).port);
}
