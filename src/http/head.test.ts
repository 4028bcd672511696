import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { headEnd, parseHead } from './head.ts';

const parse = (text: string, method = 'GET') => {
  const bytes = Buffer.from(`${text}\r\n\r\n`, 'latin1');
  return parseHead(bytes, bytes.length, method);
};

describe('a head', () => {
  test('is read as it stands', () => {
    const head = parse('HTTP/1.1 206 Partial Content\r\nContent-Length: 10\r\nX-A:  b c \r\nX-a: d');
    if (typeof head === 'string') throw new Error(head);
    expect(head).toMatchObject({ status: 206, body: { kind: 'length', length: 10 }, keepAlive: true });
    expect(head.headers.get('x-a')).toBe('b c, d');
    expect(head.headers.all('X-A')).toEqual(['b c', 'd']);
  });

  test.each([
    ['HTTP/1.1 200', { kind: 'close' }],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked', { kind: 'chunked' }],
    ['HTTP/1.1 204 No Content', { kind: 'length', length: 0 }],
    ['HTTP/1.1 304 Not Modified\r\nContent-Length: 99', { kind: 'length', length: 0 }],
    ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5', { kind: 'length', length: 5 }],
    ['HTTP/1.1 200 OK\r\nContent-Length: 5, 5', { kind: 'length', length: 5 }],
  ])('%s ends so: %o', (text, body) => {
    expect(parse(text)).toMatchObject({ body });
  });

  test.each([
    ['HTTP/1.1 200 OK\r\nContent-Length: 1', true],
    ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: Close', false],
    ['HTTP/1.0 200 OK\r\nContent-Length: 1', false],
    ['HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: Keep-Alive', true],
    ['HTTP/1.1 200 OK', false],
  ])('%s leaves the connection open: %s', (text, keepAlive) => {
    expect(parse(text)).toMatchObject({ keepAlive });
  });

  test.each([
    'HTTP/2 200',
    'HTTP/1.1 20 OK',
    'HTTP/1.1 2000 OK',
    'http/1.1 200 OK',
    'ICY 200 OK',
    'HTTP/1.1  200 OK',
    'HTTP/1.1 200 OK\r\n folded: x',
    'HTTP/1.1 200 OK\r\nX: a\r\n b',
    'HTTP/1.1 200 OK\r\nX : a',
    'HTTP/1.1 200 OK\r\n: a',
    'HTTP/1.1 200 OK\r\nno colon',
    'HTTP/1.1 200 OK\r\nX: a\nY: b',
    'HTTP/1.1 200 OK\r\nX: a\rb',
    'HTTP/1.1 200 OK\r\nX: a\u0000b',
    'HTTP/1.1 200 OK\r\nContent-Length: +5',
    'HTTP/1.1 200 OK\r\nContent-Length: 5x',
    'HTTP/1.1 200 OK\r\nContent-Length: 0x5',
    'HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked',
  ])('%j is refused', (text) => {
    expect(parse(text)).toBeTypeOf('string');
  });

  test('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const head = Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n'), bytes, Buffer.from('\r\n\r\n')]);
        parseHead(head, head.length, 'GET');
      }),
    );
  });

  test('ends at its empty line', () => {
    expect(headEnd(Buffer.from('HTTP/1.1 200 OK\r\n'))).toBe(-1);
    expect(headEnd(Buffer.from('HTTP/1.1 200 OK\r\n\r\nbody'))).toBe(19);
  });
});
