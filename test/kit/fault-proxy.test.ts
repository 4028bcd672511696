import { describe, expect, test } from 'vitest';
import { type Fault, faultProxy } from './fault-proxy.ts';
import { collectDownload, failureOf, streamOf, testHttp } from './http.ts';
import { bodyOf, serve, type TestServer } from './test-server.ts';

const body = Buffer.alloc(300_000, 7);

async function registry(): Promise<TestServer & { taken: number[] }> {
  const taken: number[] = [];
  const server = await serve((request, response) => {
    if (request.method === 'GET') return response.writeHead(200, { 'content-length': body.length }).end(body);
    let size = 0;
    request.on('data', (bytes) => {
      size += bytes.length;
    });
    request.on('error', () => {});
    request.once('close', () => taken.push(size));
    return request.once('end', () => response.writeHead(201).end());
  });
  return Object.assign(server, { taken });
}

describe('the fault proxy', () => {
  test('passes everything on while nothing is injected', async () => {
    await using server = await registry();
    await using proxy = await faultProxy({ target: new URL(`http://127.0.0.1:${server.port}`) });
    await using kit = testHttp();
    const bytes = await collectDownload(kit.http.download({ method: 'GET', url: proxy.url }));
    expect(bytes.equals(body)).toBe(true);
    expect(proxy.injected).toEqual([]);
    expect(server.seen[0]?.headers.host).toBe(proxy.host);
  });

  test.each<[Fault, string]>([
    ['reset', 'E_CUT'],
    ['lost-response', 'E_CUT'],
    ['truncated', 'E_CUT'],
    ['stall', 'E_TIMEOUT'],
  ])('%s: %s', async (fault, code) => {
    await using server = await registry();
    await using proxy = await faultProxy({ target: new URL(`http://127.0.0.1:${server.port}`), script: () => fault });
    await using kit = testHttp({ timeouts: { idle: 200 } });
    const asked = collectDownload(kit.http.download({ method: 'GET', url: proxy.url, retry: 'never' }));
    await expect(asked).rejects.toMatchObject({ code });
    expect(server.seen).toHaveLength(fault === 'reset' ? 0 : 1);
  });

  test.each<[Fault, number, string | undefined]>([
    ['500', 500, undefined],
    ['503', 503, undefined],
    ['429', 429, undefined],
    ['429-retry-after', 429, '7'],
  ])('%s: status %i', async (fault, status, retryAfter) => {
    await using server = await registry();
    const target = new URL(`http://127.0.0.1:${server.port}`);
    await using proxy = await faultProxy({ target, script: () => fault, retryAfter: 7 });
    await using kit = testHttp();
    const answer = await kit.http.request({ method: 'GET', url: proxy.url, retry: 'never' });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('retry-after')).toBe(retryAfter);
    expect(server.seen).toEqual([]);
  });

  test('bit-flip changes one bit', async () => {
    await using server = await registry();
    const target = new URL(`http://127.0.0.1:${server.port}`);
    await using proxy = await faultProxy({ target, script: () => 'bit-flip' });
    await using kit = testHttp();
    const bytes = await collectDownload(kit.http.download({ method: 'GET', url: proxy.url }));
    expect([...bytes.filter((byte) => byte !== 7)]).toEqual([6]);
  });

  test('cut-upload lets half through', async () => {
    await using server = await registry();
    const target = new URL(`http://127.0.0.1:${server.port}`);
    await using proxy = await faultProxy({ target, script: () => 'cut-upload' });
    await using kit = testHttp();
    const open = async () => streamOf([body]);
    const sending = kit.http.upload({ method: 'PATCH', url: proxy.url, contentLength: body.length, open });
    expect(await failureOf(sending)).toMatchObject({ code: 'E_CUT' });
    await expect.poll(() => server.taken).toHaveLength(1);
    expect(server.taken[0]).toBeLessThanOrEqual(body.length / 2);
  });

  test('the same seed gives the same faults, and healing ends them', async () => {
    await using server = await serve((request, response) => void bodyOf(request).then(() => response.end()));
    const target = new URL(`http://127.0.0.1:${server.port}`);
    const run = async (seed: number) => {
      await using proxy = await faultProxy({ target, seed, rates: { '500': 0.3, reset: 0.1 } });
      await using kit = testHttp();
      for (let index = 0; index < 60; index += 1) {
        await kit.http.request({ method: 'POST', url: proxy.url, retry: 'never' }).catch(() => {});
      }
      const faults = proxy.injected.map(({ index, fault }) => `${index} ${fault}`);
      proxy.heal();
      const after = await kit.http.request({ method: 'GET', url: proxy.url });
      expect(after.status).toBe(200);
      return faults;
    };
    const first = await run(42);
    expect(first.length).toBeGreaterThan(10);
    expect(await run(42)).toEqual(first);
    expect(await run(43)).not.toEqual(first);
  });
});
