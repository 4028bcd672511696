import { describe, expect, test } from 'vitest';
import { collectDownload, testHttp } from '../../test/kit/http.ts';
import { serve } from '../../test/kit/test-server.ts';
import { Secret } from '../kit/secret.ts';

const authorization = new Secret('Bearer canary');
/** Names of one private network, so that the policy lets the registry send to its storage. */
const registry = (port: number) => new URL(`http://127.0.0.1:${port}/v2/blob`);
const resolver = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);

describe.each(['request', 'download'] as const)('a redirected %s', (kind) => {
  test('reaches the storage without the authorization and without headers that nobody listed', async () => {
    await using cdn = await serve((_, response) => response.setHeader('content-length', 5).end('bytes'));
    await using server = await serve((_, response) => {
      response.writeHead(307, { location: `http://localhost:${cdn.port}/signed?X-Amz-Signature=s` }).end();
    });
    await using kit = testHttp({ resolver });
    const headers = { range: 'bytes=0-', accept: '*/*', 'x-registry-auth': 'canary', cookie: 'canary' };
    const asked = { method: 'GET', url: registry(server.port), authorization, headers } as const;
    const body =
      kind === 'download' ? await collectDownload(kit.http.download(asked)) : (await kit.http.request(asked)).body;
    expect(body.toString()).toBe('bytes');
    expect(server.seen[0]?.headers.authorization).toBe('Bearer canary');
    expect(JSON.stringify(cdn.seen)).not.toContain('canary');
    expect(cdn.seen[0]?.headers).toMatchObject({ range: 'bytes=0-', accept: '*/*', host: `localhost:${cdn.port}` });
    expect(JSON.stringify(kit.events)).not.toContain('Signature=s');
  });

  test('keeps the authorization at home', async () => {
    await using server = await serve((request, response) => {
      if (request.url === '/v2/blob') response.writeHead(302, { location: '/v2/elsewhere' }).end();
      else response.setHeader('content-length', 2).end('ok');
    });
    await using kit = testHttp();
    await kit.http[kind]({ method: 'GET', url: registry(server.port), authorization });
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer canary', 'Bearer canary']);
  });

  test('never gets the authorization back, also when it is sent home again', async () => {
    await using cdn = await serve((request, response) =>
      response.writeHead(302, { location: home(request.url) }).end(),
    );
    await using server = await serve((request, response) => {
      const away = `http://localhost:${cdn.port}/?back=${server.port}`;
      if (request.url === '/v2/blob') response.writeHead(302, { location: away }).end();
      else response.setHeader('content-length', 2).end('ok');
    });
    await using kit = testHttp({ resolver });
    await kit.http[kind]({ method: 'GET', url: registry(server.port), authorization });
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer canary', undefined]);
  });

  test('goes five hops and no further', async () => {
    await using server = await serve((request, response) => {
      const hop = Number(request.url?.slice(1)) || 0;
      if (hop < 5) response.writeHead(302, { location: `/${hop + 1}` }).end();
      else response.writeHead(302, { location: '/6' }).end();
    });
    await using kit = testHttp();
    const asked = kit.http[kind]({ method: 'GET', url: registry(server.port) });
    await expect(asked).rejects.toMatchObject({ code: 'E_TOO_MANY_REDIRECTS' });
    expect(server.seen).toHaveLength(6);
  });

  test.each([
    'http://169.254.169.254/latest/meta-data',
    'http://metadata.google.internal/',
    'http://cdn.example.net/blob',
    'file:///etc/passwd',
  ])('does not go to %s', async (location) => {
    await using server = await serve((_, response) => response.writeHead(302, { location }).end());
    await using kit = testHttp();
    const asked = kit.http[kind]({ method: 'GET', url: registry(server.port), authorization });
    await expect(asked).rejects.toMatchObject({ code: 'E_URL_REFUSED', failure: 'refused' });
    expect(server.seen).toHaveLength(1);
  });

  test('of an expired link asks the registry again', async () => {
    let given = 0;
    await using cdn = await serve((request, response) => {
      if (request.url === '/1') response.writeHead(403).end('expired');
      else response.setHeader('content-length', 5).end('bytes');
    });
    await using server = await serve((_, response) => {
      given += 1;
      response.writeHead(307, { location: `http://localhost:${cdn.port}/${given}` }).end();
    });
    await using kit = testHttp({ resolver, random: () => 0 });
    const answer = await kit.http[kind]({ method: 'GET', url: registry(server.port) });
    expect(answer.status).toBe(200);
    expect(given).toBe(2);
  });
});

test('anything but GET and HEAD gets its redirect back as an answer', async () => {
  await using server = await serve((_, response) => response.writeHead(307, { location: '/there' }).end());
  await using kit = testHttp();
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'] as const) {
    expect((await kit.http.request({ method, url: registry(server.port) })).status).toBe(307);
  }
  const kept = await kit.http.request({ method: 'GET', url: registry(server.port), redirects: 'return' });
  expect(kept.headers.get('location')).toBe('/there');
});

describe('the addresses behind a name that a server gave', () => {
  const addresses: Record<string, string> = {
    'public.example.com': '93.184.216.34',
    'inner.example.com': '127.0.0.1',
    'meta.example.com': '169.254.169.254',
  };
  const named = (host: string) => Promise.resolve([{ address: addresses[host] ?? '127.0.0.1', family: 4 }]);

  test('must not be private when the giver is public', async () => {
    await using server = await serve((_, response) => response.end('secret'));
    await using kit = testHttp({ resolver: named });
    const url = new URL(`http://inner.example.com:${server.port}/`);
    const asked = kit.http.request({ method: 'GET', url, givenBy: new URL('https://public.example.com/') });
    await expect(asked).rejects.toMatchObject({ code: 'E_URL_REFUSED' });
    expect(server.connections).toBe(0);
    const users = await kit.http.request({ method: 'GET', url });
    expect(users.body.toString()).toBe('secret');
  });

  test('may be private when the giver is private, or when the user listed the host', async () => {
    await using server = await serve((_, response) => response.end('fine'));
    const url = new URL(`http://inner.example.com:${server.port}/`);
    await using kit = testHttp({ resolver: named });
    const beside = new URL('http://other.example.com/');
    expect((await kit.http.request({ method: 'GET', url, givenBy: beside })).status).toBe(200);
    await using listed = testHttp({
      resolver: named,
      settings: () => ({ plainHttp: true, allowedHosts: [url.host] }),
    });
    const far = new URL('http://public.example.com/');
    expect((await listed.http.request({ method: 'GET', url, givenBy: far })).status).toBe(200);
  });

  test('must never be those of metadata services', async () => {
    await using kit = testHttp({ resolver: named });
    const url = new URL('http://meta.example.com/latest');
    const asked = kit.http.download({ method: 'GET', url, givenBy: new URL('http://inner.example.com/') });
    await expect(asked).rejects.toMatchObject({ code: 'E_URL_REFUSED' });
  });
});

function home(url: string | undefined): string {
  return `http://127.0.0.1:${/back=(\d+)/u.exec(url ?? '')?.[1]}/v2/other`;
}
