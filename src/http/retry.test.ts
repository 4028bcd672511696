import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { faultProxy } from '../../test/kit/fault-proxy.ts';
import { collectDownload, testHttp } from '../../test/kit/http.ts';
import { serve, serveRaw } from '../../test/kit/test-server.ts';
import type { HttpRequest } from './types.ts';

const at = ({ port }: { port: number }) => new URL(`http://127.0.0.1:${port}/`);

async function failing(statuses: readonly number[], headers: Record<string, string> = {}) {
  let index = 0;
  return serve((_, response) => {
    const status = statuses[Math.min(index, statuses.length - 1)] ?? 200;
    index += 1;
    response.writeHead(status, status === 200 ? {} : headers).end('x');
  });
}

describe('a request is sent again', () => {
  test.each<[HttpRequest['method'], number, number]>([
    ['GET', 503, 2],
    ['HEAD', 502, 2],
    ['DELETE', 504, 2],
    ['GET', 500, 2],
    ['GET', 429, 2],
    ['POST', 503, 2],
    ['POST', 429, 2],
    ['POST', 502, 1],
    ['POST', 500, 1],
    ['PATCH', 503, 1],
    ['PATCH', 429, 1],
    ['PUT', 503, 2],
    ['PUT', 500, 1],
    ['GET', 404, 1],
    ['GET', 401, 1],
    ['GET', 403, 1],
    ['GET', 501, 1],
  ])('%s after %i: %i times in all', async (method, status, times) => {
    await using server = await failing([status, 200]);
    await using kit = testHttp({ clock: new FakeClock() });
    const answer = await kit.http.request({ method, url: at(server) });
    expect(server.seen).toHaveLength(times);
    expect(answer.status).toBe(times === 2 ? 200 : status);
  });

  test.each([
    [503, 6],
    [500, 3],
  ])('and no more when %i lasts: %i times', async (status, times) => {
    await using server = await failing([status]);
    await using kit = testHttp({ clock: new FakeClock() });
    expect((await kit.http.request({ method: 'GET', url: at(server) })).status).toBe(status);
    expect(server.seen).toHaveLength(times);
  });

  test('with waits that grow and are drawn by chance', async () => {
    await using server = await failing([503]);
    const clock = new FakeClock();
    await using kit = testHttp({ clock, random: () => 0.5 });
    await kit.http.request({ method: 'GET', url: at(server) });
    expect(clock.slept).toEqual([125, 250, 500, 1000, 2000]);
  });

  test.each<[HttpRequest['method'], number]>([
    ['GET', 6],
    ['DELETE', 6],
    ['POST', 1],
    ['PATCH', 1],
  ])('%s on a new connection that breaks before an answer: %i times', async (method, times) => {
    await using server = await serve((request) => request.socket.resetAndDestroy());
    await using kit = testHttp({ clock: new FakeClock() });
    await expect(kit.http.request({ method, url: at(server) })).rejects.toMatchObject({ code: 'E_CUT' });
    expect(server.seen).toHaveLength(times);
  });

  test.each<[HttpRequest['method'], string]>([
    ['GET', 'sent again'],
    ['POST', 'sent again'],
    ['PATCH', 'left alone'],
  ])('%s on a kept connection that the server had closed is %s', async (method, expected) => {
    let served = 0;
    await using server = await serveRaw((socket) => {
      let asked = 0;
      socket.on('data', () => {
        asked += 1;
        if (asked === 2) return socket.resetAndDestroy();
        served += 1;
        return socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      });
    });
    const clock = new FakeClock();
    await using kit = testHttp({ clock });
    await kit.http.request({ method: 'GET', url: at(server) });
    const second = kit.http.request({ method, url: at(server) });
    if (expected === 'left alone') await expect(second).rejects.toMatchObject({ code: 'E_CUT' });
    else expect((await second).status).toBe(200);
    expect(served).toBe(expected === 'left alone' ? 1 : 2);
    expect(clock.slept).toEqual([]);
  });

  test('the body of a PUT with every sending', async () => {
    const bodies: string[] = [];
    await using server = await serve((request, response) => {
      request.on('data', (bytes) => bodies.push(String(bytes)));
      request.once('end', () => response.writeHead(bodies.length === 1 ? 503 : 201).end());
    });
    await using kit = testHttp({ clock: new FakeClock() });
    const answer = await kit.http.request({ method: 'PUT', url: at(server), body: Buffer.from('manifest') });
    expect(answer.status).toBe(201);
    expect(bodies).toEqual(['manifest', 'manifest']);
  });

  test('until its signal says otherwise', async () => {
    await using server = await failing([503]);
    await using kit = testHttp({ random: () => 0.99 });
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 30);
    const asked = kit.http.request({ method: 'GET', url: at(server), signal: controller.signal });
    await expect(asked).rejects.toThrow('enough');
  });
});

