import { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { BodySink } from './body.ts';
import { Exchange } from './exchange.ts';

/** A sink whose consumer holds all that came and takes no more. */
function fullSink(): BodySink {
  return { room: () => Buffer.alloc(100), advance: () => {}, full: true, end: () => {}, fail: () => {} };
}

function exchange() {
  const over: boolean[] = [];
  const line = { host: 'registry.example.com', socket: new Socket(), served: 0, over: (is: boolean) => over.push(is) };
  const url = new URL('http://registry.example.com/');
  const request = { method: 'GET', url, target: '/', headers: {}, headTimeout: 1000, idle: 1000 };
  const asked = new Exchange(line, request, fullSink);
  asked.send();
  return { asked, over };
}

const head = 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n';

describe('a connection whose answer nobody takes', () => {
  test('is not read on while some of it is still to come', () => {
    const { asked, over } = exchange();
    expect(asked.take(Buffer.from(`${head}half`))).toBe(false);
    expect(over).toEqual([]);
    asked.destroy();
  });

  test('is read on once all of it came: the next answer would stay unread', () => {
    const { asked, over } = exchange();
    expect(asked.take(Buffer.from(`${head}complete`))).toBe(true);
    expect(over).toEqual([true]);
  });
});
