import { describe, expect, it } from 'vitest';
import {
  blobOf,
  manifestOf,
  openTestClient,
  repositoryName,
  someBytes,
  sourceOf,
  type TestClientOptions,
  tagName,
  withPassword,
} from '../../test/kit/client.ts';
import { errorReply, type Personality, type Reply, startScripted } from '../../test/kit/scripted-registry.ts';
import { tokenService } from '../../test/kit/token-service.ts';
import { MemoryRepository } from '../oci/memory.ts';
import { supports } from '../oci/ports.ts';

const app = repositoryName('apps/api');
const base = repositoryName('base/os');
const image = manifestOf({ schemaVersion: 2, config: blobOf(Buffer.from('{}')), layers: [] });
const v1 = tagName('v1');
const layer = someBytes(1000);

async function start(personality: Personality, options: TestClientOptions = {}) {
  const server = await startScripted(personality);
  const client = openTestClient(server.host, options);
  return {
    server,
    client,
    repository: client.registry.repository(app),
    other: client.registry.repository(base),
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const isMount = (seen: Parameters<Personality>[0]) => seen.method === 'POST' && seen.query.has('mount');

describe('mounting a blob', () => {
  it('moves no byte where the registry does it', async () => {
    const queries: string[] = [];
    await using test = await start((seen, next) => {
      if (!isMount(seen)) return next();
      queries.push(`${seen.query.get('mount')} ${seen.query.get('from')}`);
      return { status: 201 };
    });

    expect(await test.repository.mountBlob(blobOf(layer), test.other)).toBe(true);
    expect(queries).toEqual([`${blobOf(layer).digest} base/os`]);
  });

  it('goes on in the upload that the registry opened instead', async () => {
    await using test = await start((_seen, next) => next());

    expect(await test.repository.mountBlob(blobOf(layer), test.other)).toBe(false);
    await test.repository.pushBlob(blobOf(layer), sourceOf(layer));

    expect(test.server.log.map((line) => line.split(' ')[0])).toEqual(['POST', 'PUT']);
    expect(test.server.store.uploads.size).toBe(0);
  });

  it('cancels an upload that nobody used', async () => {
    const test = await start((_seen, next) => next());
    await test.repository.mountBlob(blobOf(layer), test.other);
    expect(test.server.store.uploads.size).toBe(1);
    await test.client[Symbol.asyncDispose]();

    expect(test.server.store.uploads.size).toBe(0);
    await test.server[Symbol.asyncDispose]();
  });

  it.each([400, 401, 403, 404, 405, 500])(
    'is a plain no when refused, and not tried again for that pair: %d',
    async (status) => {
      await using test = await start((seen, next) => (isMount(seen) ? errorReply(status, 'UNKNOWN') : next()));

      expect(await test.repository.mountBlob(blobOf(layer), test.other)).toBe(false);
      const before = test.server.log.length;
      expect(await test.repository.mountBlob(blobOf(someBytes(5)), test.other)).toBe(false);
      expect(test.server.log).toHaveLength(before);

      await test.repository.pushBlob(blobOf(layer), sourceOf(layer));
      expect(test.server.store.blobs.size).toBe(1);
    },
  );

  it('is a plain no when the connection closes', async () => {
    await using test = await start((seen, next) => (isMount(seen) ? seen.cut() : next()));
    expect(await test.repository.mountBlob(blobOf(layer), test.other)).toBe(false);
  });

  it('is a plain no when the token service refuses', async () => {
    const service = tokenService({
      grant: ({ scopes }) => (scopes.length > 1 ? errorReply(403, 'DENIED') : 'granted'),
    });
    await using test = await start(service.personality, { credentials: withPassword('alice', 'canary') });
    expect(await test.repository.mountBlob(blobOf(layer), test.other)).toBe(false);
  });

  it('is possible between repositories of one registry only', async () => {
    await using test = await start((_seen, next) => next());
    await using elsewhere = await start((_seen, next) => next());

    expect(test.repository.canMountFrom(test.other)).toBe(true);
    expect(test.repository.canMountFrom(test.repository)).toBe(false);
    expect(test.repository.canMountFrom(elsewhere.repository)).toBe(false);
    expect(test.repository.canMountFrom(new MemoryRepository())).toBe(false);
    expect(await test.repository.mountBlob(blobOf(layer), elsewhere.repository)).toBe(false);
    expect(test.server.log).toEqual([]);
  });
});

describe('deleting', () => {
  it('removes a tag and leaves the manifest', async () => {
    await using test = await start((_seen, next) => next());
    await test.repository.pushManifest(image, [v1, tagName('v2')]);

    await test.repository.deleteTag(v1);

    expect(await test.repository.resolve(v1)).toBeUndefined();
    expect(await test.repository.resolve(tagName('v2'))).toEqual(image.descriptor);
  });

  it('removes a manifest with its tags', async () => {
    await using test = await start((_seen, next) => next());
    await test.repository.pushManifest(image, [v1]);

    await test.repository.deleteManifest(image.descriptor.digest);

    expect(await test.repository.resolve(v1)).toBeUndefined();
    expect(await test.repository.resolve(image.descriptor.digest)).toBeUndefined();
  });

  it.each<[string, Reply, string]>([
    ['is switched off', errorReply(405, 'UNSUPPORTED'), 'E_UNSUPPORTED'],
    [
      'knows no tags, as distribution 2.8',
      errorReply(400, 'UNSUPPORTED', 'The operation is unsupported.'),
      'E_UNSUPPORTED',
    ],
    [
      'takes a tag for a bad digest, as distribution 2.8 with deletion on',
      errorReply(400, 'DIGEST_INVALID'),
      'E_UNSUPPORTED',
    ],
    ['is denied', errorReply(403, 'DENIED'), 'E_DENIED'],
    ['finds none', errorReply(404, 'MANIFEST_UNKNOWN'), 'E_MANIFEST_UNKNOWN'],
    ['meets an immutable tag', errorReply(409, 'TAG_IMMUTABLE'), 'E_TAG_IMMUTABLE'],
  ])('says when it %s', async (_what, reply, code) => {
    await using test = await start((seen, next) => (seen.method === 'DELETE' ? reply : next()));
    await expect(test.repository.deleteTag(v1)).rejects.toMatchObject({ code });
  });
});

describe('a repository', () => {
  it('is the same object each time, and behind every port that a registry has', async () => {
    await using test = await start((_seen, next) => next());
    expect(test.client.registry.repository(app)).toBe(test.repository);
    for (const ability of ['tags', 'referrers', 'mount', 'delete', 'sparse'] as const) {
      expect(supports(test.repository, ability)).toBe(true);
    }
    expect(supports(test.repository, 'digests')).toBe(false);
    expect(test.repository.location).toBe(`${test.server.host}/apps/api`);
  });

  it.each([
    ['true', true],
    ['false', false],
    [undefined, false],
  ])('says whether it takes sparse indexes, asked once: %s', async (header, accepts) => {
    await using test = await start((_seen) => ({
      status: 401,
      ...(header !== undefined && { headers: { 'x-sparse-manifest-support': header } }),
    }));
    expect(await test.repository.acceptsSparseIndexes()).toBe(accepts);
    expect(await test.other.acceptsSparseIndexes()).toBe(accepts);
    expect(test.server.log).toEqual(['GET /v2/']);
  });

  it('passes a registry’s warnings on, each once, unable to steer a terminal', async () => {
    const warning = '299 - "Your \\"plan\\" ends soon", 299 - "red \u001b[31malert"';
    await using test = await start(async (_seen, next) => {
      const reply = await next();
      return {
        ...reply,
        headers: { ...reply.headers, warning: Buffer.from(warning).toString('latin1').replace('\u001b', '') },
      };
    });
    await test.repository.resolve(v1);
    await test.repository.resolve(v1);

    expect(test.client.warnings).toEqual(['Your "plan" ends soon', 'red [31malert']);
  });
});

describe('what a doctor needs', () => {
  it('is what the front door shows', async () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    await using test = await start(() => ({
      status: 401,
      headers: {
        'www-authenticate': 'Bearer realm="https://auth.example.com/v2/auth",service="x"',
        'docker-distribution-api-version': 'registry/2.0',
        'x-sparse-manifest-support': 'false',
        server: 'nginx',
        date,
      },
    }));
    const diagnosis = await test.client.registry.ping();

    expect(diagnosis).toMatchObject({
      status: 401,
      base: `http://${test.server.host}/`,
      apiVersion: 'registry/2.0',
      server: 'nginx',
      product: 'quay',
      challenges: [{ scheme: 'bearer', parameters: { realm: 'https://auth.example.com/v2/auth', service: 'x' } }],
      capabilities: { serialManifests: true, resume: false },
    });
    expect(Math.abs((diagnosis.clockSkewMs ?? 0) - 3_600_000)).toBeLessThan(5000);
  });

  it('is what a token allows, which may be less than was asked', async () => {
    const claims = { access: [{ type: 'repository', name: 'apps/api', actions: ['pull'] }] };
    const token = `eyJhbGciOiJub25lIn0.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;
    const service = tokenService({ grant: () => ({ status: 200, body: JSON.stringify({ token }) }) });
    await using test = await start(
      (seen, next, store) =>
        seen.path === '/v2/'
          ? { status: 401, headers: { 'www-authenticate': 'Bearer realm="/token"' } }
          : service.personality(seen, next, store),
      { credentials: withPassword('alice', 'canary') },
    );

    expect(await test.client.registry.granted(app, ['pull', 'push'])).toEqual({
      asked: 'repository:apps/api:pull,push',
      granted: ['repository:apps/api:pull'],
      authentication: 'token',
      credential: 'the test',
    });
  });

  it('asks for pull alone unless told', async () => {
    const service = tokenService();
    await using test = await start((seen, next, store) =>
      seen.path === '/v2/'
        ? { status: 401, headers: { 'www-authenticate': 'Bearer realm="/token"' } }
        : service.personality(seen, next, store),
    );
    await test.client.registry.granted(app);
    expect(service.requests.flatMap(({ scopes }) => scopes)).toEqual(['repository:apps/api:pull']);
  });

  it('is that a password is refused, or that none is needed', async () => {
    await using wants = await start(() => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }), {
      credentials: withPassword('alice', 'canary'),
    });
    await expect(wants.client.registry.granted(app)).rejects.toMatchObject({ code: 'E_UNAUTHORIZED' });

    await using open = await start((_seen, next) => next());
    expect(await open.client.registry.granted(app)).toMatchObject({ authentication: 'none', granted: undefined });
  });
});
