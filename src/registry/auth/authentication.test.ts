import { describe, expect, it } from 'vitest';
import {
  anonymous,
  blobOf,
  collect,
  manifestOf,
  openTestClient,
  readAll,
  repositoryName,
  someBytes,
  sourceOf,
  tagName,
  withCredential,
  withPassword,
} from '../../../test/kit/client.ts';
import {
  errorReply,
  type Personality,
  type ScriptedRegistry,
  startScripted,
} from '../../../test/kit/scripted-registry.ts';
import { type TokenServiceOptions, tokenService } from '../../../test/kit/token-service.ts';
import { redact } from '../../http/redact.ts';
import { Secret } from '../../kit/secret.ts';
import { TranshipError } from '../../oci/errors.ts';

const app = repositoryName('apps/api');
const base = repositoryName('base/os');
const image = manifestOf({ schemaVersion: 2, config: blobOf(Buffer.from('{}')), layers: [] });

function hold(server: ScriptedRegistry, repository = 'apps/api', tag = 'v1') {
  const { digest, mediaType } = image.descriptor;
  server.store.manifests.set(digest, { bytes: Buffer.from(image.bytes), mediaType });
  server.store.tags.set(`${repository}:${tag}`, digest);
}

async function withTokens(options: TokenServiceOptions = {}, credentials = withPassword('alice', 'canary-password')) {
  const service = tokenService(options);
  const server = await startScripted(service.personality);
  hold(server);
  const client = openTestClient(server.host, { credentials });
  return {
    service,
    server,
    client,
    repository: client.registry.repository(app),
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe('a registry with tokens', () => {
  it('is asked once without, then with the token that its challenge names', async () => {
    await using test = await withTokens();

    expect((await test.repository.resolve(tagName('v1')))?.digest).toBe(image.descriptor.digest);

    expect(test.service.requests).toMatchObject([
      {
        method: 'GET',
        scopes: ['repository:apps/api:pull'],
        service: 'registry.example.com',
        authorization: `Basic ${Buffer.from('alice:canary-password').toString('base64')}`,
      },
    ]);
    expect(test.server.seen('HEAD')).toHaveLength(2);
  });

  it('needs a token even for what is public, without credentials', async () => {
    await using test = await withTokens({}, anonymous);

    await test.repository.fetchManifest(tagName('v1'));

    expect(test.service.requests).toMatchObject([{ scopes: ['repository:apps/api:pull'], authorization: undefined }]);
  });

  it('fetches one token for many requests at once', async () => {
    await using test = await withTokens();
    await test.repository.resolve(tagName('v1'));
    test.client.clock.skip(3_600_000);

    await Promise.all(Array.from({ length: 20 }, () => test.repository.resolve(tagName('v1'))));

    expect(test.service.requests).toHaveLength(2);
  });

  it('keeps a token until shortly before its end', async () => {
    await using test = await withTokens({ expiresIn: 300 });
    await test.repository.resolve(tagName('v1'));
    test.client.clock.skip(260_000);
    await test.repository.resolve(tagName('v1'));
    expect(test.service.requests).toHaveLength(1);

    test.client.clock.skip(20_000);
    await test.repository.resolve(tagName('v1'));
    expect(test.service.requests).toHaveLength(2);
  });

  it('never asks for push in order to read, even where the challenge names it', async () => {
    await using test = await withTokens({ challengeScope: () => 'repository:apps/api:pull,push' });

    await test.repository.resolve(tagName('v1'));
    await test.repository.fetchManifest(tagName('v1'));
    await collect(test.repository.listTags());
    await test.repository.hasBlob(blobOf(someBytes(3)));
    await test.repository.listReferrers(image.descriptor.digest);

    expect(test.service.requests.flatMap(({ scopes }) => scopes)).toEqual(['repository:apps/api:pull']);
  });

  it('asks for push only when pushing, and then reads with the same token', async () => {
    await using test = await withTokens();
    const bytes = someBytes(10);

    await test.repository.pushBlob(blobOf(bytes), sourceOf(bytes));
    await test.repository.resolve(tagName('v1'));

    expect(test.service.requests.map(({ scopes }) => scopes)).toEqual([['repository:apps/api:pull,push']]);
  });

  it('gets a token of its own for each repository', async () => {
    await using test = await withTokens();
    hold(test.server, 'base/os');

    await test.repository.resolve(tagName('v1'));
    await test.client.registry.repository(base).resolve(tagName('v1'));
    await test.repository.resolve(tagName('v1'));

    expect(test.service.requests.flatMap(({ scopes }) => scopes)).toEqual([
      'repository:apps/api:pull',
      'repository:base/os:pull',
    ]);
  });

  it('asks for both rights of a mount in one token, the missing one first', async () => {
    await using test = await withTokens();
    const from = test.client.registry.repository(base);
    await test.repository.pushManifest(image, [tagName('v1')]);

    await test.repository.mountBlob(blobOf(someBytes(3)), from);

    expect(test.service.requests.at(-1)?.scopes).toEqual(['repository:base/os:pull', 'repository:apps/api:pull,push']);
  });

  it('fetches a new token once when the old one is refused, and carries on', async () => {
    await using test = await withTokens();
    await test.repository.resolve(tagName('v1'));
    test.client.clock.skip(10_000);
    test.service.revoke();

    expect(await test.repository.resolve(tagName('v1'))).toBeDefined();
    expect(test.service.requests).toHaveLength(2);
  });

  it('fetches a new token where one ends much sooner than its service says', async () => {
    await using test = await withTokens();
    await test.repository.resolve(tagName('v1'));
    test.client.clock.skip(2000);
    test.service.revoke();

    expect(await test.repository.resolve(tagName('v1'))).toBeDefined();
    expect(test.service.requests).toHaveLength(2);
    expect(test.client.clock.waits).toEqual([]);
  });

  it('takes a refusal of a new token for a denial, after one wait for a clock that may be behind', async () => {
    await using test = await withTokens({ accepts: () => false });

    await expect(test.repository.resolve(tagName('v1'))).rejects.toMatchObject({
      code: 'E_UNAUTHORIZED',
      failure: 'auth',
    });

    expect(test.service.requests).toHaveLength(1);
    expect(test.server.seen('HEAD')).toHaveLength(3);
    expect(test.client.clock.waits).toEqual([1000]);
  });

  it('succeeds after that wait where a replica’s clock was behind', async () => {
    let refusals = 1;
    await using test = await withTokens({ accepts: () => refusals-- <= 0 });

    expect(await test.repository.resolve(tagName('v1'))).toBeDefined();
    expect(test.service.requests).toHaveLength(1);
    expect(test.client.clock.waits).toEqual([1000]);
  });

  it('knows at once that it is denied when the token itself says that it allows less', async () => {
    const claims = Buffer.from(JSON.stringify({ access: [{ type: 'repository', name: 'apps/api', actions: [] }] }));
    const token = `eyJhbGciOiJub25lIn0.${claims.toString('base64url')}.x`;
    await using test = await withTokens({ grant: () => ({ status: 200, body: JSON.stringify({ token }) }) });

    await expect(test.repository.resolve(tagName('v1'))).rejects.toMatchObject({ code: 'E_UNAUTHORIZED' });
    expect(test.client.clock.waits).toEqual([]);
    expect(test.server.seen('HEAD')).toHaveLength(2);
  });

  it('makes each token unprintable', async () => {
    await using test = await withTokens({
      grant: () => ({ status: 200, body: JSON.stringify({ token: 'canary-token-4711' }) }),
      accepts: () => true,
    });
    await expect(test.repository.resolve(tagName('v1'))).rejects.toMatchObject({ code: 'E_UNAUTHORIZED' });

    expect(redact('it was canary-token-4711')).not.toContain('4711');
  });
});

describe('what the token service makes of a request', () => {
  it('asks Quay again in its words when it refuses the scope of a delete', async () => {
    const knows = /^repository:[^:]+:(?:push|pull|\*)(?:,(?:push|pull|\*))*$/;
    await using test = await withTokens({
      grant: ({ scopes }) =>
        scopes.every((scope) => knows.test(scope)) ? 'repository:apps/api:*' : errorReply(400, 'INVALID_REQUEST'),
    });

    await test.repository.deleteTag(tagName('v1'));
    hold(test.server);
    await test.repository.deleteTag(tagName('v1'));

    expect(test.service.requests.map(({ scopes }) => scopes)).toEqual([
      ['repository:apps/api:delete'],
      ['repository:apps/api:pull,push'],
    ]);
  });

  it.each([false, true])('asks for the push that Pulp wants for a delete, met by a read before: %s', async (met) => {
    const known = (scope: string) => scope.replace(/,?delete/, '');
    await using test = await withTokens({ deleteNeeds: 'push', grant: ({ scopes }) => scopes.map(known).join(' ') });

    if (met) await test.repository.resolve(tagName('v1'));
    await test.repository.deleteTag(tagName('v1'));

    expect(test.server.store.tags.size).toBe(0);
    expect(test.service.requests.at(-1)?.scopes).toEqual(['repository:apps/api:pull,push']);
  });

  it('lists repositories without a scope where the catalog’s is refused', async () => {
    const catalog: Personality = (seen, next) =>
      seen.path === '/v2/_catalog' ? { status: 200, body: '{"repositories":["a","b"]}' } : next();
    const service = tokenService({
      grant: ({ scopes }) => (scopes.length === 0 ? 'registry:catalog:*' : errorReply(400, 'INVALID_REQUEST')),
    });
    await using server = await startScripted(service.personality, catalog);
    await using client = openTestClient(server.host);

    expect(await collect(client.registry.listRepositories())).toEqual(['a', 'b']);
    expect(service.requests.map(({ scopes }) => scopes)).toEqual([['registry:catalog:*'], []]);
  });

  it('sends an identity token by POST', async () => {
    const credentials = withCredential({ kind: 'identity-token', token: new Secret('canary-identity') });
    await using test = await withTokens({}, credentials);

    await test.repository.resolve(tagName('v1'));

    const [request] = test.service.requests;
    expect(request?.method).toBe('POST');
    expect(Object.fromEntries(request?.form ?? [])).toMatchObject({
      grant_type: 'refresh_token',
      refresh_token: 'canary-identity',
      scope: 'repository:apps/api:pull',
      service: 'registry.example.com',
      client_id: 'tranship',
    });
  });

  it.each([404, 405, 401])('falls back from POST to GET on %d', async (status) => {
    const credentials = withCredential({ kind: 'identity-token', token: new Secret('canary-identity') });
    await using test = await withTokens(
      { grant: ({ method }) => (method === 'POST' ? { status } : 'granted') },
      credentials,
    );

    expect(await test.repository.resolve(tagName('v1'))).toBeDefined();
    expect(test.service.requests.map(({ method }) => method)).toEqual(['POST', 'GET']);
  });

  it('falls back from GET to POST with a password where there is no GET', async () => {
    await using test = await withTokens({ grant: ({ method }) => (method === 'GET' ? { status: 405 } : 'granted') });

    expect(await test.repository.resolve(tagName('v1'))).toBeDefined();
    expect(Object.fromEntries(test.service.requests[1]?.form ?? [])).toMatchObject({
      grant_type: 'password',
      username: 'alice',
      password: 'canary-password',
    });
  });

  it('says where refused credentials came from, and never what they are', async () => {
    await using test = await withTokens({ grant: () => errorReply(401, 'UNAUTHORIZED', 'Could not find robot') });

    const failure = await test.repository.resolve(tagName('v1')).catch((error: unknown) => error);

    expect(failure).toMatchObject({ code: 'E_UNAUTHORIZED', failure: 'auth' });
    expect(String(failure)).toContain('the test');
    expect(failure).toMatchObject({ serverSaid: expect.stringContaining('Could not find robot') });
    expect(JSON.stringify(failure) + String(failure)).not.toContain('canary');
  });

  it.each([
    ['a redirect', { status: 302, headers: { location: 'https://elsewhere.example.com/token' } }],
    ['a page', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Log in</html>' }],
    ['no token', { status: 200, body: '{}' }],
  ])('does not follow or believe %s', async (_what, reply) => {
    await using test = await withTokens({ grant: () => reply });

    await expect(test.repository.resolve(tagName('v1'))).rejects.toMatchObject({ name: 'TranshipError' });
    expect(test.service.requests).toHaveLength(1);
  });
});

describe('where a token may be asked for', () => {
  it.each([
    ['a metadata service', 'http://169.254.169.254/latest/token'],
    ['a scheme that is none', 'null://registry.example.com/v2/token'],
    ['a host that has nothing to do with the registry', 'https://evil.example.net/token'],
    ['a user name in the address', 'http://me@127.0.0.1:1/token'],
  ])('never at %s', async (_what, realm) => {
    await using test = await withTokens({ realm });

    await expect(test.repository.resolve(tagName('v1'))).rejects.toMatchObject({
      code: 'E_URL_REFUSED',
      failure: 'refused',
    });
    expect(test.service.requests).toEqual([]);
  });

  it('takes a relative realm from the registry itself', async () => {
    await using test = await withTokens({ path: '/v2/auth', realm: '/v2/auth' });
    expect(await test.repository.resolve(tagName('v1'))).toBeDefined();
  });
});

describe('a registry with passwords', () => {
  const basic =
    (challenge: string): Personality =>
    (seen, next) => {
      if (seen.headers['authorization'] === `Basic ${Buffer.from('alice:canary-password').toString('base64')}`)
        return next();
      return { status: 401, headers: { 'www-authenticate': challenge } };
    };

  it.each([
    'Basic realm="x"',
    'Basic realm=openshift,error="no"',
    'Bearer realm="Artifactory Realm",Basic realm="y"',
    'Bearer realm="Artifactory Realm"',
    'Bearer',
  ])('gets the password after %s, once known with the first request', async (challenge) => {
    await using server = await startScripted(basic(challenge));
    hold(server);
    await using client = openTestClient(server.host, { credentials: withPassword('alice', 'canary-password') });
    const repository = client.registry.repository(app);

    await repository.resolve(tagName('v1'));
    await repository.resolve(tagName('v1'));

    expect(server.seen('HEAD')).toHaveLength(3);
  });

  it('does not try a refused password again', async () => {
    await using server = await startScripted(basic('Basic realm="x"'));
    await using client = openTestClient(server.host, { credentials: withPassword('alice', 'wrong-canary') });

    await expect(client.registry.repository(app).resolve(tagName('v1'))).rejects.toMatchObject({
      code: 'E_UNAUTHORIZED',
      message: 'The credentials from the test do not open this.',
    });
    expect(server.seen('HEAD')).toHaveLength(2);
  });

  it('says so when there is no password to try', async () => {
    await using server = await startScripted(basic('Basic realm="x"'));
    await using client = openTestClient(server.host);

    await expect(client.registry.repository(app).resolve(tagName('v1'))).rejects.toMatchObject({
      code: 'E_UNAUTHORIZED',
      message: 'The registry wants credentials, and none were found.',
    });
  });

  it('looks a refused password up once more, because a helper may have renewed it', async () => {
    let lookups = 0;
    const credentials = {
      find: async () => {
        lookups++;
        return {
          credential: {
            kind: 'basic' as const,
            username: 'alice',
            password: new Secret(lookups === 1 ? 'old-canary' : 'canary-password'),
          },
          origin: 'a helper',
        };
      },
    };
    await using server = await startScripted(basic('Basic realm="x"'));
    hold(server);
    await using client = openTestClient(server.host, { credentials });
    const repository = client.registry.repository(app);
    const first = await repository.resolve(tagName('v1'));

    expect(first).toBeDefined();
    expect(lookups).toBe(2);
  });

  it('looks for credentials again after a look-up that failed', async () => {
    let lookups = 0;
    const password = new Secret('canary-password');
    const credentials = {
      find: async () => {
        lookups++;
        if (lookups === 1) throw new TranshipError('E_CREDENTIAL_HELPER', 'auth', 'The helper failed.');
        return { credential: { kind: 'basic' as const, username: 'alice', password }, origin: 'a helper' };
      },
    };
    await using server = await startScripted(basic('Basic realm="x"'));
    hold(server);
    await using client = openTestClient(server.host, { credentials });
    const repository = client.registry.repository(app);

    await expect(repository.resolve(tagName('v1'))).rejects.toMatchObject({ code: 'E_CREDENTIAL_HELPER' });
    expect(await repository.resolve(tagName('v1'))).toBeDefined();
  });

  it('says that credentials are wanted where there are none', async () => {
    await using server = await startScripted(basic('Basic realm="x"'));
    await using client = openTestClient(server.host);

    await expect(client.registry.repository(app).resolve(tagName('v1'))).rejects.toMatchObject({
      code: 'E_UNAUTHORIZED',
      failure: 'auth',
    });
  });
});

describe('a registry that says 401 without saying how', () => {
  it('shows its challenge at the front door', async () => {
    const service = tokenService();
    const silent: Personality = async (seen, next) => {
      const reply = await next();
      if (reply.status !== 401 || seen.path === '/v2/') return reply;
      return { status: 401 };
    };
    await using server = await startScripted(silent, service.personality);
    hold(server);
    await using client = openTestClient(server.host);

    expect(await client.registry.repository(app).resolve(tagName('v1'))).toBeDefined();
    expect(server.log.filter((line) => line === 'GET /v2/')).toHaveLength(1);
  });
});

describe('a challenge that comes from elsewhere', () => {
  it('is not answered: a blob’s storage gets neither token nor password', async () => {
    const seenThere: (string | undefined)[] = [];
    await using storage = await startScripted((seen) => {
      seenThere.push(seen.headers['authorization']);
      return { status: 401, headers: { 'www-authenticate': 'Basic realm="give"' } };
    });
    const service = tokenService();
    const redirecting: Personality = (seen, next) =>
      seen.path.includes('/blobs/') ? { status: 307, headers: { location: `${storage.url}/blob` } } : next();
    await using server = await startScripted(service.personality, redirecting);
    await using client = openTestClient(server.host, { credentials: withPassword('alice', 'canary-password') });

    await expect(
      client.registry
        .repository(app)
        .openBlob(blobOf(someBytes(9)), 0)
        .then(readAll),
    ).rejects.toMatchObject({ name: 'TranshipError' });

    expect(seenThere.length).toBeGreaterThan(0);
    expect(seenThere.every((authorization) => authorization === undefined)).toBe(true);
  });
});
