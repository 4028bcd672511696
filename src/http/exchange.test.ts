import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { serveRaw } from '../../test/kit/test-server.ts';
import type { BodySink } from './body.ts';
import { Exchange } from './exchange.ts';

/** A sink whose consumer holds all that came and takes no more. */
function fullSink(): BodySink {
  return { room: () => Buffer.alloc(100), advance: () => {}, full: true, end: () => {}, fail: () => {} };
}

/** A request that has been sent to a server which says nothing by itself. */
async function asking() {
  const server = await serveRaw(() => {});
  const socket = connect(server.port, '127.0.0.1');
  // The server goes before it.
  socket.on('error', () => {});
  await once(socket, 'connect');
  const over: boolean[] = [];
  const line = { host: 'registry.example.com', socket, served: 0, over: (reusable: boolean) => over.push(reusable) };
  const url = new URL('http://registry.example.com/');
  const request = { method: 'GET', url, target: '/', headers: {}, headTimeout: 1000, idle: 1000 };
  const exchange = new Exchange(line, request, fullSink);
  exchange.send();
  return { exchange, over, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const head = 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n';

describe('a connection whose answer nobody takes', () => {
  test('is not read on while some of it is still to come', async () => {
    await using asked = await asking();
    expect(asked.exchange.take(Buffer.from(`${head}half`))).toBe(false);
    expect(asked.over).toEqual([]);
    asked.exchange.destroy();
  });

  test('is read on once all of it came: the next answer would stay unread', async () => {
    await using asked = await asking();
    expect(asked.exchange.take(Buffer.from(`${head}complete`))).toBe(true);
    expect(asked.over).toEqual([true]);
  });
});