describe('Retry-After', () => {
  test.each([
    ['7', 7000],
    ['Sun, 01 Mar 2026 12:00:30 GMT', 30_000],
  ])('%s is waited for', async (value, milliseconds) => {
    await using server = await failing([429, 200], { 'retry-after': value });
    const clock = new FakeClock();
    await using kit = testHttp({ clock });
    expect((await kit.http.request({ method: 'GET', url: at(server) })).status).toBe(200);
    expect(clock.slept).toEqual([milliseconds]);
    expect(kit.events).toContainEqual(expect.objectContaining({ type: 'waiting', milliseconds }));
  });

  test('of longer than anybody waits is an error that says when it would work', async () => {
    await using server = await failing([429], { 'retry-after': '3600' });
    const clock = new FakeClock();
    await using kit = testHttp({ clock });
    await expect(kit.http.request({ method: 'GET', url: at(server) })).rejects.toMatchObject({
      code: 'E_THROTTLED',
      failure: 'temporary',
      hint: expect.stringContaining('2026-03-01T13:00:00'),
    });
    expect(server.seen).toHaveLength(1);
    expect(clock.slept).toEqual([]);
  });

  test('that never comes: a 429 that lasts is an error, after pauses that grow', async () => {
    await using server = await failing([429]);
    const clock = new FakeClock();
    await using kit = testHttp({ clock, random: () => 0.999 });
    await expect(kit.http.request({ method: 'GET', url: at(server) })).rejects.toMatchObject({ code: 'E_THROTTLED' });
    expect(server.seen).toHaveLength(6);
    expect(clock.slept).toEqual(clock.slept.toSorted((a, b) => a - b));
    expect(clock.slept.length).toBe(5);
  });
});

