import { describe, expect, test } from 'vitest';
import { failureOf, testHttp } from '../../test/kit/http.ts';
import { bodyOf, serve, serveRaw } from '../../test/kit/test-server.ts';
import { Secret } from '../kit/secret.ts';
import { createHttp } from './client.ts';

const url = (port: number, path = '/') => new URL(`http://127.0.0.1:${port}${path}`);

describe('a request', () => {
  test('brings status, headers, body and where it came from', async () => {
    await using server = await serve((_, response) => response.writeHead(418, { 'X-A': '1' }).end('tea'));
    await using kit = testHttp();
    const answer = await kit.http.request({ method: 'GET', url: url(server.port, '/v2/?n=1') });
    expect(answer.status).toBe(418);
    expect(answer.headers.get('x-a')).toBe('1');
    expect(answer.body.toString()).toBe('tea');
    expect(answer.url.pathname).toBe('/v2/');
    expect(server.seen[0]?.url).toBe('/v2/?n=1');
  });

  test('says who asks, and sends the authorization', async () => {
    await using server = await serve((_, response) => response.end());
    await using kit = testHttp();
    await kit.http.request({ method: 'GET', url: url(server.port), authorization: new Secret('Bearer canary-0') });
    expect(server.seen[0]?.headers).toMatchObject({ 'user-agent': 'tranship-test', authorization: 'Bearer canary-0' });
    expect(server.seen[0]?.headers.host).toBe(`127.0.0.1:${server.port}`);
  });

  test('sends a body with its length, and a length of 0 where a body is due', async () => {
    const bodies: string[] = [];
    await using server = await serve(async (request, response) => {
      bodies.push(`${request.method} ${request.headers['content-length']} ${await bodyOf(request)}`);
      response.end();
    });
    await using kit = testHttp();
    await kit.http.request({ method: 'PUT', url: url(server.port), body: Buffer.from('abc') });
    await kit.http.request({ method: 'POST', url: url(server.port) });
    await kit.http.request({ method: 'DELETE', url: url(server.port) });
    expect(bodies).toEqual(['PUT 3 abc', 'POST 0 ', 'DELETE undefined ']);
  });

  test('keeps repeated challenges apart', async () => {
    await using server = await serve((_, response) => {
      response.writeHead(401, [
        ['WWW-Authenticate', 'Bearer realm="a"'],
        ['WWW-Authenticate', 'Basic realm="b"'],
      ]);
      response.end();
    });
    await using kit = testHttp();
    const { headers } = await kit.http.request({ method: 'GET', url: url(server.port) });
    expect(headers.all('WWW-Authenticate')).toEqual(['Bearer realm="a"', 'Basic realm="b"']);
  });

  test('uses a connection again, whatever the method', async () => {
    await using server = await serve((_, response) => response.setHeader('content-length', 5).end('hello'));
    await using kit = testHttp();
    for (const method of ['HEAD', 'GET', 'HEAD', 'GET', 'HEAD'] as const) {
      await kit.http.request({ method, url: url(server.port) });
    }
    expect(server.connections).toBe(1);
  });

  test('reads as much body as allowed and not a byte more', async () => {
    await using server = await serve((_, response) => response.end('x'.repeat(1000)));
    await using kit = testHttp();
    const just = await kit.http.request({ method: 'GET', url: url(server.port), bodyLimit: 1000 });
    expect(just.body.length).toBe(1000);
    const more = kit.http.request({ method: 'GET', url: url(server.port), bodyLimit: 999 });
    await expect(more).rejects.toMatchObject({ code: 'E_ANSWER_TOO_LARGE', failure: 'failed' });
    expect(server.seen).toHaveLength(2);
  });

  test('hands on compressed bodies as they are', async () => {
    const packed = Buffer.from('1f8b0800000000000003', 'hex');
    await using server = await serve((_, response) => response.setHeader('content-encoding', 'gzip').end(packed));
    await using kit = testHttp();
    const answer = await kit.http.request({ method: 'GET', url: url(server.port) });
    expect(answer.body).toEqual(packed);
  });

  test('gives up on a server that never answers', async () => {
    await using server = await serve(() => {});
    await using kit = testHttp();
    const asked = kit.http.request({ method: 'POST', url: url(server.port), headTimeoutMs: 50 });
    await expect(asked).rejects.toMatchObject({ code: 'E_TIMEOUT', failure: 'temporary' });
  });

  test('gives up on a body that stands still or drips, and is patient with a slow one', async () => {
    await using server = await serve((request, response) => {
      const piece = request.url === '/drip' ? 1 : 30;
      response.writeHead(200, { 'content-length': 6 * piece });
      if (request.url === '/stall') return response.write('a');
      let left = 6;
      const timer = setInterval(() => {
        response.write('b'.repeat(piece));
        left -= 1;
        if (left === 0) clearInterval(timer);
      }, 60);
      return undefined;
    });
    await using kit = testHttp({ timeouts: { idle: 150 } });
    const stalled = kit.http.request({ method: 'GET', url: url(server.port, '/stall'), retry: 'never' });
    await expect(stalled).rejects.toMatchObject({ code: 'E_TIMEOUT' });
    const dripping = kit.http.request({ method: 'GET', url: url(server.port, '/drip'), retry: 'never' });
    await expect(dripping).rejects.toMatchObject({
      code: 'E_TIMEOUT',
      message: expect.stringMatching(/hardly a byte/),
    });
    const slow = await kit.http.request({ method: 'GET', url: url(server.port, '/slow'), retry: 'never' });
    expect(slow.body).toHaveLength(180);
  });

  test('ends with the reason of its signal, while connecting, waiting and reading', async () => {
    await using server = await serve((request, response) => {
      if (request.url === '/half') response.writeHead(200, { 'content-length': 10 }).write('half');
    });
    await using kit = testHttp();
    for (const path of ['/wait', '/half']) {
      const reason = new Error(`enough of ${path}`);
      const asked = kit.http.request({ method: 'GET', url: url(server.port, path), signal: abortingIn(50, reason) });
      expect(await failureOf(asked)).toBe(reason);
    }
    const early = new Error('before');
    const asked = kit.http.request({ method: 'GET', url: url(server.port), signal: AbortSignal.abort(early) });
    expect(await failureOf(asked)).toBe(early);
  });

  test('guesses at TLS where plain HTTP gets no answer, which servers that hang up do not say', async () => {
    await using server = await serveRaw((socket) => socket.destroy());
    await using kit = testHttp();
    const asked = kit.http.request({ method: 'GET', url: url(server.port), retry: 'never' });
    await expect(asked).rejects.toMatchObject({ code: 'E_CUT', hint: expect.stringContaining('--plain-http') });
  });

  test('tells what is no HTTP', async () => {
    await using server = await serveRaw((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    await using kit = testHttp();
    const asked = kit.http.request({ method: 'GET', url: url(server.port), retry: 'never' });
    await expect(asked).rejects.toMatchObject({ code: 'E_CUT', message: expect.stringContaining('not HTTP') });
  });

  test('tells where nothing listens', async () => {
    const server = await serve(() => {});
    await server[Symbol.asyncDispose]();
    await using kit = testHttp();
    const asked = kit.http.request({ method: 'GET', url: url(server.port), retry: 'never' });
    await expect(asked).rejects.toMatchObject({
      code: 'E_UNREACHABLE',
      failure: 'temporary',
      subject: `127.0.0.1:${server.port}`,
      hint: expect.stringContaining('nothing listens'),
    });
  });
});

describe('the trace', () => {
  test('tells each sending without its secrets', async () => {
    await using server = await serve((_, response) => response.end('ok'));
    await using kit = testHttp();
    const signed = url(server.port, '/blob?X-Amz-Signature=canary-sig&a=1');
    await kit.http.request({ method: 'GET', url: signed, authorization: new Secret('Bearer canary-token') });
    expect(kit.events).toMatchObject([
      { type: 'request', method: 'GET', status: 200, attempt: 1, sentBytes: 0, receivedBytes: 2 },
    ]);
    expect(JSON.stringify(kit.events)).not.toContain('canary');
    expect(JSON.stringify(kit.events)).toContain('a=1');
  });

  test('tells a failure with its code', async () => {
    await using server = await serve((request) => request.socket.destroy());
    await using kit = testHttp();
    await failureOf(kit.http.request({ method: 'POST', url: url(server.port) }));
    expect(kit.events).toMatchObject([{ type: 'request', method: 'POST', error: expect.stringContaining('E_CUT') }]);
  });
});

describe('an environment that switches certificate checks off', () => {
  const env = { NODE_TLS_REJECT_UNAUTHORIZED: '0' };

  test('is refused', () => {
    expect(() => testHttp({ env })).toThrow(/NODE_TLS_REJECT_UNAUTHORIZED/u);
  });

  test('is let be where somebody says that it is known', () => {
    const options = { settings: () => ({}), env, userAgent: 'x', tolerateUnverifiedEnvironment: true };
    expect(() => createHttp(options)).not.toThrow();
  });
});

function abortingIn(milliseconds: number, reason: Error): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), milliseconds);
  return controller.signal;
}
