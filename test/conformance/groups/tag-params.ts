import { strict as assert } from 'node:assert';
import { group } from '../case.ts';
import { expectBytes, expectRefused, expectStatus, header } from '../expect.ts';
import { image, listOf } from '../samples.ts';
import { getManifest, pushManifest, pushParts, putManifest, tagsOf } from '../steps.ts';
import type { Answer } from '../wire.ts';

/** Development text of the distribution specification: several tags with one push of a manifest by digest (end-7b). */
export const tagParameters = group('tag parameters', {
  async 'one tag beside the digest'(registry) {
    const [repository, manifest] = [registry.repository(), image()];
    await pushParts(registry, repository, manifest);
    const answer = await putManifest(registry, repository, manifest.digest, manifest, '?tag=one');
    expectStatus(answer, 201);
    assert.deepEqual(tagsSet(answer), ['one']);
    expectBytes(await getManifest(registry, repository, 'one'), manifest.bytes);
  },
  async 'ten tags at once'(registry) {
    const [repository, manifest] = [registry.repository(), image()];
    const tags = Array.from({ length: 10 }, (_, at) => `t${at}`);
    await pushParts(registry, repository, manifest);
    const query = `?${tags.map((tag) => `tag=${tag}`).join('&')}`;
    const answer = await putManifest(registry, repository, manifest.digest, manifest, query);
    expectStatus(answer, 201);
    assert.deepEqual([...tagsSet(answer)].sort(), tags);
    assert.deepEqual(await tagsOf(registry, repository), tags);
  },
  async 'of an index'(registry) {
    const [repository, list] = [registry.repository(), listOf([image()])];
    await pushParts(registry, repository, list);
    expectStatus(await putManifest(registry, repository, list.digest, list, '?tag=x&tag=y'), 201);
    assert.deepEqual(await tagsOf(registry, repository), ['x', 'y']);
  },
  async 'of a manifest under sha512'(registry) {
    const [repository, manifest] = [registry.repository(), image({}, 'sha512')];
    await pushParts(registry, repository, manifest);
    expectStatus(await putManifest(registry, repository, manifest.digest, manifest, '?tag=wide'), 201);
    expectBytes(await getManifest(registry, repository, 'wide'), manifest.bytes);
    assert.equal(
      header(await getManifest(registry, repository, 'wide', 'HEAD'), 'docker-content-digest'),
      manifest.digest,
    );
  },
  async 'a tag that named something else moves'(registry) {
    const [repository, before, after] = [registry.repository(), image(), image()];
    await pushManifest(registry, repository, before, 'moving');
    await pushParts(registry, repository, after);
    expectStatus(await putManifest(registry, repository, after.digest, after, '?tag=moving'), 201);
    expectBytes(await getManifest(registry, repository, 'moving'), after.bytes);
  },
  async 'the same tag twice is set once'(registry) {
    const [repository, manifest] = [registry.repository(), image()];
    await pushParts(registry, repository, manifest);
    expectStatus(await putManifest(registry, repository, manifest.digest, manifest, '?tag=one&tag=one'), 201);
    assert.deepEqual(await tagsOf(registry, repository), ['one']);
  },
  async 'a tag that is none is refused, and nothing is stored'(registry) {
    const [repository, manifest] = [registry.repository(), image()];
    await pushParts(registry, repository, manifest);
    expectRefused(await putManifest(registry, repository, manifest.digest, manifest, '?tag=good&tag=.bad'));
    expectStatus(await getManifest(registry, repository, 'good'), 404);
  },
  async 'of another digest set no tag'(registry) {
    const [repository, manifest] = [registry.repository(), image()];
    await pushParts(registry, repository, manifest);
    expectStatus(await putManifest(registry, repository, image().digest, manifest, '?tag=wrong'), 400);
    expectStatus(await getManifest(registry, repository, 'wrong'), 404);
  },
});

/** `OCI-Tag`, once with a list or once a tag. */
function tagsSet(answer: Answer): readonly string[] {
  return header(answer, 'oci-tag')
    .split(',')
    .map((tag) => tag.trim());
}
