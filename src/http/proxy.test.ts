import { describe, expect, test } from 'vitest';
import { makeAuthority } from '../../test/kit/certificates.ts';
import { forwardProxy } from '../../test/kit/forward-proxy.ts';
import { collectDownload, testHttp } from '../../test/kit/http.ts';
import { serve } from '../../test/kit/test-server.ts';
import { Secret } from '../kit/secret.ts';
import { proxyFor } from './proxy.ts';

const to = (url: string, env: Record<string, string>) => proxyFor(new URL(url), env)?.host;
const proxy = { HTTPS_PROXY: 'http://proxy.example.com:3128' };

describe('which proxy', () => {
  test.each<[string, Record<string, string>, string | undefined]>([
    ['https://a.example.com/', {}, undefined],
    ['https://a.example.com/', { HTTPS_PROXY: 'http://p.example.com:3128' }, 'p.example.com:3128'],
    ['https://a.example.com/', { https_proxy: 'http://p.example.com:3128' }, 'p.example.com:3128'],
    ['https://a.example.com/', { https_proxy: 'http://l:1', HTTPS_PROXY: 'http://u:2' }, 'l:1'],
    ['https://a.example.com/', { HTTPS_PROXY: '' }, undefined],
    ['https://a.example.com/', { HTTP_PROXY: 'http://p:1' }, undefined],
    ['http://a.example.com/', { HTTP_PROXY: 'http://p:1' }, 'p:1'],
    ['http://a.example.com/', { HTTPS_PROXY: 'http://p:1' }, undefined],
    ['http://a.example.com/', { ALL_PROXY: 'http://p:1' }, 'p:1'],
    ['https://a.example.com/', { all_proxy: 'http://p:1' }, 'p:1'],
    ['https://a.example.com/', { ALL_PROXY: 'http://p:1', HTTPS_PROXY: 'http://q:2' }, 'q:2'],
    ['https://a.example.com/', { HTTPS_PROXY: 'p.example.com:8080' }, 'p.example.com:8080'],
    ['https://a.example.com/', { HTTPS_PROXY: 'http://p.example.com' }, 'p.example.com:80'],
    ['https://a.example.com/', { HTTPS_PROXY: 'https://p.example.com' }, 'p.example.com:443'],
    ['https://localhost:5000/', { HTTPS_PROXY: 'http://p:1' }, undefined],
    ['https://127.9.9.9/', { HTTPS_PROXY: 'http://p:1' }, undefined],
    ['https://[::1]:5000/', { HTTPS_PROXY: 'http://p:1' }, undefined],
  ])('for %s with %o: %s', (url, env, expected) => {
    expect(to(url, env)).toBe(expected);
  });

  test.each<[string, string, boolean]>([
    ['https://a.example.com/', '*', true],
    ['https://a.example.com/', 'example.com', true],
    ['https://a.example.com/', '.example.com', true],
    ['https://a.example.com/', '*.example.com', true],
    ['https://example.com/', '.example.com', true],
    ['https://a.example.com/', 'EXAMPLE.com', true],
    ['https://aexample.com/', 'example.com', false],
    ['https://a.example.com.evil.net/', 'example.com', false],
    ['https://a.example.com/', 'b.example.com, a.example.com', true],
    ['https://a.example.com/', 'b.example.com a.example.com', true],
    ['https://a.example.com/', 'a.example.com:443', true],
    ['https://a.example.com:8443/', 'a.example.com:443', false],
    ['https://a.example.com:8443/', 'a.example.com:8443', true],
    ['https://a.example.com:8443/', 'a.example.com', true],
    ['https://10.1.2.3/', '10.1.2.3', true],
    ['https://10.1.2.3/', '10.0.0.0/8', true],
    ['https://11.1.2.3/', '10.0.0.0/8', false],
    ['https://10.1.2.3/', '10.0.0.0/33', false],
    ['https://10.1.2.3:5000/', '10.1.2.3:5000', true],
    ['https://[fd00::5]/', 'fd00::/8', true],
    ['https://[fd00::5]:5000/', '[fd00::5]:5000', true],
    ['https://[fd00::5]/', '10.0.0.0/8', false],
    ['https://a.example.com/', '', false],
    ['https://a.example.com/', ' , ', false],
  ])('%s with NO_PROXY=%s goes past it: %s', (url, list, expected) => {
    expect(to(url, { ...proxy, NO_PROXY: list }) === undefined).toBe(expected);
    expect(to(url, { ...proxy, no_proxy: list, NO_PROXY: 'nothing.example.org' }) === undefined).toBe(expected);
  });

  test.each(['socks5://p:1080', 'ftp://p', 'http://'])('%s is refused by name', (value) => {
    expect(() => to('https://a.example.com/', { HTTPS_PROXY: value })).toThrow(
      expect.objectContaining({ code: 'E_PROXY', failure: 'usage' }),
    );
  });
});

