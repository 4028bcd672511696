import { createHash, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { collect, collectDownload, failureOf, streamOf, testHttp } from '../../test/kit/http.ts';
import { bodyOf, serve, serveRaw } from '../../test/kit/test-server.ts';
import type { ByteStream } from '../oci/ports.ts';
import { limits } from './limits.ts';

const url = (port: number, path = '/') => new URL(`http://127.0.0.1:${port}${path}`);
const KiB = 1024;
const never = new Promise<never>(() => {});

describe('an upload', () => {
  test('sends exactly the bytes of its source, gives each chunk back, and tells how far it is', async () => {
    const pieces = Array.from({ length: 40 }, (_, index) => randomBytes(1000 * index));
    const whole = Buffer.concat(pieces);
    let received: Buffer = Buffer.alloc(0);
    await using server = await serve(async (request, response) => {
      received = await bodyOf(request);
      response.writeHead(201).end();
    });
    await using kit = testHttp();
    const released = { count: 0 };
    const progress: number[] = [];
    const answer = await kit.http.upload({
      method: 'PATCH',
      url: url(server.port),
      headers: { 'content-type': 'application/octet-stream' },
      contentLength: whole.length,
      open: async () => streamOf(pieces, released),
      onProgress: (bytes) => progress.push(bytes),
    });
    expect(answer.status).toBe(201);
    expect(digest(received)).toBe(digest(whole));
    expect(released.count).toBe(40);
    expect(progress.at(-1)).toBe(whole.length);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(server.seen[0]?.headers['content-length']).toBe(String(whole.length));
  });

  test('of nothing is an empty body', async () => {
    await using server = await serve(async (request, response) => {
      response.writeHead((await bodyOf(request)).length === 0 ? 201 : 400).end();
    });
    await using kit = testHttp();
    const open = async () => streamOf([]);
    const answer = await kit.http.upload({ method: 'PUT', url: url(server.port), contentLength: 0, open });
    expect(answer.status).toBe(201);
  });

  test('opens its source once, and only when the connection stands', async () => {
    let opened = 0;
    await using server = await serve(async (request, response) =>
      response.writeHead((await bodyOf(request)) && 201).end(),
    );
    await using kit = testHttp();
    const open = async () => {
      opened += 1;
      expect(server.connections).toBe(1);
      return streamOf([Buffer.from('abc')]);
    };
    await kit.http.upload({ method: 'PUT', url: url(server.port), contentLength: 3, open });
    expect(opened).toBe(1);
    await server[Symbol.asyncDispose]();
    await using other = testHttp();
    const again = other.http.upload({ method: 'PUT', url: url(server.port), contentLength: 3, open });
    await expect(again).rejects.toMatchObject({ code: 'E_UNREACHABLE' });
    expect(opened).toBe(1);
  });

  test('sends no head before its source gives the first bytes', async () => {
    await using server = await serve((request, response) => void bodyOf(request).then(() => response.end()));
    await using kit = testHttp();
    const gate = Promise.withResolvers<void>();
    const source = (async function* () {
      await gate.promise;
      yield { bytes: Buffer.from('abc'), release: () => {} };
    })();
    const sending = kit.http.upload({
      method: 'PUT',
      url: url(server.port),
      contentLength: 3,
      open: async () => source,
    });
    await expect.poll(() => server.connections).toBe(1);
    expect(server.seen).toHaveLength(0);
    gate.resolve();
    await sending;
    expect(server.seen).toHaveLength(1);
  });

  test.each([
    ['more', 5, 'more'],
    ['fewer', 20, 'only 10'],
  ])('of a source that gives %s bytes than announced fails and the connection goes', async (_, contentLength, said) => {
    const ended: boolean[] = [];
    await using server = await serve((request) => request.on('close', () => ended.push(request.complete)).resume());
    await using kit = testHttp();
    const open = async () => streamOf([Buffer.alloc(4), Buffer.alloc(6)]);
    const sending = kit.http.upload({ method: 'PUT', url: url(server.port), contentLength, open });
    await expect(sending).rejects.toMatchObject({ code: 'E_SIZE_MISMATCH', message: expect.stringContaining(said) });
    await expect.poll(() => ended).toEqual([false]);
  });

  test('is stopped by an early answer, which is handed back', async () => {
    await using server = await serve((_, response) => response.writeHead(401, { 'x-why': 'token' }).end('no'));
    await using kit = testHttp();
    const state = { closed: false, given: 0 };
    const answer = await kit.http.upload({
      method: 'PATCH',
      url: url(server.port),
      contentLength: 1e12,
      open: async () => endless(state),
    });
    expect(answer).toMatchObject({ status: 401, body: Buffer.from('no') });
    expect(state.given).toBeLessThan(2e9);
    await expect.poll(() => state.closed).toBe(true);
  });

  test('is stopped by an early answer while its source stands still', async () => {
    await using server = await serve((_, response) => response.writeHead(413).end('too large'));
    await using kit = testHttp();
    const source = (async function* () {
      yield { bytes: Buffer.alloc(10), release: () => {} };
      await never;
    })();
    const open = async () => source;
    const answer = await kit.http.upload({ method: 'PATCH', url: url(server.port), contentLength: 100, open });
    expect(answer).toMatchObject({ status: 413, body: Buffer.from('too large') });
  });

  test('survives a reset that follows an early answer', async () => {
    await using server = await serveRaw((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno', () => {
          setTimeout(() => socket.resetAndDestroy(), 20);
        });
      });
    });
    await using kit = testHttp();
    const outcomes: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      const state = { closed: false, given: 0 };
      const sending = kit.http.upload({
        method: 'PATCH',
        url: url(server.port),
        contentLength: 1e9,
        open: async () => endless(state),
      });
      outcomes.push(
        await sending.then(
          ({ status }) => String(status),
          (error) => error.code,
        ),
      );
    }
    expect(outcomes).toContain('401');
  });

  test('fails with the very error of its source', async () => {
    await using server = await serve((request) => request.resume());
    await using kit = testHttp();
    const trouble = new Error('the source broke');
    const source = (async function* () {
      yield { bytes: Buffer.alloc(10), release: () => {} };
      throw trouble;
    })();
    const at = url(server.port);
    const broken = kit.http.upload({ method: 'PUT', url: at, contentLength: 100, open: async () => source });
    expect(await failureOf(broken)).toBe(trouble);
    const unopened = kit.http.upload({
      method: 'PUT',
      url: at,
      contentLength: 100,
      open: () => Promise.reject(trouble),
    });
    expect(await failureOf(unopened)).toBe(trouble);
  });

  describe('that may end early', () => {
    const open = async () => endless({ closed: false, given: 0 });

    test('has no length, and ends in order once it is told to', async () => {
      const stop = new AbortController();
      let received = 0;
      let whole = false;
      await using server = await serve(async (request, response) => {
        request.once('data', () => stop.abort());
        received = (await bodyOf(request)).length;
        whole = request.complete;
        response.writeHead(202).end();
      });
      await using kit = testHttp();
      let sent = 0;
      const answer = await kit.http.upload({
        method: 'PATCH',
        url: url(server.port),
        contentLength: 1e12,
        open,
        onProgress: (bytes) => {
          sent = bytes;
        },
        endEarly: stop.signal,
      });
      expect(answer.status).toBe(202);
      expect(whole).toBe(true);
      expect(received).toBe(sent);
      expect(server.seen[0]?.headers).toMatchObject({ 'transfer-encoding': 'chunked' });
      expect(server.seen[0]?.headers).not.toHaveProperty('content-length');
    });

    test('ends in order when its source fails', async () => {
      await using server = await serve(async (request, response) => {
        const { length } = await bodyOf(request);
        response.writeHead(request.complete ? 202 : 400).end(`${length}`);
      });
      await using kit = testHttp();
      const source = (async function* () {
        yield { bytes: Buffer.alloc(10), release: () => {} };
        throw new Error('the source broke');
      })();
      const { signal: endEarly } = new AbortController();
      const at = { method: 'PATCH', url: url(server.port), contentLength: 100 } as const;
      const answer = await kit.http.upload({ ...at, open: async () => source, endEarly });
      expect([answer.status, answer.body.toString()]).toEqual([202, '10']);
    });

    test('does not begin when it is told before', async () => {
      await using server = await serve((request, response) => void bodyOf(request).then(() => response.end()));
      await using kit = testHttp();
      const reason = new Error('stopped');
      const endEarly = AbortSignal.abort(reason);
      const sending = kit.http.upload({ method: 'PATCH', url: url(server.port), contentLength: 1e12, open, endEarly });
      expect(await failureOf(sending)).toBe(reason);
      expect(server.seen).toHaveLength(0);
    });

    test('still says its whole content when it is not told', async () => {
      await using server = await serve(async (request, response) => {
        response.writeHead(202).end(digest(await bodyOf(request)));
      });
      await using kit = testHttp();
      const bytes = randomBytes(300 * KiB);
      const answer = await kit.http.upload({
        method: 'PATCH',
        url: url(server.port),
        contentLength: bytes.length,
        open: async () => streamOf([bytes.subarray(0, 1000), bytes.subarray(1000)]),
        endEarly: new AbortController().signal,
      });
      expect(answer.body.toString()).toBe(digest(bytes));
    });
  });

  test('tells of a connection that breaks in the middle, and lets the source go', async () => {
    await using server = await serve((request) => request.once('data', () => request.socket.resetAndDestroy()));
    await using kit = testHttp();
    const state = { closed: false, given: 0 };
    const open = async () => endless(state);
    const sending = kit.http.upload({ method: 'PATCH', url: url(server.port), contentLength: 1e12, open });
    await expect(sending).rejects.toMatchObject({ code: 'E_CUT', failure: 'temporary' });
    await expect.poll(() => state.closed).toBe(true);
    expect(server.seen).toHaveLength(1);
  });

  test('gives up on a destination that takes nothing more', async () => {
    await using server = await serve(() => {});
    await using kit = testHttp({ timeouts: { idle: 300 } });
    const startedAt = performance.now();
    const state = { closed: false, given: 0 };
    const open = async () => endless(state);
    const sending = kit.http.upload({ method: 'PATCH', url: url(server.port), contentLength: 1e12, open });
    await expect(sending).rejects.toMatchObject({ code: 'E_TIMEOUT', failure: 'temporary' });
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  test('does not blame the destination for a source that pauses', async () => {
    await using server = await serve(async (request, response) =>
      response.writeHead((await bodyOf(request)) && 201).end(),
    );
    await using kit = testHttp({ timeouts: { idle: 100 } });
    const source = (async function* () {
      yield { bytes: Buffer.alloc(10), release: () => {} };
      await new Promise((resolve) => setTimeout(resolve, 500));
      yield { bytes: Buffer.alloc(10), release: () => {} };
    })();
    const open = async () => source;
    const answer = await kit.http.upload({ method: 'PATCH', url: url(server.port), contentLength: 20, open });
    expect(answer.status).toBe(201);
  });

  test('gives up on a server that never commits', async () => {
    await using server = await serve((request) => request.resume());
    await using kit = testHttp();
    const open = async () => streamOf([Buffer.alloc(10)]);
    const sending = kit.http.upload({
      method: 'PUT',
      url: url(server.port),
      contentLength: 10,
      open,
      headTimeoutMs: 80,
    });
    await expect(sending).rejects.toMatchObject({ code: 'E_TIMEOUT', message: expect.stringContaining('no answer') });
  });

  test('ends with the reason of its signal', async () => {
    await using server = await serve((request) => request.resume());
    await using kit = testHttp();
    const controller = new AbortController();
    const reason = new Error('stopped by the user');
    setTimeout(() => controller.abort(reason), 50);
    const source = (async function* () {
      yield { bytes: Buffer.alloc(10), release: () => {} };
      await never;
    })();
    const { signal } = controller;
    const open = async () => source;
    const sending = kit.http.upload({ method: 'PUT', url: url(server.port), contentLength: 100, open, signal });
    expect(await failureOf(sending)).toBe(reason);
  });

  test('is never sent again by the transport', async () => {
    await using server = await serve(
      (request, response) => void bodyOf(request).then(() => response.writeHead(503).end()),
    );
    await using kit = testHttp();
    const open = async () => streamOf([Buffer.alloc(10)]);
    const answer = await kit.http.upload({ method: 'PUT', url: url(server.port), contentLength: 10, open });
    expect(answer.status).toBe(503);
    expect(server.seen).toHaveLength(1);
  });
});

