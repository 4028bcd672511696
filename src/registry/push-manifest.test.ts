import { describe, expect, it, vi } from 'vitest';
import {
  blobOf,
  manifestOf,
  openTestClient,
  repositoryName,
  type TestClientOptions,
  tagName,
} from '../../test/kit/client.ts';
import { errorReply, type Personality, type Reply, startScripted } from '../../test/kit/scripted-registry.ts';
import { digestOf } from '../oci/digest.ts';
import type { TagName } from '../oci/names.ts';
import { InTurn } from './in-turn.ts';

const app = repositoryName('apps/api');
const image = manifestOf({ schemaVersion: 2, config: blobOf(Buffer.from('{}')), layers: [] });
const { digest } = image.descriptor;
const tags = ['v1', 'v1.2', 'latest'].map(tagName);

async function start(personality: Personality, options: TestClientOptions = {}) {
  const server = await startScripted(personality);
  const client = openTestClient(server.host, options);
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

const plain: Personality = (_seen, next) => next();

/** A registry that takes tags as parameters, `most` of them. */
const withTagParameters =
  (most = 100): Personality =>
  async (seen, next) => {
    const reply = await next();
    const asked = seen.query.getAll('tag').slice(0, most);
    return asked.length === 0 ? reply : { ...reply, headers: { ...reply.headers, 'oci-tag': asked.join(', ') } };
  };

describe('pushing a manifest', () => {
  it('puts its very bytes under its digest where no tag is named', async () => {
    const odd = Buffer.from('{ "schemaVersion": 2,\n"layers" :[]}');
    const type = 'application/vnd.oci.image.manifest.v1+json';
    await using test = await start(plain);
    await test.repository.pushManifest(
      { bytes: odd, descriptor: { mediaType: type, digest: digestOf(odd), size: odd.length } },
      [],
    );

    expect(test.server.log).toEqual([`PUT /v2/apps/api/manifests/${digestOf(odd)}`]);
    expect(test.server.store.manifests.get(digestOf(odd))?.bytes.equals(odd)).toBe(true);
    expect(test.server.store.manifests.get(digestOf(odd))?.mediaType).toBe(type);
  });

  it('puts one tag in one request', async () => {
    await using test = await start(withTagParameters());
    await test.repository.pushManifest(image, tags.slice(0, 1));
    expect(test.server.log).toEqual(['PUT /v2/apps/api/manifests/v1']);
  });

  it('puts several tags in one request where the registry takes that', async () => {
    await using test = await start(withTagParameters());
    await test.repository.pushManifest(image, tags);
    await test.repository.pushManifest(image, tags);

    expect(test.server.log).toEqual(Array(2).fill(`PUT /v2/apps/api/manifests/${digest}?tag=v1&tag=v1.2&tag=latest`));
  });

  it('puts ten tags a request, and singly those that an answer leaves out', async () => {
    const many = Array.from({ length: 23 }, (_, index) => tagName(`t${index}`));
    await using test = await start(withTagParameters(9));
    await test.repository.pushManifest(image, many);

    const asked = test.server.log.map((line) => line.match(/tag=/g)?.length ?? 0);
    expect(Math.max(...asked)).toBe(10);
    expect(test.server.log.length).toBeLessThan(6);
  });

  it('puts tag after tag where it does not, and asks only once whether it does', async () => {
    await using test = await start(plain);
    await test.repository.pushManifest(image, tags);
    await test.repository.pushManifest(image, tags);

    expect([...test.server.store.tags.keys()].sort()).toEqual(['apps/api:latest', 'apps/api:v1', 'apps/api:v1.2']);
    expect(test.server.log).toHaveLength(7);
    expect(test.server.seen(`PUT /v2/apps/api/manifests/${digest}`)).toHaveLength(1);
  });

  it('puts tag after tag where a manifest has no other way in', async () => {
    await using test = await start(async (seen, next) =>
      seen.path.endsWith(digest) ? { status: 400, body: 'not a tag' } : next(),
    );
    await test.repository.pushManifest(image, tags);
    await test.repository.pushManifest(image, tags);

    expect(test.server.store.tags.size).toBe(3);
    expect(test.server.log).toHaveLength(7);
  });

  it.each([
    ['converts it', digestOf(Buffer.from('other')), 'E_DIGEST_MISMATCH'],
    ['names it by another algorithm', digestOf(image.bytes, 'sha512'), 'E_DIGEST_ALGORITHM'],
  ])('fails when the registry %s', async (_what, named, code) => {
    await using test = await start(() => ({ status: 201, headers: { 'docker-content-digest': named } }));
    await expect(test.repository.pushManifest(image, tags.slice(0, 1))).rejects.toMatchObject({
      code,
      failure: 'failed',
    });
  });

  it('is not blamed on its kind where a registry may find it too long', async () => {
    await using test = await start(() => errorReply(400, 'MANIFEST_INVALID'));
    const long = manifestOf({ schemaVersion: 2, layers: [], annotations: { a: 'x'.repeat(4 * 1024 * 1024) } });
    await expect(test.repository.pushManifest(long, [])).rejects.toMatchObject({ code: 'E_TOO_LARGE' });
  });

  it('is content with a registry that names no digest', async () => {
    await using test = await start(() => ({ status: 201 }));
    await expect(test.repository.pushManifest(image, tags.slice(0, 1))).resolves.toBeUndefined();
  });
});

describe('a manifest that is named by sha512', () => {
  const long = { ...image, descriptor: { ...image.descriptor, digest: digestOf(image.bytes, 'sha512') } };

  it('is put under that digest, its tag beside: a tag alone would be one of sha256', async () => {
    await using test = await start(withTagParameters());
    await test.repository.pushManifest(long, tags.slice(0, 1));
    expect(test.server.log).toEqual([`PUT /v2/apps/api/manifests/${long.descriptor.digest}?tag=v1`]);
    expect(test.server.store.manifests.has(long.descriptor.digest)).toBe(true);
  });

  it.each<[string, Personality]>([
    ['knows no tags as parameters', (_seen, _next) => ({ status: 201 })],
    ['knows sha256 alone', () => errorReply(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content')],
  ])('leaves no tag at a registry that %s', async (_what, personality) => {
    await using test = await start(personality);
    for (let time = 0; time < 2; time++) {
      await expect(test.repository.pushManifest(long, tags.slice(0, 1))).rejects.toMatchObject({
        code: 'E_DIGEST_ALGORITHM',
        failure: 'failed',
      });
    }
    expect(test.server.log.filter((line) => line.endsWith('/v1'))).toEqual([]);
  });
});

describe('a manifest that is refused', () => {
  const missing = digestOf(Buffer.from('missing'));
  const other = digestOf(Buffer.from('other'));
  it.each<[string, Reply, string, string]>([
    ['immutable tag at Quay', errorReply(409, 'TAG_IMMUTABLE', 'tag is immutable'), 'E_TAG_IMMUTABLE', 'refused'],
    [
      'immutable tag at Harbor',
      errorReply(412, 'PRECONDITION', 'Failed to process request due to immutable tag'),
      'E_TAG_IMMUTABLE',
      'refused',
    ],
    [
      'immutable tag at ECR',
      errorReply(400, 'ImageTagAlreadyExistsException', "The image tag 'v1' already exists"),
      'E_TAG_IMMUTABLE',
      'refused',
    ],
    [
      'immutable tag at ECR, in the words of the protocol',
      errorReply(
        400,
        'TAG_INVALID',
        "The image tag 'v1' already exists in the 'app' repository and cannot be overwritten because the tag is immutable.",
      ),
      'E_TAG_IMMUTABLE',
      'refused',
    ],
    [
      'immutable tag at Google’s',
      errorReply(400, 'MANIFEST_INVALID', 'cannot update tag v1. The repository has enabled tag immutability'),
      'E_TAG_IMMUTABLE',
      'refused',
    ],
    [
      'missing blob, distribution 2.8',
      errorReply(400, 'MANIFEST_BLOB_UNKNOWN', '', { Digest: missing }),
      'E_BLOB_MISSING',
      'temporary',
    ],
    [
      'missing blob, distribution 3',
      errorReply(404, 'MANIFEST_BLOB_UNKNOWN', 'blob unknown', missing),
      'E_BLOB_MISSING',
      'temporary',
    ],
    [
      'missing blob, Quay',
      errorReply(400, 'MANIFEST_INVALID', `Unknown blob \`${missing}\``),
      'E_BLOB_MISSING',
      'temporary',
    ],
    [
      'missing blob, Quay with its words in the detail',
      errorReply(400, 'MANIFEST_INVALID', 'manifest invalid', { message: `Unknown blob \`${missing}\`` }),
      'E_BLOB_MISSING',
      'temporary',
    ],
    [
      'a name that sounds like something else',
      errorReply(403, 'DENIED', 'denied', [{ Type: 'repository', Name: 'quota/immutable-read-only' }]),
      'E_DENIED',
      'auth',
    ],
    ['quota', errorReply(403, 'DENIED', 'Quota has been exceeded on namespace'), 'E_QUOTA', 'unwritable'],
    [
      'Harbor’s quota',
      errorReply(
        403,
        'DENIED',
        'adding 29.0 MiB of storage resource, which when updated to current usage of 152.4 MiB will exceed the configured upper limit of 10.0 MiB.',
      ),
      'E_QUOTA',
      'unwritable',
    ],
    [
      'distribution 2 on a full disk',
      errorReply(500, 'UNKNOWN', 'unknown error', {
        DriverName: 'filesystem',
        Enclosed: { Op: 'write', Path: '/var/lib/registry/data', Err: 28 },
      }),
      'E_QUOTA',
      'unwritable',
    ],
    [
      'distribution 3 on a full disk',
      errorReply(
        500,
        'UNKNOWN',
        'unknown error',
        'filesystem: write /var/lib/registry/data.tmp: no space left on device',
      ),
      'E_QUOTA',
      'unwritable',
    ],
    [
      'distribution on a disk that is read-only',
      errorReply(500, 'UNKNOWN', 'unknown error', 'filesystem: mkdir /var/lib/registry/docker: read-only file system'),
      'E_READ_ONLY',
      'unwritable',
    ],
    [
      'Azure Storage’s quota',
      errorReply(500, 'UNKNOWN', 'unknown error', 'storage: StatusCode=403, ErrorCode=AccountSizeOverQuota'),
      'E_QUOTA',
      'unwritable',
    ],
    [
      'a locked repository of Azure’s',
      errorReply(
        405,
        'REGISTRY_DISALLOWED_OPERATION',
        'The operation is disallowed on this registry, repository or image.',
      ),
      'E_READ_ONLY',
      'unwritable',
    ],
    ['read-only', errorReply(405, 'DENIED', 'System is currently read-only'), 'E_READ_ONLY', 'unwritable'],
    ['switched off', errorReply(405, 'METHOD NOT ALLOWED', ''), 'E_READ_ONLY', 'unwritable'],
    ['too large', { status: 413, body: '<html><h1>413 Request Entity Too Large</h1></html>' }, 'E_TOO_LARGE', 'failed'],
    ['unknown type', errorReply(415, 'MANIFEST_INVALID'), 'E_MANIFEST_REFUSED', 'failed'],
    ['unknown type at zot', errorReply(415, 'UNSUPPORTED'), 'E_MANIFEST_REFUSED', 'failed'],
    ['invalid', errorReply(400, 'MANIFEST_INVALID', 'manifest invalid'), 'E_MANIFEST_REFUSED', 'failed'],
    ['no right', errorReply(403, 'DENIED', 'requested access to the resource is denied'), 'E_DENIED', 'auth'],
    ['no repository', errorReply(404, 'NAME_UNKNOWN'), 'E_REPOSITORY_UNKNOWN', 'failed'],
    ['odd name', errorReply(400, 'NAME_INVALID', 'invalid repository name'), 'E_NAME_REFUSED', 'failed'],
    ['always 500', { status: 500, body: 'oops' }, 'E_SERVER', 'temporary'],
  ])('says which refusal it was: %s', async (_what, reply, code, failure) => {
    await using test = await start((seen, next) => (seen.method === 'PUT' ? reply : next()));

    await expect(test.repository.pushManifest(image, tags.slice(0, 1))).rejects.toMatchObject({
      code,
      failure,
      subject: `${test.server.host}/apps/api:v1`,
      serverSaid: expect.stringContaining(`HTTP ${reply.status}`),
      digests: code === 'E_BLOB_MISSING' ? [missing] : [],
    });
    expect(test.server.seen('PUT').length).toBeLessThanOrEqual(3);
  });

  it('names every blob that is missing, once', async () => {
    const body = JSON.stringify({
      errors: [missing, other, missing].map((one) => ({ code: 'MANIFEST_BLOB_UNKNOWN', detail: { digest: one } })),
    });
    await using test = await start(() => ({ status: 404, body }));
    await expect(test.repository.pushManifest(image, [])).rejects.toMatchObject({ digests: [missing, other] });
  });
});

describe('a registry that cannot bear two manifests at once', () => {
  function fragile(status: number): { readonly personality: Personality; readonly most: () => number } {
    let now = 0;
    let most = 0;
    return {
      most: () => most,
      async personality(seen, next) {
        if (seen.method !== 'PUT') return next();
        now++;
        most = Math.max(most, now);
        await new Promise((resolve) => setTimeout(resolve, 5));
        const reply = now > 1 ? errorReply(status, 'UNKNOWN', 'package version already exists') : await next();
        now--;
        return reply;
      },
    };
  }

  it.each([409, 500])('is learned from its failures, and gets them in turn: %d', async (status) => {
    const { personality } = fragile(status);
    await using test = await start(personality);

    await Promise.all(
      Array.from({ length: 8 }, (_, index) => test.repository.pushManifest(image, [tagName(`t${index}`)])),
    );

    expect(test.server.store.tags.size).toBe(8);
    expect(test.client.registry.learned).toMatchObject({ serialManifests: true });
  });

  it('gets the one that failed again only when the others, which were under way, are through', async () => {
    let now = 0;
    await using test = await start(async (seen, next) => {
      if (seen.method !== 'PUT') return next();
      now++;
      // The first is under way for a while after the second was refused.
      if (now === 1) await new Promise((resolve) => setTimeout(resolve, 100));
      const reply = now > 1 && seen.path.endsWith('t1') ? errorReply(409, 'UNKNOWN', 'exists') : await next();
      now--;
      return reply;
    });
    const first = test.repository.pushManifest(image, [tagName('t0')]);
    await vi.waitUntil(() => now === 1);
    await test.repository.pushManifest(image, [tagName('t1')]);
    await first;
    expect(test.server.store.tags.size).toBe(2);
  });

  it('is learned from a manifest that it takes when asked again, as Pulp loses sight of blobs', async () => {
    let refused = 0;
    await using test = await start(async (seen, next) => {
      if (seen.path.endsWith('/t1') && refused++ === 0) return errorReply(400, 'MANIFEST_INVALID', 'manifest invalid');
      return next();
    });
    await Promise.all(['t0', 't1', 't2'].map((tag) => test.repository.pushManifest(image, [tagName(tag)])));
    expect(test.server.store.tags.size).toBe(3);
    expect(test.client.registry.learned).toMatchObject({ serialManifests: true });
  });

  it('is not taken for one where it refuses a manifest that is asked for again, or came alone', async () => {
    await using test = await start(() => errorReply(400, 'MANIFEST_INVALID', 'manifest invalid'));
    const push = (tag: TagName) => test.repository.pushManifest(image, [tag]);
    const outcomes = await Promise.allSettled(tags.map(push));
    await expect(push(tagName('alone'))).rejects.toMatchObject({ code: 'E_MANIFEST_REFUSED' });
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(test.client.registry.learned.serialManifests).toBeUndefined();
    expect(test.server.seen('PUT /v2/apps/api/manifests/alone')).toHaveLength(1);
  });

  it('gets them in turn from the start where it is known for that', async () => {
    const { personality, most } = fragile(409);
    await using test = await start(personality, { registry: { capabilities: { serialManifests: true } } });

    await Promise.all(tags.map((tag) => test.repository.pushManifest(image, [tag])));

    expect(most()).toBe(1);
    expect(test.server.log).toHaveLength(3);
  });

  it('gets them at once elsewhere', async () => {
    let arrived = 0;
    let release = () => {};
    const all = new Promise<void>((resolve) => {
      release = resolve;
    });
    await using test = await start(async (_seen, next) => {
      arrived++;
      if (arrived === 3) release();
      await all;
      return next();
    });
    await Promise.all(tags.map((tag) => test.repository.pushManifest(image, [tag])));
    expect(arrived).toBe(3);
  });
});

describe('work in turn', () => {
  it('keeps the order within a key, goes on after a failure, and does not hold up other keys', async () => {
    const turns = new InTurn<string>();
    const done: string[] = [];
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const first = turns.run('a', async () => {
      await gate;
      done.push('a1');
      throw new Error('a1 failed');
    });
    const second = turns.run('a', async () => done.push('a2'));
    await turns.run('b', async () => done.push('b1'));
    open();

    await expect(first).rejects.toThrow('a1 failed');
    await second;
    expect(done).toEqual(['b1', 'a1', 'a2']);
  });
});