describe('through a proxy', () => {
  const authority = makeAuthority();
  const identity = authority.issue(['DNS:registry.example.com']);
  const secret = Buffer.from('user:p@ss-canary').toString('base64');
  const trusting = () => ({ ca: authority.cert });

  test('HTTPS goes in a tunnel, and the origin never sees the credentials of the proxy', async () => {
    await using server = await serve((_, response) => response.end('hello'), { ...identity });
    await using way = await forwardProxy({ target: server.port, authorization: `Basic ${secret}` });
    const env = { HTTPS_PROXY: `http://user:p%40ss-canary@proxy.example.com:${way.port}` };
    await using kit = testHttp({ env, settings: trusting });
    const url = new URL(`https://registry.example.com/v2/`);
    const answer = await kit.http.request({ method: 'GET', url, authorization: new Secret('Bearer mine') });
    expect(answer.body.toString()).toBe('hello');
    expect(way.asked).toEqual(['CONNECT registry.example.com:443']);
    expect(way.headers[0]).not.toHaveProperty('authorization');
    expect(server.seen[0]?.headers).not.toHaveProperty('proxy-authorization');
    expect(server.seen[0]?.headers.authorization).toBe('Bearer mine');
    expect(JSON.stringify(kit.events)).not.toMatch(/canary/u);
  });

  test('plain HTTP goes in absolute form, small and large', async () => {
    await using server = await serve((_, response) => response.setHeader('content-length', 5).end('hello'));
    await using way = await forwardProxy({ target: server.port, authorization: `Basic ${secret}` });
    const env = { HTTP_PROXY: `http://user:p%40ss-canary@proxy.example.com:${way.port}` };
    await using kit = testHttp({ env });
    const url = new URL('http://registry.example.com/v2/?n=1');
    expect((await kit.http.request({ method: 'GET', url })).body.toString()).toBe('hello');
    expect((await collectDownload(kit.http.download({ method: 'GET', url }))).toString()).toBe('hello');
    expect(way.asked).toEqual(Array(2).fill('GET http://registry.example.com/v2/?n=1'));
    expect(server.seen[0]?.headers).not.toHaveProperty('proxy-authorization');
    expect(server.seen[0]?.headers.host).toBe('registry.example.com');
  });

  test('that itself is reached over TLS', async () => {
    await using server = await serve((_, response) => response.end('hello'), { ...identity });
    const tls = authority.issue(['DNS:proxy.example.com']);
    await using way = await forwardProxy({ target: server.port, tls: { ...tls } });
    await using kit = testHttp({ env: { HTTPS_PROXY: `https://proxy.example.com:${way.port}` }, settings: trusting });
    const url = new URL(`https://registry.example.com/v2/`);
    expect((await kit.http.request({ method: 'GET', url })).body.toString()).toBe('hello');
  });

  test.each([
    ['a tunnel', 'https://registry.example.com/', { settings: trusting }],
    ['a plain request', 'http://registry.example.com/', {}],
  ])('that wants other credentials for %s is an error of its own', async (_, url, options) => {
    await using way = await forwardProxy({ target: 9, authorization: 'Basic other' });
    const proxy = `http://proxy.example.com:${way.port}`;
    await using kit = testHttp({ env: { HTTPS_PROXY: proxy, HTTP_PROXY: proxy }, ...options });
    for (const asked of [
      kit.http.request({ method: 'GET', url: new URL(url) }),
      kit.http.download({ method: 'GET', url: new URL(url) }),
    ]) {
      await expect(asked).rejects.toMatchObject({ code: 'E_PROXY_AUTH', failure: 'auth', serverSaid: 'HTTP 407' });
    }
    expect(way.asked).toHaveLength(2);
  });

  test.each([
    [403, 'failed'],
    [502, 'temporary'],
  ])('that refuses a tunnel with %i: %s', async (refuseWith, failure) => {
    await using way = await forwardProxy({ target: 9, refuseWith });
    await using kit = testHttp({ env: { HTTPS_PROXY: `http://proxy.example.com:${way.port}` }, settings: trusting });
    const url = new URL('https://registry.example.com/');
    const asked = kit.http.request({ method: 'GET', url, retry: 'never' });
    await expect(asked).rejects.toMatchObject({ code: 'E_PROXY', failure, hint: expect.stringContaining('NO_PROXY') });
  });

  test('that is not there is named', async () => {
    const way = await forwardProxy({ target: 9 });
    await way[Symbol.asyncDispose]();
    await using kit = testHttp({ env: { HTTPS_PROXY: `http://proxy.example.com:${way.port}` }, settings: trusting });
    const url = new URL('https://registry.example.com/');
    const asked = kit.http.request({ method: 'GET', url, retry: 'never' });
    await expect(asked).rejects.toMatchObject({
      code: 'E_UNREACHABLE',
      message: expect.stringContaining(`proxy.example.com:${way.port}`),
    });
  });
});
