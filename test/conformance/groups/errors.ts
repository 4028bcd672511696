import { strict as assert } from 'node:assert';
import { group } from '../case.ts';
import { freshBlob, manifestOf, mediaTypes } from '../content.ts';
import { expectError, expectStatus, header, json } from '../expect.ts';
import { image } from '../samples.ts';
import { commit, getManifest, pushManifest, putManifest, startUpload } from '../steps.ts';

/** Distribution specification, "Error codes": the body's form and which code stands for what. */
export const errors = group('error', {
  async 'a body is JSON and says so'(registry) {
    const answer = await getManifest(registry, registry.repository(), 'absent');
    assert.match(header(answer, 'content-type'), /^application\/json/);
    const { errors: list } = json(answer) as { errors: readonly Record<string, unknown>[] };
    assert.ok(list.length > 0);
    for (const error of list) assert.match(String(error['code']), /^[A-Z_]+$/);
  },
  async 'an unknown blob'(registry) {
    const repository = registry.repository();
    await pushManifest(registry, repository, image());
    const path = `/v2/${repository}/blobs/${freshBlob().digest}`;
    expectError(await registry.send({ method: 'GET', path }), [404], 'BLOB_UNKNOWN');
  },
  async 'an unknown manifest'(registry) {
    const repository = registry.repository();
    await pushManifest(registry, repository, image());
    expectError(await getManifest(registry, repository, 'absent'), [404], 'MANIFEST_UNKNOWN');
  },
  async 'an unknown upload'(registry) {
    const location = await startUpload(registry, registry.repository());
    const blob = freshBlob();
    expectStatus(await commit(registry, location, blob.digest, blob.bytes), 201);
    const answer = await registry.send({ method: 'PATCH', path: location, body: blob.bytes });
    expectError(answer, [404, 400], 'BLOB_UPLOAD_UNKNOWN', 'BLOB_UPLOAD_INVALID');
  },
  async 'a digest that does not match'(registry) {
    const location = await startUpload(registry, registry.repository());
    expectError(await commit(registry, location, freshBlob().digest, freshBlob().bytes), [400], 'DIGEST_INVALID');
  },
  async 'a manifest that is none'(registry) {
    const manifest = manifestOf(mediaTypes.image, '{');
    expectError(await putManifest(registry, registry.repository(), 'x', manifest), [400], 'MANIFEST_INVALID');
  },
  async 'a manifest whose layers are missing names each of them'(registry) {
    const manifest = image({ layers: 3 });
    const answer = await putManifest(registry, registry.repository(), 'x', manifest);
    expectError(answer, [400, 404], 'MANIFEST_BLOB_UNKNOWN');
    for (const blob of manifest.blobs) assert.ok(answer.body.includes(blob.digest), `${blob.digest} is not named`);
  },
  async 'an answer to HEAD has no body'(registry) {
    const path = `/v2/${registry.repository()}/blobs/${freshBlob().digest}`;
    const answer = await registry.send({ method: 'HEAD', path });
    expectStatus(answer, 404);
    assert.equal(answer.body.byteLength, 0);
  },
  async 'after an error the connection can be used again'(registry) {
    const repository = registry.repository();
    for (let at = 0; at < 5; at++) {
      const answer = await registry.send({
        method: 'PUT',
        path: `/v2/${repository}/manifests/.bad`,
        body: Buffer.alloc(100_000),
      });
      assert.ok(answer.status >= 400 && answer.status < 500);
    }
    expectStatus(await registry.send({ method: 'GET', path: '/v2/' }), 200);
  },
});
