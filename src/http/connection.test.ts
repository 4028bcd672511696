/** What a server may do with a connection, beyond what the suites of requests, downloads and uploads try. */
import { describe, expect, test, vi } from 'vitest';
import { collectDownload, failureOf, testHttp } from '../../test/kit/http.ts';
import { serveRaw } from '../../test/kit/test-server.ts';
import { Secret } from '../kit/secret.ts';

const url = (port: number) => new URL(`http://127.0.0.1:${port}/`);

/** A server that answers each request with the next of `answers`; the last one again and again. */
function answering(...answers: readonly string[]) {
  let number = 0;
  return serveRaw((socket) => {
    socket.on('data', () => {
      const answer = answers[Math.min(number, answers.length - 1)] ?? '';
      number += 1;
      if (answer.endsWith('<close>')) socket.end(answer.slice(0, -'<close>'.length));
      else socket.write(answer);
    });
  });
}

describe('a body without a length', () => {
  const closing = 'HTTP/1.1 200 OK\r\n\r\nall of it<close>';
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nall\r\n6\r\n of it\r\n0\r\n\r\n';

  test.each([
    ['that ends with the connection', closing],
    ['in chunks', chunked],
  ])('%s is read, small and as a stream', async (_, answer) => {
    await using server = await answering(answer);
    await using kit = testHttp();
    const small = await kit.http.request({ method: 'GET', url: url(server.port) });
    expect(small.body.toString()).toBe('all of it');
    const stream = kit.http.download({ method: 'GET', url: url(server.port) });
    expect((await collectDownload(stream)).toString()).toBe('all of it');
  });

  test('in chunks leaves the connection for the next request', async () => {
    await using server = await answering(chunked);
    await using kit = testHttp();
    for (let round = 0; round < 3; round += 1) await kit.http.request({ method: 'GET', url: url(server.port) });
    expect(server.connections).toBe(1);
  });

  test('in chunks that break off is cut, and said to be', async () => {
    await using server = await answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nall<close>');
    await using kit = testHttp();
    const asked = kit.http.request({ method: 'GET', url: url(server.port), retry: 'never' });
    await expect(asked).rejects.toMatchObject({ code: 'E_CUT' });
  });

  test('in chunks that are none is not HTTP', async () => {
    await using server = await answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n');
    await using kit = testHttp();
    const asked = kit.http.request({ method: 'GET', url: url(server.port), retry: 'never' });
    await expect(asked).rejects.toMatchObject({ code: 'E_CUT', message: expect.stringContaining('not HTTP') });
  });
});

describe('an idle connection', () => {
  const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n';

  test('is not used where the server said that it closes it now', async () => {
    await using server = await answering(`${ok}Keep-Alive: timeout=1\r\n\r\nok`);
    await using kit = testHttp();
    for (let round = 0; round < 2; round += 1) await kit.http.request({ method: 'GET', url: url(server.port) });
    expect(server.connections).toBe(2);
  });

  test('is used where the server keeps it for long', async () => {
    await using server = await answering(`${ok}Keep-Alive: timeout=60, max=100\r\n\r\nok`);
    await using kit = testHttp();
    for (let round = 0; round < 2; round += 1) await kit.http.request({ method: 'GET', url: url(server.port) });
    expect(server.connections).toBe(1);
  });

  test('on which the server says more than it was asked is closed', async () => {
    await using server = await answering(`${ok}\r\nok`, `${ok}\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`);
    await using kit = testHttp();
    const bodies: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      bodies.push((await kit.http.request({ method: 'GET', url: url(server.port) })).body.toString());
    }
    expect(bodies).toEqual(['ok', 'ok', 'ok']);
    expect(server.connections).toBe(2);
  });

  test('does not make a slow answer on it look as if the server had closed it', async () => {
    let requests = 0;
    await using server = await serveRaw((socket) => {
      socket.on('data', () => {
        requests += 1;
        if (requests === 1) socket.write(`${ok}\r\nok`);
      });
    });
    await using kit = testHttp({ timeouts: { headTimeout: 80 } });
    await kit.http.request({ method: 'GET', url: url(server.port) });
    const asked = kit.http.request({ method: 'POST', url: url(server.port) });
    expect(await failureOf(asked)).toMatchObject({ code: 'E_TIMEOUT' });
    expect(requests).toBe(2);
  });
});

test('a request whose run was stopped already is not sent, also where a connection stands ready', async () => {
  let requests = 0;
  await using server = await serveRaw((socket) => {
    socket.on('data', () => {
      requests += 1;
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
  });
  await using kit = testHttp();
  await kit.http.request({ method: 'GET', url: url(server.port) });
  const stop = new AbortController();
  const asked = kit.http.request({ method: 'GET', url: url(server.port), signal: stop.signal });
  stop.abort(new Error('stopped'));
  expect(await failureOf(asked)).toMatchObject({ message: 'stopped' });
  expect(requests).toBe(1);
});

test.each([
  ['a line break', 'Bearer a\r\nX-Smuggled: 1'],
  ['a line feed', 'Bearer a\nX-Smuggled: 1'],
  ['a null', 'Bearer a\u0000b'],
  ['what Latin-1 does not have', 'Bearer \u0142'],
])('a header with %s is never sent', async (_, value) => {
  let requests = 0;
  let closed = 0;
  await using server = await serveRaw((socket) => {
    socket.on('data', () => (requests += 1)).on('close', () => (closed += 1));
  });
  await using kit = testHttp();
  const asked = kit.http.request({ method: 'GET', url: url(server.port), authorization: new Secret(value) });
  expect(await failureOf(asked)).toMatchObject({ code: 'E_UNSENDABLE' });
  expect(requests).toBe(0);
  await vi.waitUntil(() => closed === server.connections);
});
