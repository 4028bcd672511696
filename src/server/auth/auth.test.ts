import { describe, expect, test } from 'vitest';
import { startEmbedded } from '../../../test/kit/embedded.ts';
import { codesOf, expectStatus, RawClient } from '../../../test/kit/embedded-client.ts';
import { sampleBlob, sampleImage } from '../../../test/kit/embedded-samples.ts';
import { Secret } from '../../kit/secret.ts';
import type { AuthOptions, RegistryUser } from './options.ts';

const users: readonly RegistryUser[] = [
  { name: 'ana', password: new Secret('open:sesame') },
  { name: 'ben', password: new Secret('reader'), access: 'read' },
  { name: 'team', password: new Secret('team'), repositories: ['apps/*', 'tools'] },
];

const basic: AuthOptions = { kind: 'basic', users };
const token: AuthOptions = { kind: 'token', users, service: 'registry.example.com' };

function basicHeader(name: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` };
}

const ana = basicHeader('ana', 'open:sesame');
const ben = basicHeader('ben', 'reader');
const team = basicHeader('team', 'team');

describe('user name and password', () => {
  test.each([
    ['nobody', {}],
    ['a wrong password', basicHeader('ana', 'open')],
    ['a wrong name', basicHeader('anna', 'open:sesame')],
    ['an empty password', basicHeader('ana', '')],
    ['another scheme', { authorization: 'Bearer abc' }],
    ['no base64', { authorization: 'Basic ???' }],
    ['no colon', { authorization: `Basic ${Buffer.from('ana').toString('base64')}` }],
  ])('%s gets a challenge, whatever is asked', async (_, headers) => {
    await using registry = await startEmbedded({ auth: basic });
    const client = new RawClient(registry.url, headers);
    for (const path of ['/v2/', '/v2/_catalog', '/v2/app/tags/list', '/v2/app/manifests/v1']) {
      const answer = await client.send('GET', path);
      expect([answer.status, await codesOf(answer)]).toEqual([401, ['UNAUTHORIZED']]);
      expect(answer.headers.get('www-authenticate')).toBe('Basic realm="registry", charset="UTF-8"');
    }
  });

  test('a writer writes, a reader reads and is denied to write or delete', async () => {
    await using registry = await startEmbedded({ auth: basic });
    await new RawClient(registry.url, ana).pushImage('app', 'v1', sampleImage('one'));
    const reader = new RawClient(registry.url, ben);
    expect(await reader.tags('app')).toEqual(['v1']);
    for (const [method, path] of [
      ['POST', '/v2/app/blobs/uploads/'],
      ['PUT', '/v2/app/manifests/v2'],
      ['DELETE', '/v2/app/manifests/v1'],
    ] as const) {
      const answer = await reader.send(method, path);
      expect([answer.status, await codesOf(answer)]).toEqual([403, ['DENIED']]);
    }
  });

  test('a user of some repositories sees and uses no others', async () => {
    await using registry = await startEmbedded({ auth: basic });
    const owner = new RawClient(registry.url, ana);
    for (const name of ['apps/api', 'appsecret', 'secret', 'tools'])
      await owner.pushImage(name, 'v1', sampleImage('one'));
    const client = new RawClient(registry.url, team);
    expect(await (await client.send('GET', '/v2/_catalog')).json()).toEqual({ repositories: ['apps/api', 'tools'] });
    expect(await client.status('GET', '/v2/secret/tags/list')).toBe(403);
    expect(await client.status('GET', '/v2/appsecret/tags/list')).toBe(403);
    await client.pushImage('apps/new', 'v1', sampleImage('one'));
  });

  test('anonymous readers read where that is allowed, and are asked to log in to write', async () => {
    await using registry = await startEmbedded({ auth: { ...basic, anonymous: 'read' } });
    await new RawClient(registry.url, ana).pushImage('app', 'v1', sampleImage('one'));
    const client = new RawClient(registry.url);
    expect(await client.tags('app')).toEqual(['v1']);
    expect(await client.status('POST', '/v2/app/blobs/uploads/')).toBe(401);
  });

  test('a mount takes nothing from a repository that the user may not read, with or without naming it', async () => {
    await using registry = await startEmbedded({ auth: basic });
    const blob = sampleBlob('a secret layer');
    await new RawClient(registry.url, ana).pushBlob('secret', blob);
    const client = new RawClient(registry.url, team);
    for (const from of ['', '&from=secret']) {
      const answer = await client.send('POST', `/v2/apps/api/blobs/uploads/?mount=${blob.descriptor.digest}${from}`);
      expect(answer.status).toBe(202);
    }
    expect(await client.status('HEAD', `/v2/apps/api/blobs/${blob.descriptor.digest}`)).toBe(404);
    const owner = new RawClient(registry.url, ana);
    const mount = `/v2/apps/api/blobs/uploads/?mount=${blob.descriptor.digest}&from=secret`;
    await expectStatus(201, owner.send('POST', mount));
  });
});

interface TokenAnswer {
  token: string;
  access_token: string;
  expires_in: number;
  refresh_token?: string;
}

async function askToken(url: string, scopes: readonly string[], headers: Record<string, string> = {}, more = '') {
  const query = scopes.map((scope) => `&scope=${encodeURIComponent(scope)}`).join('');
  const answer = await fetch(`${url}/token?service=registry.example.com${query}${more}`, { headers });
  return { status: answer.status, body: (await answer.json()) as TokenAnswer };
}

async function bearer(
  url: string,
  scopes: readonly string[],
  headers: Record<string, string> = {},
): Promise<RawClient> {
  const { body } = await askToken(url, scopes, headers);
  return new RawClient(url, { authorization: `Bearer ${body.token}` });
}

async function post(url: string, form: Record<string, string>): Promise<{ status: number; body: TokenAnswer }> {
  const answer = await fetch(`${url}/token`, { method: 'POST', body: new URLSearchParams(form) });
  return { status: answer.status, body: (await answer.json()) as TokenAnswer };
}

describe('tokens', () => {
  test('are asked for with the scope that is missing', async () => {
    await using registry = await startEmbedded({ auth: token });
    const client = new RawClient(registry.url);
    const realm = `Bearer realm="${registry.url}/token",service="registry.example.com"`;
    const challenge = async (method: string, path: string) =>
      (await client.send(method, path)).headers.get('www-authenticate');
    expect(await challenge('GET', '/v2/')).toBe(realm);
    expect(await challenge('GET', '/v2/_catalog')).toBe(`${realm},scope="registry:catalog:*"`);
    expect(await challenge('GET', '/v2/a/b/tags/list')).toBe(`${realm},scope="repository:a/b:pull"`);
    expect(await challenge('PUT', '/v2/a/manifests/v1')).toBe(`${realm},scope="repository:a:pull,push"`);
    expect(await challenge('DELETE', '/v2/a/manifests/v1')).toBe(`${realm},scope="repository:a:delete"`);
  });

  test('open what they were given for, and nothing else', async () => {
    await using registry = await startEmbedded({ auth: token });
    const pusher = await bearer(registry.url, ['repository:app:pull,push'], ana);
    await pusher.pushImage('app', 'v1', sampleImage('one'));
    expect(await pusher.status('DELETE', '/v2/app/manifests/v1')).toBe(401);
    expect(await pusher.status('GET', '/v2/other/tags/list')).toBe(401);
    const refused = await pusher.send('DELETE', '/v2/app/manifests/v1');
    expect(refused.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    const deleter = await bearer(registry.url, ['repository:app:*'], ana);
    await expectStatus(202, deleter.send('DELETE', '/v2/app/manifests/v1'));
  });

  test('give a reader less than asked for, without a word', async () => {
    await using registry = await startEmbedded({ auth: token });
    await (await bearer(registry.url, ['repository:app:pull,push'], ana)).pushImage('app', 'v1', sampleImage('one'));
    const client = await bearer(registry.url, ['repository:app:pull,push,delete'], ben);
    expect(await client.tags('app')).toEqual(['v1']);
    expect(await client.status('POST', '/v2/app/blobs/uploads/')).toBe(401);
  });

  test('are good for several scopes, each in its own parameter or all in one', async () => {
    await using registry = await startEmbedded({ auth: token });
    for (const scopes of [
      ['repository:a:pull', 'repository:b:pull,push'],
      ['repository:a:pull repository:b:pull,push'],
    ]) {
      const client = await bearer(registry.url, scopes, ana);
      expect(await client.status('GET', '/v2/a/tags/list')).toBe(404);
      expect(await client.status('POST', '/v2/b/blobs/uploads/')).toBe(202);
    }
  });

  test('let a mount read only where they allow pulling', async () => {
    await using registry = await startEmbedded({ auth: token });
    const blob = sampleBlob('layer');
    await (await bearer(registry.url, ['repository:from:pull,push'], ana)).pushBlob('from', blob);
    const mount = `/v2/to/blobs/uploads/?mount=${blob.descriptor.digest}&from=from`;
    const without = await bearer(registry.url, ['repository:to:pull,push'], ana);
    expect(await without.status('POST', mount)).toBe(202);
    const withIt = await bearer(registry.url, ['repository:to:pull,push', 'repository:from:pull'], ana);
    expect(await withIt.status('POST', mount)).toBe(201);
  });

  test('end when their time is over', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z');
    await using registry = await startEmbedded({ auth: { ...token, lifetimeSeconds: 5 }, now: () => now });
    const { body } = await askToken(registry.url, ['repository:app:pull'], ana);
    expect(body.expires_in).toBe(5);
    const client = new RawClient(registry.url, { authorization: `Bearer ${body.access_token}` });
    now += 4_999;
    expect(await client.status('GET', '/v2/')).toBe(200);
    now += 1;
    expect(await client.status('GET', '/v2/')).toBe(401);
  });

  test('are refused when a single character differs, or when they are for renewing', async () => {
    await using registry = await startEmbedded({ auth: token });
    const { body } = await askToken(registry.url, ['repository:app:pull'], ana, '&offline_token=true');
    const [head, claims, signature] = body.token.split('.') as [string, string, string];
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const flipped = `${head}.${claims}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    const forged = `${head}.${Buffer.from('{"aud":"registry.example.com","exp":9e9,"access":[]}').toString('base64url')}.${signature}`;
    for (const bad of [
      flipped,
      forged,
      `${none}.${claims}.`,
      `${none}.${claims}`,
      body.token.slice(0, -1),
      'x',
      body.refresh_token ?? '',
    ]) {
      const client = new RawClient(registry.url, { authorization: `Bearer ${bad}` });
      expect(await client.status('GET', '/v2/')).toBe(401);
    }
  });

  test('are renewed with a refresh token, and given for a password by POST', async () => {
    await using registry = await startEmbedded({ auth: token });
    const scope = 'repository:app:pull,push';
    const login = { grant_type: 'password', username: 'ana', password: 'open:sesame', access_type: 'offline', scope };
    const first = await post(registry.url, login);
    expect(first.status).toBe(200);
    const renewal = { grant_type: 'refresh_token', refresh_token: first.body.refresh_token ?? '', scope };
    const second = await post(registry.url, renewal);
    const client = new RawClient(registry.url, { authorization: `Bearer ${second.body.access_token}` });
    await client.pushImage('app', 'v1', sampleImage('one'));
  });

  test.each([
    ['a wrong password by GET', (url: string) => askToken(url, [], basicHeader('ana', 'x'))],
    [
      'a wrong password by POST',
      (url: string) => post(url, { grant_type: 'password', username: 'ana', password: 'x' }),
    ],
    ['a false refresh token', (url: string) => post(url, { grant_type: 'refresh_token', refresh_token: 'x' })],
    [
      'an access token to renew',
      async (url: string) => {
        const { body } = await askToken(url, [], ana);
        return post(url, { grant_type: 'refresh_token', refresh_token: body.token });
      },
    ],
  ])('are not given for %s', async (_, ask) => {
    await using registry = await startEmbedded({ auth: token });
    expect((await ask(registry.url)).status).toBe(401);
  });

  test('without credentials open nothing, or pulls where anonymous reading is allowed', async () => {
    await using closed = await startEmbedded({ auth: token });
    const stranger = await bearer(closed.url, ['repository:app:pull']);
    expect(await stranger.status('GET', '/v2/app/tags/list')).toBe(401);
    await using open = await startEmbedded({ auth: { ...token, anonymous: 'read' } });
    const reader = await bearer(open.url, ['repository:app:pull,push']);
    expect(await reader.status('GET', '/v2/app/tags/list')).toBe(404);
    expect(await reader.status('POST', '/v2/app/blobs/uploads/')).toBe(401);
  });

  test('for the catalog list what their user may pull', async () => {
    await using registry = await startEmbedded({ auth: token });
    const owner = await bearer(
      registry.url,
      ['apps/api', 'secret'].map((name) => `repository:${name}:pull,push`),
      ana,
    );
    for (const name of ['apps/api', 'secret']) await owner.pushImage(name, 'v1', sampleImage('one'));
    const client = await bearer(registry.url, ['registry:catalog:*'], team);
    expect(await (await client.send('GET', '/v2/_catalog')).json()).toEqual({ repositories: ['apps/api'] });
    expect(await client.status('GET', '/v2/apps/api/tags/list')).toBe(401);
  });

  test('are asked for by GET or POST, and in bounded forms', async () => {
    await using registry = await startEmbedded({ auth: token });
    expect((await fetch(`${registry.url}/token`, { method: 'PUT' })).status).toBe(405);
    const large = { grant_type: 'password', username: 'a'.repeat(100_000) };
    expect((await post(registry.url, large)).status).toBe(413);
  });
});
