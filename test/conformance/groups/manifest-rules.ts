import { strict as assert } from 'node:assert';
import { group } from '../case.ts';
import { descriptor, freshBlob, manifestOf, mediaTypes } from '../content.ts';
import { expectBytes, expectError, expectRefused, expectStatus, header } from '../expect.ts';
import { artifact, image, listOf } from '../samples.ts';
import { getManifest, pushManifest, pushParts, putManifest, tagsOf } from '../steps.ts';

/** Distribution specification, "Pushing manifests" (end-7a) and "Pulling manifests" (end-3). */
export const manifestRules = group('manifest', {
  async 'an absent tag is 404'(registry) {
    expectError(
      await getManifest(registry, registry.repository(), 'absent'),
      [404],
      'MANIFEST_UNKNOWN',
      'NAME_UNKNOWN',
    );
  },
  async 'an absent digest is 404'(registry) {
    const answer = await getManifest(registry, registry.repository(), image().digest);
    expectError(answer, [404], 'MANIFEST_UNKNOWN', 'NAME_UNKNOWN');
  },
  async 'HEAD of an absent tag is 404 without a body'(registry) {
    const answer = await getManifest(registry, registry.repository(), 'absent', 'HEAD');
    expectStatus(answer, 404);
    assert.equal(answer.body.byteLength, 0);
  },
  async 'HEAD of an absent digest is 404'(registry) {
    expectStatus(await getManifest(registry, registry.repository(), image().digest, 'HEAD'), 404);
  },
  async 'a tag that was pushed twice names the second manifest'(registry) {
    const [repository, first, second] = [registry.repository(), image(), image()];
    await pushManifest(registry, repository, first, 'moving');
    await pushManifest(registry, repository, second, 'moving');
    expectBytes(await getManifest(registry, repository, 'moving'), second.bytes);
    expectBytes(await getManifest(registry, repository, first.digest), first.bytes);
    assert.deepEqual(await tagsOf(registry, repository), ['moving']);
  },
  async 'a tag moves from an image to an index'(registry) {
    const [repository, first] = [registry.repository(), image()];
    const second = listOf([first]);
    await pushManifest(registry, repository, first, 'moving');
    await pushManifest(registry, repository, second, 'moving');
    const answer = await getManifest(registry, repository, 'moving');
    expectBytes(answer, second.bytes);
    assert.equal(header(answer, 'content-type').split(';')[0], mediaTypes.index);
  },
  async 'the same manifest under two tags'(registry) {
    const [repository, manifest] = [registry.repository(), image()];
    await pushManifest(registry, repository, manifest, 'one');
    expectStatus(await putManifest(registry, repository, 'two', manifest), 201);
    assert.deepEqual([...(await tagsOf(registry, repository))].sort(), ['one', 'two']);
  },
  async 'pushing the same again is no error'(registry) {
    const [repository, manifest] = [registry.repository(), image()];
    await pushManifest(registry, repository, manifest, 'same');
    expectStatus(await putManifest(registry, repository, 'same', manifest), 201);
    expectStatus(await putManifest(registry, repository, manifest.digest, manifest), 201);
  },
  async 'the answer to a push names the digest'(registry) {
    const [repository, manifest] = [registry.repository(), image()];
    const answer = await pushManifest(registry, repository, manifest, 'named');
    assert.equal(header(answer, 'docker-content-digest'), manifest.digest);
  },
  async 'a push under the digest of something else is refused'(registry) {
    const [repository, manifest, other] = [registry.repository(), image(), image()];
    await pushParts(registry, repository, manifest);
    expectStatus(await putManifest(registry, repository, other.digest, manifest), 400);
    expectStatus(await getManifest(registry, repository, manifest.digest), 404);
    expectStatus(await getManifest(registry, repository, other.digest), 404);
  },
  async 'a manifest with one byte changed does not match its digest'(registry) {
    const [repository, manifest] = [registry.repository(), image()];
    await pushParts(registry, repository, manifest);
    const bytes = Buffer.from(manifest.bytes.toString().replace('linux', 'linuy') + ' ');
    expectStatus(await putManifest(registry, repository, manifest.digest, { ...manifest, bytes }), 400);
  },
  async 'it is not seen from a repository that it was not pushed to'(registry) {
    const manifest = image();
    await pushManifest(registry, registry.repository(), manifest, 'here');
    const elsewhere = registry.repository();
    expectStatus(await getManifest(registry, elsewhere, manifest.digest), 404);
    expectStatus(await getManifest(registry, elsewhere, 'here'), 404);
  },
  async 'a missing layer is refused by name'(registry) {
    const [repository, manifest] = [registry.repository(), image()];
    const answer = await putManifest(registry, repository, 'incomplete', manifest);
    expectError(answer, [400, 404], 'MANIFEST_BLOB_UNKNOWN', 'BLOB_UNKNOWN');
    expectStatus(await getManifest(registry, repository, 'incomplete'), 404);
  },
  async 'a missing child of an index is refused'(registry) {
    const [repository, list] = [registry.repository(), listOf([image()])];
    expectRefused(await putManifest(registry, repository, 'incomplete', list));
    expectStatus(await getManifest(registry, repository, 'incomplete'), 404);
  },
  async 'a layer that only another repository holds is refused'(registry) {
    const manifest = image();
    await pushParts(registry, registry.repository(), manifest);
    expectRefused(await putManifest(registry, registry.repository(), 'elsewhere', manifest));
  },
  async 'a missing subject is accepted'(registry) {
    const referrer = artifact({ subject: image() });
    await pushManifest(registry, registry.repository(), referrer, 'early');
  },
  async 'text that is not JSON is refused'(registry) {
    const manifest = manifestOf(mediaTypes.image, 'this is no manifest');
    expectError(await putManifest(registry, registry.repository(), 'bad', manifest), [400], 'MANIFEST_INVALID');
  },
  async 'an empty body is refused'(registry) {
    expectRefused(await putManifest(registry, registry.repository(), 'bad', manifestOf(mediaTypes.image, '')));
  },
  async 'a JSON list is refused'(registry) {
    expectRefused(await putManifest(registry, registry.repository(), 'bad', manifestOf(mediaTypes.image, '[]')));
  },
  async 'JSON null is refused'(registry) {
    expectRefused(await putManifest(registry, registry.repository(), 'bad', manifestOf(mediaTypes.image, 'null')));
  },
  async 'a cut document is refused'(registry) {
    const [repository, manifest] = [registry.repository(), image()];
    await pushParts(registry, repository, manifest);
    const bytes = manifest.bytes.subarray(0, -1);
    expectRefused(await putManifest(registry, repository, 'bad', { ...manifest, bytes }));
  },
  async 'a Content-Type that contradicts the mediaType field is refused'(registry) {
    const [repository, manifest] = [registry.repository(), image()];
    await pushParts(registry, repository, manifest);
    expectRefused(await putManifest(registry, repository, 'bad', { ...manifest, mediaType: mediaTypes.index }));
  },
  async 'a manifest with a malformed digest inside is refused'(registry) {
    const config = { mediaType: mediaTypes.config, digest: 'sha256:../../etc/passwd', size: 2 };
    const manifest = manifestOf(mediaTypes.image, {
      schemaVersion: 2,
      mediaType: mediaTypes.image,
      config,
      layers: [],
    });
    expectRefused(await putManifest(registry, registry.repository(), 'bad', manifest));
  },
  async 'an index with a malformed digest inside is refused'(registry) {
    const entry = { mediaType: mediaTypes.image, digest: 'sha256:short', size: 2 };
    const list = manifestOf(mediaTypes.index, { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [entry] });
    expectRefused(await putManifest(registry, registry.repository(), 'bad', list));
  },
  async 'a manifest whose layers are no list is refused'(registry) {
    const config = freshBlob(4);
    const document = {
      schemaVersion: 2,
      mediaType: mediaTypes.image,
      config: descriptor(mediaTypes.config, config),
      layers: {},
    };
    expectRefused(await putManifest(registry, registry.repository(), 'bad', manifestOf(mediaTypes.image, document)));
  },
  async 'four mebibytes are accepted'(registry) {
    const [repository, frame] = [registry.repository(), image()];
    const room = 4 * 1024 * 1024 - frame.bytes.byteLength;
    const bytes = Buffer.concat([frame.bytes, Buffer.alloc(room, ' ')]);
    const manifest = manifestOf(mediaTypes.image, bytes.toString(), { blobs: frame.blobs });
    await pushManifest(registry, repository, manifest, 'large');
    expectBytes(await getManifest(registry, repository, 'large'), bytes);
  },
  async 'sixteen mebibytes are stored or refused, never a server error'(registry) {
    const bytes = `{"schemaVersion":2,"x":"${'y'.repeat(16 * 1024 * 1024)}"}`;
    const answer = await putManifest(registry, registry.repository(), 'huge', manifestOf(mediaTypes.image, bytes));
    if (answer.status !== 201) expectRefused(answer);
  },
  async 'an Accept of anything finds an image'(registry) {
    const [repository, manifest] = [registry.repository(), image()];
    await pushManifest(registry, repository, manifest, 'any');
    const path = `/v2/${repository}/manifests/any`;
    expectBytes(await registry.send({ method: 'GET', path, headers: { accept: '*/*' } }), manifest.bytes);
  },
  async 'no Accept finds an image'(registry) {
    const [repository, manifest] = [registry.repository(), image()];
    await pushManifest(registry, repository, manifest, 'any');
    expectBytes(await registry.send({ method: 'GET', path: `/v2/${repository}/manifests/any` }), manifest.bytes);
  },
  async 'twenty tags pushed at once are all there'(registry) {
    const [repository, manifest] = [registry.repository(), image()];
    await pushParts(registry, repository, manifest);
    const tags = Array.from({ length: 20 }, (_, at) => `t${String(at).padStart(2, '0')}`);
    const answers = await Promise.all(tags.map((tag) => putManifest(registry, repository, tag, manifest)));
    for (const answer of answers) expectStatus(answer, 201);
    assert.deepEqual(await tagsOf(registry, repository), tags);
  },
  async 'whoever reads a moving tag sees one whole manifest or the other'(registry) {
    const [repository, one, two] = [registry.repository(), image(), image()];
    await pushManifest(registry, repository, one, 'moving');
    await pushManifest(registry, repository, two);
    const moves = (async () => {
      for (const manifest of [two, one, two, one, two]) await putManifest(registry, repository, 'moving', manifest);
    })();
    const reads = await Promise.all(Array.from({ length: 20 }, () => getManifest(registry, repository, 'moving')));
    await moves;
    for (const read of reads) {
      expectStatus(read, 200);
      assert.ok(read.body.equals(one.bytes) || read.body.equals(two.bytes));
    }
  },
});