describe('a host that comes to nothing', () => {
  const minutes = (clock: FakeClock) => clock.now() / 60_000;
  /** What becomes of so many requests, one after the other. */
  async function askAll(times: number, ask: () => Promise<unknown>): Promise<readonly unknown[]> {
    const ends: unknown[] = [];
    for (let index = 0; index < times; index += 1) ends.push(await ask().catch((error: unknown) => error));
    return ends;
  }

  test('costs a run three minutes, however much the run has for it, and is used again once it is back', async () => {
    let status = 503;
    await using server = await serve((_, response) => response.writeHead(status).end());
    const clock = new FakeClock();
    await using kit = testHttp({ clock, random: () => 0.5 });
    const ask = () => kit.http.request({ method: 'GET', url: at(server) });
    const ends = await askAll(500, ask);
    expect(minutes(clock)).toBeGreaterThan(2.9);
    expect(minutes(clock)).toBeLessThan(3.6);
    expect(server.seen.length).toBeLessThan(40);
    expect(ends.at(-1)).toMatchObject({ code: 'E_HOST_DOWN', message: expect.stringContaining('HTTP 503') });
    status = 200;
    await expect(ask()).rejects.toMatchObject({ code: 'E_HOST_DOWN' });
    clock.advance(60_000);
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(200);
  });

  test.each([
    ['no time', {}],
    ['one second', { 'retry-after': '1' }],
    ['half a minute', { 'retry-after': '30' }],
  ])('but asks for pauses, naming %s, costs five', async (_, headers) => {
    await using server = await failing([429], headers);
    const clock = new FakeClock();
    await using kit = testHttp({ clock });
    const ends = await askAll(400, () => kit.http.request({ method: 'GET', url: at(server) }));
    expect(minutes(clock)).toBeGreaterThan(4.9);
    expect(minutes(clock)).toBeLessThan(6.1);
    expect(ends.at(-1)).toMatchObject({ code: 'E_THROTTLED', message: expect.stringContaining('HTTP 429') });
  });

  test('at one kind of request alone is given up for that, and does all others', async () => {
    await using server = await serve((request, response) =>
      response.writeHead(request.method === 'POST' ? 503 : 200).end(),
    );
    const clock = new FakeClock();
    await using kit = testHttp({ clock });
    const get = () => kit.http.request({ method: 'GET', url: at(server), about: 'manifests' });
    const post = () => kit.http.request({ method: 'POST', url: at(server), about: 'uploads' });
    const ends = await askAll(200, async () => {
      expect((await get()).status).toBe(200);
      return post();
    });
    expect(minutes(clock)).toBeLessThan(5);
    expect(ends.at(-1)).toMatchObject({ code: 'E_HOST_DOWN', message: expect.stringContaining('(POST uploads)') });
    expect((await get()).status).toBe(200);
  });

  test('at its start, as nothing listens there, is not waited for as long as one that was there', async () => {
    const server = await serve((_, response) => response.end());
    const clock = new FakeClock();
    await using kit = testHttp({ clock });
    const url = at(server);
    await server[Symbol.asyncDispose]();
    const ends = await askAll(100, () => kit.http.request({ method: 'GET', url }));
    expect(ends[0]).toMatchObject({ code: 'E_UNREACHABLE' });
    expect(ends.at(-1)).toMatchObject({ code: 'E_HOST_DOWN' });
    expect(minutes(clock)).toBeLessThan(1);
  });

  test('and fails with 500 at one thing is not asked for it for ever', async () => {
    await using server = await serve((request, response) =>
      response.writeHead(request.method === 'PUT' ? 500 : 200).end(),
    );
    const clock = new FakeClock();
    await using kit = testHttp({ clock });
    const ends = await askAll(40, async () => {
      clock.advance(10_000);
      await kit.http.request({ method: 'GET', url: at(server) });
      const answer = await kit.http.request({ method: 'PUT', url: at(server), body: Buffer.from('x') });
      return answer.status;
    });
    expect(ends[0]).toBe(500);
    expect(ends.at(-1)).toMatchObject({ code: 'E_HOST_DOWN' });
  });

  test('or lets a request through only now and then is asked until each got through', async () => {
    let asked = 0;
    await using server = await serve((_, response) => {
      asked += 1;
      response.writeHead(asked % 5 === 0 ? 200 : 429, { 'retry-after': '30' }).end();
    });
    const clock = new FakeClock();
    await using kit = testHttp({ clock });
    const all = Array.from({ length: 12 }, () => kit.http.request({ method: 'GET', url: at(server) }));
    const answers = await Promise.all(all);
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 200));
    expect(minutes(clock)).toBeGreaterThan(10);
  });

  test('or answers those that are too many with a bare 503, as nginx does, is asked as often as it bears', async () => {
    const clock = new FakeClock();
    let next = 0;
    await using server = await serve((_, response) => {
      const isEarly = clock.now() < next;
      if (!isEarly) next = clock.now() + 50;
      response.writeHead(isEarly ? 503 : 200).end();
    });
    await using kit = testHttp({ clock });
    const all = Array.from({ length: 60 }, () => kit.http.request({ method: 'GET', url: at(server) }));
    const answers = await Promise.all(all);
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 60 }, () => 200));
    expect(server.seen.length).toBeLessThan(60 * 4);
  });

  test('but is only slow to answer is told of, and waited for', async () => {
    await using server = await serve((_, response) => setTimeout(() => response.end(), 150));
    await using kit = testHttp({ timeouts: { headTimeout: 500, slowAnswer: 20 } });
    const answer = await kit.http.request({ method: 'GET', url: at(server), about: 'manifests' });
    expect(answer.status).toBe(200);
    const waits = kit.events.filter(({ type }) => type === 'waiting');
    expect(waits).toMatchObject([{ atMost: true, reason: 'no answer yet to GET manifests' }]);
  });

  test('without an answer, each of them within its time, is given up by all at once', async () => {
    await using server = await serve(() => {});
    const clock = new FakeClock();
    await using kit = testHttp({ clock, timeouts: { headTimeout: 30 } });
    const ends = await askAll(10, () => {
      const asking = kit.http.request({ method: 'POST', url: at(server) });
      return asking.finally(() => clock.advance(60_000));
    });
    expect(ends[0]).toMatchObject({ code: 'E_TIMEOUT' });
    expect(ends.at(-1)).toMatchObject({ code: 'E_HOST_DOWN', message: expect.stringContaining('no answer') });
    expect(server.seen.length).toBeLessThan(8);
  });

  test('is asked by who waits for it to come up, as often as that likes', async () => {
    let status = 503;
    await using server = await serve((_, response) => response.writeHead(status).end());
    const clock = new FakeClock();
    await using kit = testHttp({ clock });
    const ask = (awaitsHost: boolean) => kit.http.request({ method: 'GET', url: at(server), awaitsHost });
    const ends = await askAll(40, async () => {
      clock.advance(5_000);
      return (await ask(true)).status;
    });
    expect(new Set(ends)).toEqual(new Set([503]));
    await askAll(2, () => ask(false));
    await expect(ask(false)).rejects.toMatchObject({ code: 'E_HOST_DOWN' });
    status = 200;
    expect((await ask(true)).status).toBe(200);
    expect((await ask(false)).status).toBe(200);
  });

  test('in a wait is told of once, not by each that waits', async () => {
    await using server = await failing([429, 200], { 'retry-after': '20' });
    await using kit = testHttp({ clock: new FakeClock() });
    await Promise.all(Array.from({ length: 8 }, () => kit.http.request({ method: 'GET', url: at(server) })));
    expect(kit.events.filter(({ type }) => type === 'waiting')).toHaveLength(1);
  });
});