test('a blob goes from server to server through pooled buffers unharmed', async () => {
  const blob = randomBytes(9 * KiB * KiB + 17);
  await using source = await serve((_, response) =>
    response.writeHead(200, { 'content-length': blob.length }).end(blob),
  );
  let arrived = '';
  await using destination = await serve(async (request, response) => {
    arrived = digest(await bodyOf(request));
    response.writeHead(201).end();
  });
  await using kit = testHttp();
  const open = async (): Promise<ByteStream> => {
    const { stream } = await kit.http.download({ method: 'GET', url: url(source.port) });
    return stream ?? streamOf([]);
  };
  await kit.http.upload({ method: 'PATCH', url: url(destination.port), contentLength: blob.length, open });
  expect(arrived).toBe(digest(blob));
});

test.each([100, 10])('uploads and downloads of one host do not wait for each other for ever: %i KiB', async (size) => {
  const blob = randomBytes(size * KiB);
  await using server = await serve(async (request, response) => {
    if (request.method === 'GET') response.writeHead(200, { 'content-length': blob.length }).end(blob);
    else response.writeHead((await bodyOf(request)).equals(blob) ? 201 : 400).end();
  });
  await using kit = testHttp({ settings: () => ({ plainHttp: true, concurrency: 1 }) });
  const at = url(server.port);
  const copy = () => {
    const reading = () => kit.http.download({ method: 'GET', url: at, expectedBytes: blob.length });
    const open = async () => (await reading()).stream ?? streamOf([]);
    return kit.http.upload({ method: 'PATCH', url: at, contentLength: blob.length, open });
  };
  const answers = await Promise.all(Array.from({ length: 12 }, copy));
  expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(201));
});

