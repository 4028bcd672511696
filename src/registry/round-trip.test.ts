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
} from '../../test/kit/client.ts';
import { startEmbedded } from '../../test/kit/embedded.ts';
import { mediaTypes } from '../oci/media-type.ts';

const app = repositoryName('apps/api');
const base = repositoryName('base/os');
const MiB = 1024 * 1024;

describe('a whole image through the embedded registry', () => {
  it('comes back as it went, is listed, referred to, mounted and deleted', async () => {
    await using server = await startEmbedded({ delete: true });
    await using client = openTestClient(new URL(server.url).host);
    const [repository, other] = [client.registry.repository(app), client.registry.repository(base)];
    const config = Buffer.from('{}');
    const layers = [someBytes(100, 2), someBytes(9 * MiB, 3)];
    for (const bytes of [config, ...layers]) await repository.pushBlob(blobOf(bytes), sourceOf(bytes, MiB));
    const image = manifestOf({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { ...blobOf(config), mediaType: mediaTypes.ociConfig },
      layers: layers.map((bytes) => blobOf(bytes)),
    });
    const tags = ['v1', 'v1.2', 'latest'].map(tagName);
    await repository.pushManifest(image, tags);

    expect(await collect(repository.listTags())).toEqual(['latest', 'v1', 'v1.2']);
    expect(await repository.resolve(tagName('v1'))).toEqual(image.descriptor);
    expect(Buffer.from((await repository.fetchManifest(tagName('v1'))).bytes).equals(Buffer.from(image.bytes))).toBe(
      true,
    );
    for (const bytes of layers) {
      const read = await readAll(await repository.openBlob(blobOf(bytes), 0));
      expect(read.equals(bytes)).toBe(true);
    }
    expect(await collect(client.registry.listRepositories())).toEqual(['apps/api']);

    const signature = manifestOf({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      artifactType: 'application/vnd.example.signature',
      config: { ...blobOf(config), mediaType: mediaTypes.ociEmpty },
      layers: [],
      subject: image.descriptor,
    });
    await repository.pushManifest(signature, []);
    expect(await repository.listReferrers(image.descriptor.digest)).toMatchObject([
      { digest: signature.descriptor.digest, artifactType: 'application/vnd.example.signature' },
    ]);
    expect(await collect(repository.listTags())).toHaveLength(3);

    expect(await other.mountBlob(blobOf(config), repository)).toBe(true);
    expect(await other.hasBlob(blobOf(config))).toBe(true);

    await repository.deleteTag(tagName('v1'));
    expect(await repository.resolve(tagName('v1'))).toBeUndefined();
    await repository.deleteManifest(signature.descriptor.digest);
    expect(await repository.listReferrers(image.descriptor.digest)).toEqual([]);
  });

  it('says which blobs it lacks when the manifest comes before them', async () => {
    await using server = await startEmbedded();
    await using client = openTestClient(new URL(server.url).host);
    const [config, layer] = [Buffer.from('{}'), someBytes(50)];
    const image = manifestOf({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { ...blobOf(config), mediaType: mediaTypes.ociConfig },
      layers: [blobOf(layer)],
    });
    const failure = await client.registry
      .repository(app)
      .pushManifest(image, [tagName('v1')])
      .catch((error: unknown) => error);

    expect(failure).toMatchObject({ code: 'E_BLOB_MISSING' });
    expect((failure as { digests: string[] }).digests).toContain(blobOf(layer).digest);
  });

  it('may be named by sha512', async () => {
    await using server = await startEmbedded();
    await using client = openTestClient(new URL(server.url).host);
    const bytes = someBytes(5000, 4);
    const repository = client.registry.repository(app);
    await repository.pushBlob(blobOf(bytes, 'sha512'), sourceOf(bytes));

    expect((await readAll(await repository.openBlob(blobOf(bytes, 'sha512'), 0))).equals(bytes)).toBe(true);
  });
});
