import { strict as assert } from 'node:assert';
import { group } from '../case.ts';
import { freshBlob } from '../content.ts';
import { expectBytes, expectError, expectRefused, expectStatus } from '../expect.ts';
import { image, listOf } from '../samples.ts';
import { expectBlob, expectNoBlob, getManifest, pushBlob, pushManifest, putManifest, tagsOf } from '../steps.ts';
import type { Target } from '../target.ts';
import type { Answer } from '../wire.ts';

/** Distribution specification, "Content management" (end-9, end-10), on a registry that allows deleting. */
export const deletes = group('delete', {
  async 'a tag goes and its manifest stays'(registry) {
    const [repository, manifest] = [registry.repository(), image()];
    await pushManifest(registry, repository, manifest, 'goes');
    expectStatus(await remove(registry, repository, 'goes'), 202);
    expectStatus(await getManifest(registry, repository, 'goes'), 404);
    expectBytes(await getManifest(registry, repository, manifest.digest), manifest.bytes);
  },
  async 'a tag goes and the other one stays'(registry) {
    const [repository, manifest] = [registry.repository(), image()];
    await pushManifest(registry, repository, manifest, 'goes');
    await putManifest(registry, repository, 'stays', manifest);
    expectStatus(await remove(registry, repository, 'goes'), 202);
    assert.deepEqual(await tagsOf(registry, repository), ['stays']);
  },
  async 'a manifest takes all its tags along'(registry) {
    const [repository, manifest, other] = [registry.repository(), image(), image()];
    for (const tag of ['a', 'b']) await pushManifest(registry, repository, manifest, tag);
    await pushManifest(registry, repository, other, 'c');
    expectStatus(await remove(registry, repository, manifest.digest), 202);
    assert.deepEqual(await tagsOf(registry, repository), ['c']);
  },
  async 'an index goes and its children stay'(registry) {
    const [repository, child] = [registry.repository(), image()];
    const list = listOf([child]);
    await pushManifest(registry, repository, list, 'list');
    expectStatus(await remove(registry, repository, list.digest), 202);
    expectBytes(await getManifest(registry, repository, child.digest), child.bytes);
  },
  async 'an absent tag is 404'(registry) {
    const repository = registry.repository();
    await pushManifest(registry, repository, image(), 'there');
    expectError(await remove(registry, repository, 'absent'), [404], 'MANIFEST_UNKNOWN');
  },
  async 'an absent manifest is 404'(registry) {
    const repository = registry.repository();
    await pushManifest(registry, repository, image(), 'there');
    expectError(await remove(registry, repository, image().digest), [404], 'MANIFEST_UNKNOWN');
  },
  async 'a manifest of an unknown repository is 404'(registry) {
    expectStatus(await remove(registry, registry.repository(), image().digest), 404);
  },
  async 'a manifest twice is 404 the second time'(registry) {
    const [repository, manifest] = [registry.repository(), image()];
    await pushManifest(registry, repository, manifest);
    expectStatus(await remove(registry, repository, manifest.digest), 202);
    expectStatus(await remove(registry, repository, manifest.digest), 404);
  },
  async 'a deleted manifest can be pushed again'(registry) {
    const [repository, manifest] = [registry.repository(), image()];
    await pushManifest(registry, repository, manifest, 'back');
    expectStatus(await remove(registry, repository, manifest.digest), 202);
    await pushManifest(registry, repository, manifest, 'back');
    expectBytes(await getManifest(registry, repository, 'back'), manifest.bytes);
  },
  async 'a manifest of the same digest elsewhere stays'(registry) {
    const [here, there, manifest] = [registry.repository(), registry.repository(), image()];
    for (const repository of [here, there]) await pushManifest(registry, repository, manifest, 'v1');
    expectStatus(await remove(registry, here, manifest.digest), 202);
    expectBytes(await getManifest(registry, there, 'v1'), manifest.bytes);
  },
  async 'a malformed digest is refused'(registry) {
    const repository = registry.repository();
    await pushManifest(registry, repository, image());
    expectRefused(await remove(registry, repository, 'sha256:baddigeststring'));
  },
  async 'a blob goes'(registry) {
    const [repository, blob] = [registry.repository(), freshBlob()];
    await pushBlob(registry, repository, blob);
    expectStatus(await removeBlob(registry, repository, blob.digest), 202);
    await expectNoBlob(registry, repository, blob.digest);
  },
  async 'a sha512 blob goes'(registry) {
    const [repository, blob] = [registry.repository(), freshBlob(100, 'sha512')];
    await pushBlob(registry, repository, blob);
    expectStatus(await removeBlob(registry, repository, blob.digest), 202);
    await expectNoBlob(registry, repository, blob.digest);
  },
  async 'an absent blob is 404'(registry) {
    const repository = registry.repository();
    await pushBlob(registry, repository, freshBlob());
    expectError(await removeBlob(registry, repository, freshBlob().digest), [404], 'BLOB_UNKNOWN');
  },
  async 'a deleted blob can be pushed again'(registry) {
    const [repository, blob] = [registry.repository(), freshBlob()];
    await pushBlob(registry, repository, blob);
    expectStatus(await removeBlob(registry, repository, blob.digest), 202);
    await pushBlob(registry, repository, blob);
    await expectBlob(registry, repository, blob);
  },
  async 'a blob that was mounted elsewhere stays there'(registry) {
    const [here, there, blob] = [registry.repository(), registry.repository(), freshBlob()];
    for (const repository of [here, there]) await pushBlob(registry, repository, blob);
    expectStatus(await removeBlob(registry, here, blob.digest), 202);
    await expectBlob(registry, there, blob);
    await expectNoBlob(registry, here, blob.digest);
  },
});

async function remove(registry: Target, repository: string, reference: string): Promise<Answer> {
  return await registry.send({ method: 'DELETE', path: `/v2/${repository}/manifests/${reference}` });
}

async function removeBlob(registry: Target, repository: string, digest: string): Promise<Answer> {
  return await registry.send({ method: 'DELETE', path: `/v2/${repository}/blobs/${digest}` });
}