describe('large bodies that stand still', () => {
  /** As many as may be in flight hold their answers; whether a small one that is asked for then gets its own. */
  async function smallBesides(count: number, concurrency?: number): Promise<'served' | 'waits'> {
    const large: ServerResponse[] = [];
    await using server = await serve((request, response) => {
      response.writeHead(200, { 'content-length': 2 });
      if (request.url === '/small') response.end('ok');
      else large.push(response);
    });
    await using kit = testHttp({ settings: () => ({ plainHttp: true, ...(concurrency && { concurrency }) }) });
    const get = (path: string, expectedBytes: number) =>
      collectDownload(kit.http.download({ method: 'GET', url: new URL(path, url(server.port)), expectedBytes }));
    const waiting = Array.from({ length: count }, () => get('/large', 10_000 * KiB));
    await vi.waitUntil(() => large.length === count);
    const small = get('/small', 2);
    const outcome = await Promise.race([small.then(() => 'served' as const), delay(100, 'waits' as const)]);
    for (const response of large) response.end('ok');
    await Promise.all([...waiting, small]);
    return outcome;
  }

  test('do not hold up a small one', async () => {
    expect(await smallBesides(limits.blobs)).toBe('served');
  });

  test('do where the user named how many may be in flight', async () => {
    expect(await smallBesides(2, 2)).toBe('waits');
  });
});

test('a bandwidth limit holds for both directions', async () => {
  const blob = randomBytes(300 * KiB);
  await using server = await serve((_, response) =>
    response.writeHead(200, { 'content-length': blob.length }).end(blob),
  );
  await using kit = testHttp({ settings: () => ({ plainHttp: true, bandwidth: 200 * KiB }) });
  const startedAt = performance.now();
  const { stream } = await kit.http.download({ method: 'GET', url: url(server.port) });
  expect(await collect(stream)).toHaveLength(blob.length);
  // 200 KiB are saved up, the other 100 take half a second.
  expect(performance.now() - startedAt).toBeGreaterThan(400);
});

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function* endless(state: { closed: boolean; given: number }) {
  const bytes = Buffer.alloc(256 * KiB);
  try {
    for (;;) {
      state.given += bytes.length;
      yield { bytes, release: () => {} };
    }
  } finally {
    state.closed = true;
  }
}
