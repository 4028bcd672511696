import { describe, expect, it } from 'vitest';
import { blobOf, manifestOf, openTestClient, repositoryName, someBytes, tagName } from '../../test/kit/client.ts';
import {
  errorReply,
  type Personality,
  type ScriptedRegistry,
  startScripted,
} from '../../test/kit/scripted-registry.ts';
import { digestOf } from '../oci/digest.ts';

const app = repositoryName('apps/api');
const v1 = tagName('v1');
const image = manifestOf({ schemaVersion: 2, config: blobOf(Buffer.from('{}')), layers: [] });
const { digest, mediaType } = image.descriptor;

function hold(server: ScriptedRegistry) {
  server.store.manifests.set(digest, { bytes: Buffer.from(image.bytes), mediaType });
  server.store.tags.set('apps/api:v1', digest);
}

async function start(...personalities: Personality[]) {
  const server = await startScripted(...personalities);
  hold(server);
  const client = openTestClient(server.host);
  return {
    server,
    client,
    repository: client.registry.repository(app),
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe('whether a tag still names what it likely does', () => {
  const other = digestOf(Buffer.from('other'));
  const conditional: Personality = (seen, next) =>
    seen.headers['if-none-match'] === `"${digest}"` ? { status: 304, headers: { etag: `"${digest}"` } } : next();

  it('is one conditional HEAD', async () => {
    await using test = await start(conditional);
    expect(await test.repository.digestOf(v1, digest)).toBe(digest);
    expect(test.server.log).toEqual(['HEAD /v2/apps/api/manifests/v1']);
  });

  it.each([
    ['it names something else', conditional, other],
    ['the registry knows no conditions', undefined, digest],
    ['nothing is known', conditional, undefined],
  ])('is told in the same answer where %s', async (_what, personality, likely) => {
    await using test = await start(...(personality === undefined ? [] : [personality]));
    expect(await test.repository.digestOf(v1, likely)).toBe(digest);
    expect(await test.repository.digestOf(tagName('absent'), likely)).toBeUndefined();
    expect(test.server.log).toHaveLength(2);
  });

  it.each([400, 405, 412, 501])('is asked without the condition where that is refused: %d', async (status) => {
    await using test = await start((seen, next) => (seen.headers['if-none-match'] === undefined ? next() : { status }));
    expect(await test.repository.digestOf(v1, other)).toBe(digest);
    expect(await test.repository.digestOf(v1, other)).toBe(digest);
    expect(test.server.log.filter((line) => line.startsWith('GET'))).toEqual([]);
  });

  it('is asked again where a registry says "unchanged" of another digest', async () => {
    await using test = await start((seen, next) =>
      seen.headers['if-none-match'] === undefined
        ? next()
        : { status: 304, headers: { 'docker-content-digest': digest } },
    );
    expect(await test.repository.digestOf(v1, other)).toBe(digest);
  });
});

describe('what a reference names', () => {
  it('costs one HEAD', async () => {
    await using test = await start();

    expect(await test.repository.resolve(v1)).toEqual(image.descriptor);
    expect(test.server.log).toEqual(['HEAD /v2/apps/api/manifests/v1']);
  });

  it('is nothing where there is none', async () => {
    await using test = await start();
    expect(await test.repository.resolve(tagName('absent'))).toBeUndefined();
  });

  it('is asked for with all four types, without which Quay converts and old registries find nothing', async () => {
    const accepts: (string | undefined)[] = [];
    await using test = await start((seen, next) => {
      accepts.push(seen.headers['accept']);
      return next();
    });
    await test.repository.resolve(v1);
    await test.repository.fetchManifest(v1);
    await test.repository.hasBlob(blobOf(someBytes(1)));

    for (const accept of accepts.slice(0, 2)) {
      expect(accept?.split(', ')).toEqual([
        'application/vnd.oci.image.index.v1+json',
        'application/vnd.oci.image.manifest.v1+json',
        'application/vnd.docker.distribution.manifest.list.v2+json',
        'application/vnd.docker.distribution.manifest.v2+json',
      ]);
    }
    expect(accepts[2] ?? '').not.toContain('manifest');
  });

  it.each([
    ['without a digest', { 'content-type': mediaType }],
    ['with a malformed digest', { 'content-type': mediaType, 'docker-content-digest': 'sha256:../../etc' }],
    ['without a type', { 'docker-content-digest': digest }],
  ])('is read by a GET where HEAD answers %s', async (_what, headers) => {
    await using test = await start((seen, next) =>
      seen.method === 'HEAD' ? { status: 200, headers, body: Buffer.from(image.bytes) } : next(),
    );
    expect(await test.repository.resolve(v1)).toEqual(image.descriptor);
  });

  it('is read by GETs alone once HEAD was refused', async () => {
    await using test = await start((seen, next) => (seen.method === 'HEAD' ? { status: 405 } : next()));

    expect(await test.repository.resolve(v1)).toEqual(image.descriptor);
    expect(await test.repository.resolve(tagName('absent'))).toBeUndefined();

    expect(test.server.seen('HEAD')).toHaveLength(1);
    expect(test.client.registry.learned).toMatchObject({ headManifests: false });
    expect(test.client.warnings).toHaveLength(1);
  });

  it('is refused in the words of a GET, because a HEAD has none, and those are asked for once', async () => {
    const denied = errorReply(403, 'DENIED', 'the pull of apps/api is for members');
    await using test = await start((seen, next) => (seen.path.includes('/manifests/') ? denied : next()));
    await expect(test.repository.resolve(v1)).rejects.toMatchObject({
      code: 'E_DENIED',
      serverSaid: expect.stringContaining('is for members'),
    });
    await expect(test.repository.resolve(tagName('v2'))).rejects.toMatchObject({ code: 'E_DENIED' });
    expect(test.server.seen('GET').filter((line) => line.includes('/manifests/'))).toHaveLength(1);
  });

  it('is an error, not an absence, where the registry fails', async () => {
    await using test = await start(() => ({ status: 503 }));
    await expect(test.repository.resolve(v1)).rejects.toMatchObject({ failure: 'temporary' });
  });
});

describe('a manifest', () => {
  it('comes as the bytes that were hashed, white space and unknown fields and all', async () => {
    const bytes = Buffer.from('{ "schemaVersion":2,\n\t"config":null, "layers":[],"x-own" : [1.0]}\n');
    await using test = await start();
    test.server.store.manifests.set(digestOf(bytes), { bytes, mediaType });

    const read = await test.repository.fetchManifest(digestOf(bytes));

    expect(Buffer.from(read.bytes).equals(bytes)).toBe(true);
    expect(read.descriptor).toEqual({ mediaType, digest: digestOf(bytes), size: bytes.length });
  });

  it('is verified by sha512 where that was asked for', async () => {
    await using test = await start();
    const sha512 = digestOf(image.bytes, 'sha512');
    test.server.store.manifests.set(sha512, { bytes: Buffer.from(image.bytes), mediaType });
    expect((await test.repository.fetchManifest(sha512)).descriptor.digest).toBe(sha512);
  });

  it('is refused when its bytes are others, whatever the header claims', async () => {
    await using test = await start((seen, next) =>
      seen.method === 'GET'
        ? {
            status: 200,
            headers: { 'content-type': mediaType, 'docker-content-digest': digest },
            body: '{"schemaVersion":2}',
          }
        : next(),
    );

    for (const reference of [v1, digest]) {
      await expect(test.repository.fetchManifest(reference)).rejects.toMatchObject({
        code: 'E_DIGEST_MISMATCH',
        message: expect.stringContaining(digest),
      });
    }
    expect(test.server.seen('GET')).toHaveLength(6);
  });

  it('is read again when a line spoiled it', async () => {
    let readings = 0;
    await using test = await start(async (seen, next) => {
      const reply = await next();
      if (seen.method !== 'GET' || readings++ > 0) return reply;
      const body = Buffer.from(reply.body ?? '');
      body.writeUInt8(body.readUInt8(3) ^ 1, 3);
      return { ...reply, body };
    });
    expect((await test.repository.fetchManifest(digest)).descriptor.digest).toBe(digest);
  });

  it('is found by the digest asked for although the header names another', async () => {
    await using test = await start(async (_seen, next) => {
      const reply = await next();
      return { ...reply, headers: { ...reply.headers, 'docker-content-digest': `sha256:${'0'.repeat(64)}` } };
    });
    expect((await test.repository.fetchManifest(digest)).descriptor.digest).toBe(digest);
  });

  it('gets its type from its own words where the registry is vague', async () => {
    const own = manifestOf({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [] });
    await using test = await start();
    test.server.store.manifests.set(own.descriptor.digest, {
      bytes: Buffer.from(own.bytes),
      mediaType: 'application/json',
    });

    const read = await test.repository.fetchManifest(own.descriptor.digest);
    expect(read.descriptor.mediaType).toBe('application/vnd.oci.image.index.v1+json');
  });

  it('of a kind that nobody knows is what the registry calls it', async () => {
    const future = 'application/vnd.example.future+json';
    await using test = await start((seen, next) =>
      seen.method === 'GET' ? { status: 200, headers: { 'content-type': future }, body: '{"what":"ever"}' } : next(),
    );
    const { descriptor } = await test.repository.fetchManifest(digestOf(Buffer.from('{"what":"ever"}')));
    expect(descriptor.mediaType).toBe(future);
  });

  it('keeps its type although parameters stand behind it', async () => {
    await using test = await start();
    test.server.store.manifests.set(digest, {
      bytes: Buffer.from(image.bytes),
      mediaType: `${mediaType}; charset=utf-8`,
    });
    expect((await test.repository.fetchManifest(v1)).descriptor.mediaType).toBe(mediaType);
  });

  it.each([
    'application/vnd.docker.distribution.manifest.v1+prettyjws',
    'application/vnd.docker.distribution.manifest.v1+json',
  ])('of schema 1 is named as such: %s', async (type) => {
    await using test = await start();
    test.server.store.manifests.set(digest, { bytes: Buffer.from(image.bytes), mediaType: type });
    await expect(test.repository.fetchManifest(v1)).rejects.toMatchObject({ code: 'E_SCHEMA1', failure: 'failed' });
  });

  it('is not a web page', async () => {
    await using test = await start(() => ({
      status: 200,
      headers: { 'content-type': 'text/html; charset=utf-8' },
      body: '<html>Sign in</html>',
    }));
    await expect(test.repository.fetchManifest(v1)).rejects.toMatchObject({ code: 'E_NOT_A_MANIFEST' });
  });

  it('is read up to 8 MiB', async () => {
    const within = Buffer.from(`{"schemaVersion":2,"x":"${'y'.repeat(8 * 1024 * 1024 - 26)}"}`);
    const beyond = Buffer.concat([within, Buffer.from(' ')]);
    expect(within).toHaveLength(8 * 1024 * 1024);
    await using test = await start();
    for (const bytes of [within, beyond]) test.server.store.manifests.set(digestOf(bytes), { bytes, mediaType });

    expect((await test.repository.fetchManifest(digestOf(within))).bytes).toHaveLength(within.length);
    await expect(test.repository.fetchManifest(digestOf(beyond))).rejects.toMatchObject({ code: 'E_ANSWER_TOO_LARGE' });
  });

  it.each([
    ['a tag that is none', errorReply(404, 'MANIFEST_UNKNOWN'), 'E_MANIFEST_UNKNOWN', 'failed'],
    ['an expired tag at Quay', errorReply(404, 'TAG_EXPIRED'), 'E_MANIFEST_UNKNOWN', 'failed'],
    ['a repository that is none', errorReply(404, 'NAME_UNKNOWN'), 'E_REPOSITORY_UNKNOWN', 'failed'],
    ['a refusal', errorReply(403, 'DENIED', 'requested access is denied'), 'E_DENIED', 'auth'],
    ['a failing registry', { status: 502, body: '<html>Bad gateway</html>' }, 'E_SERVER', 'temporary'],
  ])('that cannot be had says why: %s', async (_what, reply, code, failure) => {
    await using test = await start(() => reply);
    await expect(test.repository.fetchManifest(v1)).rejects.toMatchObject({
      code,
      failure,
      subject: `${test.server.host}/apps/api:v1`,
      serverSaid: expect.stringContaining('HTTP'),
    });
  });
});
