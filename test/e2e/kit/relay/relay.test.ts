import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { listen, type Shape, startRelay } from './relay.ts';

const hostOf = (server: Server): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;
const dial = (host: string): Socket => connect({ port: Number(host.split(':')[1]), host: '127.0.0.1', noDelay: true });

async function serving(answer: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    answer(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** A relay in this process before a server that answers as told, gone with the scope. */
async function setUp(shape: Shape, answer: (socket: Socket) => void = (socket) => socket.pipe(socket)) {
  const server = await serving(answer);
  const relay = await listen(hostOf(server), shape);
  const client = dial(hostOf(relay));
  const close = (): void => {
    client.destroy();
    relay.close();
    server.close();
  };
  return { client, server, relay, [Symbol.dispose]: close };
}

/** Iterating over the socket would close it for the answer. */
async function all(socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  await once(socket, 'end');
  return Buffer.concat(parts);
}

async function echoTime(client: Socket): Promise<number> {
  const began = performance.now();
  client.write('hello');
  await once(client, 'data');
  return performance.now() - began;
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('the relay that makes a server far away', { timeout: 10_000 }, () => {
  test('every question on an open connection takes one round trip', async () => {
    using world = await setUp({ roundTripMs: 40 });
    for (let time = 0; time < 3; time += 1) {
      const took = await echoTime(world.client);
      expect(took).toBeGreaterThanOrEqual(39);
      expect(took).toBeLessThan(400);
    }
  });

  test('a new connection takes another one where that is asked for, and only for its first byte', async () => {
    using world = await setUp({ roundTripMs: 60, handshake: true });
    expect(await echoTime(world.client)).toBeGreaterThanOrEqual(118);
    expect(await echoTime(world.client)).toBeLessThan(118);
  });

  test('questions on many connections wait at the same time', async () => {
    using world = await setUp({ roundTripMs: 100 });
    const clients = Array.from({ length: 16 }, () => dial(hostOf(world.relay)));
    const began = performance.now();
    await Promise.all(clients.map(echoTime));
    for (const client of clients) client.destroy();
    expect(performance.now() - began).toBeLessThan(16 * 100);
  });

  test('a download is held to its rate, and comes as it was sent', async () => {
    const content = randomBytes(6_000_000);
    using world = await setUp({ roundTripMs: 2, fromServer: 20_000_000 }, (socket) => socket.end(content));
    const began = performance.now();
    const received = await all(world.client);
    const took = performance.now() - began;
    expect(sha256(received)).toBe(sha256(content));
    // 300 ms by the rate.
    expect(took).toBeGreaterThan(290);
    expect(took).toBeLessThan(3000);
  });

  test('an upload is held to its rate, and the answer comes after its end', async () => {
    const content = randomBytes(6_000_000);
    const answer = async (socket: Socket) => void socket.end(sha256(await all(socket)));
    using world = await setUp({ roundTripMs: 2, toServer: 20_000_000 }, (socket) => void answer(socket));
    const began = performance.now();
    world.client.end(content);
    const received = await all(world.client);
    expect(received.toString()).toBe(sha256(content));
    expect(performance.now() - began).toBeGreaterThan(290);
  });

  test('what a slow reader does not take stays with the sender', async () => {
    let taken = 0;
    const endless = (socket: Socket): void => {
      const more = (): void => {
        while (socket.write(Buffer.alloc(1 << 20), () => (taken += 1 << 20)));
      };
      socket.on('drain', more);
      more();
    };
    using world = await setUp({ roundTripMs: 2 }, endless);
    world.client.pause();
    let before = -1;
    while (before !== taken) {
      before = taken;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    // The window and what the system's own buffers of the two connections hold.
    expect(taken).toBeLessThan(128 << 20);
  });

  test('a server that breaks off breaks the client off', async () => {
    using world = await setUp({ roundTripMs: 2 }, (socket) => socket.resetAndDestroy());
    world.client.write('hello');
    await expect(once(world.client, 'data')).rejects.toThrow('ECONNRESET');
  });

  test('it runs in a process of its own and ends when it is disposed', async () => {
    const server = await serving((socket) => socket.pipe(socket));
    const relay = await startRelay(hostOf(server), { roundTripMs: 40 });
    const client = dial(relay.host);
    expect(await echoTime(client)).toBeGreaterThanOrEqual(39);
    const closed = new Promise((resolve) => client.once('close', resolve));
    client.on('error', () => undefined);
    await relay[Symbol.asyncDispose]();
    await closed;
    server.close();
    const refused = dial(relay.host);
    const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  });
});