describe('a host', () => {
  test('that throttles is asked one at a time until a success', async () => {
    let inFlight = 0;
    let most = 0;
    let throttled = 0;
    await using server = await serve((_, response) => {
      if (throttled < 8) {
        throttled += 1;
        return response.writeHead(429, { 'retry-after': '1' }).end();
      }
      inFlight += 1;
      if (throttled === 8) most = Math.max(most, inFlight);
      return setTimeout(() => {
        inFlight -= 1;
        throttled = 9;
        response.end();
      }, 20);
    });
    await using kit = testHttp({ clock: new FakeClock() });
    const all = Array.from({ length: 8 }, () => kit.http.request({ method: 'GET', url: at(server) }));
    await Promise.all(all);
    expect(most).toBe(1);
  });

  test('that always fails is sent no storm: floor and share of the budget, then it is left alone', async () => {
    await using server = await failing([503]);
    await using kit = testHttp({ clock: new FakeClock() });
    const all = Array.from({ length: 50 }, () => kit.http.request({ method: 'GET', url: at(server) }).catch(() => {}));
    await Promise.all(all);
    expect(server.seen.length).toBeGreaterThanOrEqual(50);
    expect(server.seen.length).toBeLessThanOrEqual(100);
  });

  test('gets as many requests at once as the user allows', async () => {
    let inFlight = 0;
    let most = 0;
    await using server = await serve((_, response) => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      setTimeout(() => {
        inFlight -= 1;
        response.end();
      }, 5);
    });
    await using kit = testHttp({ settings: () => ({ plainHttp: true, concurrency: 3 }) });
    await Promise.all(Array.from({ length: 20 }, () => kit.http.request({ method: 'GET', url: at(server) })));
    expect(most).toBe(3);
  });

  test('gets as many requests a second as the user allows', async () => {
    await using server = await failing([200]);
    const clock = new FakeClock();
    await using kit = testHttp({ clock, settings: () => ({ plainHttp: true, requestsPerSecond: 10 }) });
    for (let index = 0; index < 15; index += 1) await kit.http.request({ method: 'GET', url: at(server) });
    expect(clock.now()).toBeCloseTo(500, -1);
  });
});

test('with a fault in every tenth request everything arrives', async () => {
  const body = Buffer.alloc(100_000, 5);
  await using server = await serve((_, response) =>
    response.writeHead(200, { 'content-length': body.length }).end(body),
  );
  const rates = { reset: 0.03, '500': 0.02, '503': 0.03, '429': 0.01, 'lost-response': 0.01 } as const;
  await using proxy = await faultProxy({ target: at(server), seed: 7, rates });
  await using kit = testHttp({ clock: new FakeClock() });
  for (let index = 0; index < 150; index += 1) {
    const bytes = await collectDownload(kit.http.download({ method: 'GET', url: proxy.url }));
    expect(bytes.equals(body)).toBe(true);
  }
  expect(proxy.injected.length).toBeGreaterThan(8);
});
