import { createHash, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeAuthority } from '../../test/kit/certificates.ts';
import { type ForwardProxy, forwardProxy } from '../../test/kit/forward-proxy.ts';
import { collect, collectDownload, failureOf, type TestHttp, testHttp } from '../../test/kit/http.ts';
import { serve, serveRaw, type TestServer } from '../../test/kit/test-server.ts';
import type { Chunk } from '../oci/ports.ts';
import type { HttpOptions } from './client.ts';
import { limits } from './limits.ts';

const MiB = 1024 * 1024;
const blob = randomBytes(5 * MiB + 123);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const authority = makeAuthority();
const identity = authority.issue(['DNS:registry.example.com', 'IP:127.0.0.1']);

/** One interface over four ways that bytes come: every test of this suite holds for each. */
const ways = {
  'its length': { tls: false, chunked: false, proxied: false },
  'its length over TLS': { tls: true, chunked: false, proxied: false },
  chunks: { tls: false, chunked: true, proxied: false },
  "TLS in a proxy's tunnel": { tls: true, chunked: false, proxied: true },
};

describe.each(Object.entries(ways))('a download by %s', (_, { tls, chunked, proxied }) => {
  let server: TestServer;
  let proxy: ForwardProxy;

  beforeAll(async () => {
    server = await serve(
      (request, response) => answer(request.url ?? '', request.headers.range, response, chunked),
      tls ? { ...identity } : undefined,
    );
    proxy = await forwardProxy({ target: server.port });
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const client = (options: Partial<HttpOptions> = {}): TestHttp =>
    testHttp({
      settings: () => (tls ? { ca: authority.cert } : { plainHttp: true }),
      env: proxied ? { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` } : {},
      ...options,
    });
  const at = (path: string) => new URL(`https://registry.example.com:${server.port}${path}`);

  test('gives every byte in order', async () => {
    await using kit = client();
    const answered = await kit.http.download({ method: 'GET', url: at('/blob') });
    expect(answered.status).toBe(200);
    expect(sha256(await collect(answered.stream))).toBe(sha256(blob));
    if (proxied) expect(proxy.asked).toContain(`CONNECT registry.example.com:${server.port}`);
  });

  test('gives an empty body', async () => {
    await using kit = client();
    const answered = await kit.http.download({ method: 'GET', url: at('/empty') });
    expect(await collect(answered.stream)).toHaveLength(0);
  });

  test('gives part of a blob', async () => {
    await using kit = client();
    const answered = await kit.http.download({ method: 'GET', url: at('/blob'), headers: { range: 'bytes=1000-' } });
    expect(answered.status).toBe(206);
    expect(sha256(await collect(answered.stream))).toBe(sha256(blob.subarray(1000)));
  });

  test('hands back a refusal with its body, and the connection still serves', async () => {
    await using kit = client();
    for (let round = 0; round < 3; round += 1) {
      const answered = await kit.http.download({ method: 'GET', url: at('/refused') });
      expect(answered.stream).toBeUndefined();
      expect(answered).toMatchObject({ status: 404, body: Buffer.from('{"errors":[]}') });
    }
    expect(await collectDownload(kit.http.download({ method: 'GET', url: at('/small') }))).toHaveLength(10);
  });

  test('uses its connection again', async () => {
    await using kit = client();
    await collectDownload(kit.http.download({ method: 'GET', url: at('/small') }));
    const before = server.connections;
    for (let round = 0; round < 5; round += 1) {
      await collectDownload(kit.http.download({ method: 'GET', url: at('/small') }));
    }
    expect(server.connections).toBe(before);
  });

  // Over TLS, bytes that were read together go on coming after the socket was told to stop, up to the end of the body.
  test.each([2, 12, 24, 40])(
    'uses its connection again where its reader held every buffer, %i KiB before the end',
    async (left) => {
      await using kit = client({ timeouts: { headTimeout: 1000 } });
      const start = blob.length - (limits.readBuffers - 1) * limits.readBuffer - left * 1024;
      const headers = { range: `bytes=${start}-` };
      const { stream } = await kit.http.download({ method: 'GET', url: at('/blob'), headers });
      expect(await holdingAll(stream)).toBe(blob.length - start);
      const again = { method: 'GET', url: at('/small'), retry: 'never' } as const;
      expect((await kit.http.request(again)).status).toBe(200);
    },
  );

  test('never decodes what is called compressed', async () => {
    await using kit = client();
    const bytes = await collectDownload(kit.http.download({ method: 'GET', url: at('/called-gzip') }));
    expect(bytes.toString()).toBe('not gzip at all');
  });

  test('tells of a body that was cut, after what came before the cut', async () => {
    await using kit = client();
    const { stream } = await kit.http.download({ method: 'GET', url: at('/cut') });
    const got: number[] = [];
    const reading = (async () => {
      for await (const chunk of stream ?? []) {
        got.push(chunk.bytes.length);
        chunk.release();
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'E_CUT', failure: 'temporary' });
    expect(got.reduce((sum, length) => sum + length, 0)).toBe(5000);
  });

  test('gives up on a source that stands still', async () => {
    await using kit = client({ timeouts: { idle: 200 } });
    const startedAt = performance.now();
    const reading = collectDownload(kit.http.download({ method: 'GET', url: at('/stall') }));
    await expect(reading).rejects.toMatchObject({ code: 'E_TIMEOUT', failure: 'temporary' });
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });

  test('is patient with a source that is slow but moves', async () => {
    await using kit = client({ timeouts: { idle: 600 } });
    expect(await collectDownload(kit.http.download({ method: 'GET', url: at('/slow') }))).toHaveLength(400);
  });

  test('gives up on a source out of which a byte drips now and then, be it in head or body', async () => {
    await using kit = client({ timeouts: { idle: 200, headTimeout: 200 } });
    for (const path of ['/drip', '/drip-in-chunks', '/drip-head']) {
      const reading = collectDownload(kit.http.download({ method: 'GET', url: at(path), retry: 'never' }));
      await expect(reading, path).rejects.toMatchObject({ code: 'E_TIMEOUT', failure: 'temporary' });
    }
  });

  test('is patient with a consumer that takes its time', async () => {
    await using kit = client({ timeouts: { idle: 100 } });
    const { stream } = await kit.http.download({ method: 'GET', url: at('/blob') });
    let size = 0;
    for await (const chunk of stream ?? []) {
      if (size === 0) await new Promise((resolve) => setTimeout(resolve, 400));
      size += chunk.bytes.length;
      chunk.release();
    }
    expect(size).toBe(blob.length);
  });

  test('lets go of the connection when the consumer stops', async () => {
    await using kit = client();
    const { stream } = await kit.http.download({ method: 'GET', url: at('/blob') });
    for await (const chunk of stream ?? []) {
      chunk.release();
      break;
    }
    const whole = await collectDownload(kit.http.download({ method: 'GET', url: at('/blob') }));
    expect(sha256(whole)).toBe(sha256(blob));
  });

  test('ends with the reason of its signal in the middle of a body', async () => {
    await using kit = client();
    const controller = new AbortController();
    const { stream } = await kit.http.download({ method: 'GET', url: at('/stall'), signal: controller.signal });
    const reason = new Error('stopped by the user');
    setTimeout(() => controller.abort(reason), 30);
    expect(await failureOf(collect(stream))).toBe(reason);
  });

  test('serves many at once, each its own bytes', async () => {
    await using kit = client();
    const all = await Promise.all(
      Array.from({ length: 20 }, () => collectDownload(kit.http.download({ method: 'GET', url: at('/blob') }))),
    );
    expect(new Set(all.map(sha256))).toEqual(new Set([sha256(blob)]));
  });

  test('tells the trace how many bytes came', async () => {
    await using kit = client();
    await collectDownload(kit.http.download({ method: 'GET', url: at('/small') }));
    await expect.poll(() => kit.events.filter(({ type }) => type === 'request')).toHaveLength(1);
    expect(kit.events).toMatchObject([{ status: 200, receivedBytes: 10 }]);
  });
});

describe('a download by its length', () => {
  test('stops reading while every buffer is in use, and memory stays flat', async () => {
    let sent = 0;
    await using server = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 200 * MiB });
      const piece = Buffer.alloc(MiB);
      const more = () => {
        while (sent < 200 * MiB) {
          sent += piece.length;
          if (!response.write(piece)) return void response.once('drain', more);
        }
      };
      more();
    });
    await using kit = testHttp();
    const { stream } = await kit.http.download({ method: 'GET', url: new URL(`http://127.0.0.1:${server.port}/`) });
    const held: Chunk[] = [];
    for await (const chunk of stream ?? []) {
      held.push(chunk);
      if (held.length === 2) break;
    }
    // Two buffers are out and one is filling; the rest is in the kernel's hands, and far from all of it.
    expect(sent).toBeLessThan(60 * MiB);
  });

  test('takes what comes together with the head', async () => {
    await using server = await serveRaw((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'));
    });
    expect((await rawBytes(server)).toString()).toBe('hello');
  });

  test('reads a head that comes byte by byte', async () => {
    await using server = await serveRaw((socket) => {
      socket.setNoDelay(true);
      socket.once('data', async () => {
        for (const byte of 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok') {
          socket.write(byte);
          await new Promise((resolve) => setImmediate(resolve));
        }
      });
    });
    expect((await rawBytes(server)).toString()).toBe('ok');
  });

  test('drops bytes beyond the length, and the connection with them', async () => {
    await using server = await serveRaw((socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more'));
    });
    await using kit = testHttp();
    const url = new URL(`http://127.0.0.1:${server.port}/`);
    for (let round = 0; round < 2; round += 1) {
      expect((await collectDownload(kit.http.download({ method: 'GET', url }))).toString()).toBe('ok');
    }
    expect(server.connections).toBe(2);
  });

  test.each([
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok'],
    ['a length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok'],
    ['a bare line feed', 'HTTP/1.1 200 OK\r\nX: a\nContent-Length: 2\r\n\r\nok'],
    ['no head at all', 'hello\r\n\r\n'],
    ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
  ])('refuses %s', async (_, answer) => {
    await using server = await serveRaw((socket) => socket.once('data', () => socket.end(answer)));
    await using kit = testHttp();
    const url = new URL(`http://127.0.0.1:${server.port}/`);
    const asked = kit.http.download({ method: 'GET', url, retry: 'never' });
    await expect(asked).rejects.toMatchObject({ code: 'E_CUT', message: expect.stringContaining('not HTTP') });
  });

  test('refuses an endless head', async () => {
    await using server = await serveRaw((socket) => {
      socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\n${'X-Long: y\r\n'.repeat(7000)}`));
    });
    await using kit = testHttp();
    const url = new URL(`http://127.0.0.1:${server.port}/`);
    await expect(kit.http.download({ method: 'GET', url, retry: 'never' })).rejects.toMatchObject({ code: 'E_CUT' });
  });

  test('asks again at once when the kept connection had been closed', async () => {
    await using server = await serveRaw((socket) => {
      socket.on('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        // Closes without a word in the headers, a moment later: the next request may just be on its way.
        socket.once('data', () => socket.destroy());
      });
    });
    await using kit = testHttp();
    const url = new URL(`http://127.0.0.1:${server.port}/`);
    for (let round = 0; round < 4; round += 1) {
      expect((await collectDownload(kit.http.download({ method: 'GET', url }))).toString()).toBe('ok');
    }
  });

  async function rawBytes(server: TestServer): Promise<Buffer> {
    await using kit = testHttp();
    return await collectDownload(
      kit.http.download({ method: 'GET', url: new URL(`http://127.0.0.1:${server.port}/`) }),
    );
  }
});

/** Reads with every buffer in hand, and gives all back only after what came together with the last of them. */
async function holdingAll(stream: AsyncIterable<Chunk> | undefined): Promise<number> {
  const everyBuffer = (limits.readBuffers - 1) * (limits.readBuffer - 16 * 1024);
  const held: Chunk[] = [];
  const letGo = () => held.splice(0).forEach(({ release }) => release());
  let received = 0;
  for await (const chunk of stream ?? []) {
    held.push(chunk);
    received += chunk.bytes.length;
    if (received >= everyBuffer) setImmediate(letGo);
  }
  letGo();
  return received;
}

function answer(path: string, range: string | undefined, response: ServerResponse, chunked: boolean): void {
  const start = Number(/^bytes=(\d+)-$/u.exec(range ?? '')?.[1] ?? 0);
  const length = (size: number) => (chunked ? {} : { 'content-length': size });
  const routes: Record<string, () => void> = {
    '/blob': () => {
      response.writeHead(range === undefined ? 200 : 206, length(blob.length - start));
      response.end(blob.subarray(start));
    },
    '/empty': () => void response.writeHead(200, length(0)).end(),
    '/small': () => void response.writeHead(200, length(10)).end('0123456789'),
    '/refused': () => void response.writeHead(404, length(13)).end('{"errors":[]}'),
    '/called-gzip': () => {
      response.writeHead(200, { ...length(15), 'content-encoding': 'gzip' }).end('not gzip at all');
    },
    '/cut': () => {
      response.writeHead(200, length(10_000)).write(Buffer.alloc(5000), () => response.destroy());
    },
    '/drip': () => {
      response.writeHead(200, length(10_000)).flushHeaders();
      dripInto(response);
    },
    '/drip-in-chunks': () => {
      response.writeHead(200, { 'transfer-encoding': 'chunked' }).flushHeaders();
      dripInto(response);
    },
    '/drip-head': () => {
      response.socket?.write('HTTP/1.1 200 OK\r\nx: ');
      dripInto(response.socket);
    },
    '/stall': () => void response.writeHead(200, length(10_000)).write(Buffer.alloc(100)),
    '/slow': () => {
      response.writeHead(200, length(400)).flushHeaders();
      let left = 8;
      const timer = setInterval(() => {
        response.write(Buffer.alloc(50));
        left -= 1;
        if (left > 0) return;
        clearInterval(timer);
        response.end();
      }, 100);
    },
  };
  routes[path]?.();
}

function dripInto(out: Writable | null): void {
  const timer = setInterval(() => out?.write('x'), 40);
  out?.once('close', () => clearInterval(timer));
}
