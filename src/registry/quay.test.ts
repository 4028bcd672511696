import { describe, expect, it } from 'vitest';
import {
  blobOf,
  collect,
  manifestOf,
  openTestClient,
  readAll,
  repositoryName,
  someBytes,
  sourceOf,
  tagName,
  withPassword,
} from '../../test/kit/client.ts';
import { type FakeQuay, type FakeQuayOptions, startFakeQuay } from '../../test/kit/quay/index.ts';
import { mediaTypes } from '../oci/media-type.ts';

const api = repositoryName('acme/api');
const os = repositoryName('acme/os');
const v1 = tagName('v1');
const MiB = 1024 * 1024;

/** A Quay with one user, who owns the organisation `acme`, and a client that signs in as that user. */
async function start(options: FakeQuayOptions = {}) {
  const quay = await startFakeQuay(options);
  const call = async (token: string | undefined, path: string, body: object) => {
    const answer = await fetch(`${quay.url}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json() as Promise<Record<string, string>>;
  };
  const user = { username: 'owner', password: 'canary-password', email: 'owner@example.com' };
  const { access_token: token } = await call(undefined, '/user/initialize', { ...user, access_token: true });
  await call(token, '/organization/', { name: 'acme', email: 'acme@example.com' }).catch(() => undefined);
  quay.clearLog();
  const client = openTestClient(quay.host, { credentials: withPassword('owner', 'canary-password') });
  return {
    quay,
    client,
    repository: client.registry.repository(api),
    other: client.registry.repository(os),
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await quay[Symbol.asyncDispose]();
    },
  };
}

function scopesAsked(quay: FakeQuay): readonly string[] {
  return quay.requests
    .filter(({ path }) => path.startsWith('/v2/auth'))
    .flatMap(({ path }) => new URL(path, quay.url).searchParams.getAll('scope'));
}

const config = Buffer.from('{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}');
const layer = someBytes(9 * MiB, 5);
const image = manifestOf({
  schemaVersion: 2,
  mediaType: mediaTypes.ociManifest,
  config: { ...blobOf(config), mediaType: mediaTypes.ociConfig },
  layers: [{ ...blobOf(layer), mediaType: 'application/vnd.oci.image.layer.v1.tar' }],
});

async function push({ repository }: Awaited<ReturnType<typeof start>>) {
  for (const bytes of [config, layer]) await repository.pushBlob(blobOf(bytes), sourceOf(bytes));
  await repository.pushManifest(image, [v1, tagName('v2')]);
}

describe('Quay', () => {
  it('takes an image and gives it back, with one token for writing and reading', async () => {
    await using test = await start();
    await push(test);

    expect(await collect(test.repository.listTags())).toEqual(['v1', 'v2']);
    expect(await test.repository.resolve(v1)).toEqual(image.descriptor);
    expect((await test.repository.fetchManifest(image.descriptor.digest)).descriptor).toEqual(image.descriptor);
    expect((await readAll(await test.repository.openBlob(blobOf(layer), 0))).equals(layer)).toBe(true);
    expect(
      (await readAll(await test.repository.openBlob(blobOf(layer), 8 * MiB))).equals(layer.subarray(8 * MiB)),
    ).toBe(true);
    expect(scopesAsked(test.quay)).toEqual(['repository:acme/api:pull,push']);
  });

  it('gets no repository made by being looked at', async () => {
    await using test = await start();
    const missing = test.client.registry.repository(repositoryName('acme/missing'));

    expect(await missing.resolve(v1).catch(() => undefined)).toBeUndefined();
    await collect(missing.listTags()).catch(() => []);
    await missing.hasBlob(blobOf(layer));
    await missing.listReferrers(image.descriptor.digest).catch(() => []);
    await test.client.registry.granted(repositoryName('acme/missing'));

    expect(test.quay.writes).toEqual([]);
    expect(scopesAsked(test.quay).every((scope) => scope.endsWith(':pull'))).toBe(true);
  });

  it('takes a tag and a manifest away, although it refuses the scope that others want for it', async () => {
    await using test = await start();
    await push(test);

    await test.repository.deleteTag(v1);
    expect(await collect(test.repository.listTags())).toEqual(['v2']);
    await test.repository.deleteManifest(image.descriptor.digest);
    expect(await test.repository.resolve(tagName('v2'))).toBeUndefined();
    expect(scopesAsked(test.quay).filter((scope) => scope.includes('delete')).length).toBeLessThanOrEqual(1);
  });

  it('lists what refers to an image, and gets no fallback tag for it', async () => {
    await using test = await start();
    expect(await test.repository.listReferrers(image.descriptor.digest).catch(() => 'refused')).toEqual([]);
    await push(test);
    const signature = manifestOf({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      config: { ...blobOf(config), mediaType: mediaTypes.ociConfig },
      layers: [],
      subject: image.descriptor,
    });
    await test.repository.pushManifest(signature, []);

    expect((await test.repository.listReferrers(image.descriptor.digest)).map(({ digest }) => digest)).toEqual([
      signature.descriptor.digest,
    ]);
    expect(await collect(test.repository.listTags())).toEqual(['v1', 'v2']);
  });

  it('mounts between repositories of one account', async () => {
    await using test = await start();
    await push(test);

    expect(await test.other.mountBlob(blobOf(layer), test.repository)).toBe(true);
    expect(await test.other.hasBlob(blobOf(layer))).toBe(true);
  });

  it('names the blob that it lacks', async () => {
    await using test = await start();
    await test.repository.pushBlob(blobOf(config), sourceOf(config));

    await expect(test.repository.pushManifest(image, [v1])).rejects.toMatchObject({
      code: 'E_BLOB_MISSING',
      digests: [blobOf(layer).digest],
    });
  });

  it('lists its repositories, although it refuses the scope that others want for it', async () => {
    await using test = await start();
    await push(test);
    expect(await collect(test.client.registry.listRepositories())).toEqual(['acme/api']);
  });

  it('is known for what it is after its first answer', async () => {
    await using test = await start();
    expect(await test.client.registry.ping()).toMatchObject({ product: 'quay', status: 401 });
    expect(await test.repository.acceptsSparseIndexes()).toBeTypeOf('boolean');
  });
});
