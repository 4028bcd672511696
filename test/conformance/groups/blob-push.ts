import { strict as assert } from 'node:assert';
import { type Case, type CaseFunction, group } from '../case.ts';
import { type Algorithm, algorithms, blobOf, emptyObject, freshBlob } from '../content.ts';
import { expectBytes, expectError, expectRefused, expectStatus, header } from '../expect.ts';
import {
  commit,
  expectBlob,
  expectNoBlob,
  hashedWith,
  locationOf,
  pushBlob,
  startUpload,
  withDigest,
} from '../steps.ts';

/** Distribution specification, "Pushing blobs": in one piece (end-4a, 4b, 6), and pulling (end-2). */
export const blobPush: readonly Case[] = algorithms.flatMap((algorithm) =>
  group(`${algorithm} blob`, table(algorithm)),
);

function table(algorithm: Algorithm): Record<string, CaseFunction> {
  return {
    async 'GET of an absent blob is 404'(registry) {
      const path = `/v2/${registry.repository()}/blobs/${freshBlob(8, algorithm).digest}`;
      expectError(await registry.send({ method: 'GET', path }), [404], 'BLOB_UNKNOWN', 'NAME_UNKNOWN');
    },
    async 'HEAD of an absent blob is 404 without a body'(registry) {
      const path = `/v2/${registry.repository()}/blobs/${freshBlob(8, algorithm).digest}`;
      const answer = await registry.send({ method: 'HEAD', path });
      expectStatus(answer, 404);
      assert.equal(answer.body.byteLength, 0);
    },
    async 'POST then PUT stores it'(registry) {
      const [repository, blob] = [registry.repository(), freshBlob(5000, algorithm)];
      await pushBlob(registry, repository, blob);
      await expectBlob(registry, repository, blob);
    },
    async 'the commit says where the blob is'(registry) {
      const [repository, blob] = [registry.repository(), freshBlob(100, algorithm)];
      const answer = await commit(
        registry,
        await startUpload(registry, repository, hashedWith(algorithm)),
        blob.digest,
        blob.bytes,
      );
      expectStatus(answer, 201);
      const pulled = await registry.send({ method: 'GET', path: locationOf(registry, answer) });
      expectStatus(pulled, 200);
      expectBytes(pulled, blob.bytes);
    },
    async 'one POST with the digest stores it, or opens a session'(registry) {
      const [repository, blob] = [registry.repository(), freshBlob(700, algorithm)];
      const answer = await registry.send({
        method: 'POST',
        path: `/v2/${repository}/blobs/uploads/?digest=${blob.digest}`,
        body: blob.bytes,
        headers: { 'content-type': 'application/octet-stream' },
      });
      expectStatus(answer, 201, 202);
      if (answer.status === 202)
        expectStatus(await commit(registry, locationOf(registry, answer), blob.digest, blob.bytes), 201);
      await expectBlob(registry, repository, blob);
    },
    async 'one POST with another digest stores nothing'(registry) {
      const [repository, blob, other] = [registry.repository(), freshBlob(700, algorithm), freshBlob(700, algorithm)];
      const answer = await registry.send({
        method: 'POST',
        path: `/v2/${repository}/blobs/uploads/?digest=${other.digest}`,
        body: blob.bytes,
        headers: { 'content-type': 'application/octet-stream' },
      });
      if (answer.status !== 202) expectRefused(answer);
      await expectNoBlob(registry, repository, other.digest);
    },
    async 'HEAD gives its size and no body'(registry) {
      const [repository, blob] = [registry.repository(), freshBlob(4321, algorithm)];
      await pushBlob(registry, repository, blob);
      const answer = await registry.send({ method: 'HEAD', path: `/v2/${repository}/blobs/${blob.digest}` });
      expectStatus(answer, 200);
      assert.equal(header(answer, 'content-length'), '4321');
      assert.equal(answer.body.byteLength, 0);
    },
    async 'GET names the digest that was asked for'(registry) {
      const [repository, blob] = [registry.repository(), freshBlob(99, algorithm)];
      await pushBlob(registry, repository, blob);
      const answer = await registry.send({ method: 'GET', path: `/v2/${repository}/blobs/${blob.digest}` });
      assert.equal(header(answer, 'docker-content-digest'), blob.digest);
    },
    async 'HEAD names the digest that was asked for'(registry) {
      const [repository, blob] = [registry.repository(), freshBlob(99, algorithm)];
      await pushBlob(registry, repository, blob);
      const answer = await registry.send({ method: 'HEAD', path: `/v2/${repository}/blobs/${blob.digest}` });
      assert.equal(header(answer, 'docker-content-digest'), blob.digest);
    },
    async 'a blob of no bytes can be pushed and pulled'(registry) {
      const [repository, blob] = [registry.repository(), blobOf(Buffer.alloc(0), algorithm)];
      await pushBlob(registry, repository, blob);
      await expectBlob(registry, repository, blob);
    },
    async 'the empty object {} can be pushed and pulled'(registry) {
      const [repository, blob] = [registry.repository(), emptyObject(algorithm)];
      await pushBlob(registry, repository, blob);
      await expectBlob(registry, repository, blob);
    },
    async 'nine mebibytes in one PUT'(registry) {
      const [repository, blob] = [registry.repository(), freshBlob(9 * 1024 * 1024 + 7, algorithm)];
      await pushBlob(registry, repository, blob);
      await expectBlob(registry, repository, blob);
    },
    async 'pushing it a second time is no error'(registry) {
      const [repository, blob] = [registry.repository(), freshBlob(300, algorithm)];
      await pushBlob(registry, repository, blob);
      await pushBlob(registry, repository, blob);
      await expectBlob(registry, repository, blob);
    },
    async 'eight clients push the same blob at once'(registry) {
      const [repository, blob] = [registry.repository(), freshBlob(200_000, algorithm)];
      await Promise.all(Array.from({ length: 8 }, () => pushBlob(registry, repository, blob)));
      await expectBlob(registry, repository, blob);
    },
    async 'a PUT with chunked transfer encoding stores it'(registry) {
      const [repository, blob] = [registry.repository(), freshBlob(50_000, algorithm)];
      const answer = await registry.send({
        method: 'PUT',
        path: withDigest(await startUpload(registry, repository, hashedWith(algorithm)), blob.digest),
        body: [blob.bytes.subarray(0, 20_000), blob.bytes.subarray(20_000)],
        headers: { 'content-type': 'application/octet-stream' },
      });
      expectStatus(answer, 201);
      await expectBlob(registry, repository, blob);
    },
    async 'a commit under another digest is refused and stores nothing'(registry) {
      const [repository, blob, other] = [registry.repository(), freshBlob(300, algorithm), freshBlob(300, algorithm)];
      const location = await startUpload(registry, repository, hashedWith(algorithm));
      expectError(
        await commit(registry, location, other.digest, blob.bytes),
        [400],
        'DIGEST_INVALID',
        'BLOB_UPLOAD_INVALID',
      );
      await expectNoBlob(registry, repository, other.digest);
    },
    async 'a commit without a digest is refused'(registry) {
      const location = await startUpload(registry, registry.repository(), hashedWith(algorithm));
      const body = freshBlob(10, algorithm).bytes;
      expectRefused(await registry.send({ method: 'PUT', path: location, body }));
    },
    async 'a commit that lacks a byte is refused'(registry) {
      const [repository, blob] = [registry.repository(), freshBlob(300, algorithm)];
      const location = await startUpload(registry, repository, hashedWith(algorithm));
      expectRefused(await commit(registry, location, blob.digest, blob.bytes.subarray(0, 299)));
      await expectNoBlob(registry, repository, blob.digest);
    },
    async 'a commit repeated finds its session gone'(registry) {
      const [repository, blob] = [registry.repository(), freshBlob(300, algorithm)];
      const location = await startUpload(registry, repository, hashedWith(algorithm));
      expectStatus(await commit(registry, location, blob.digest, blob.bytes), 201);
      expectError(
        await commit(registry, location, blob.digest, blob.bytes),
        [404, 400],
        'BLOB_UPLOAD_UNKNOWN',
        'BLOB_UPLOAD_INVALID',
      );
      await expectBlob(registry, repository, blob);
    },
    async 'a commit that breaks off stores nothing'(registry) {
      const [repository, blob] = [registry.repository(), freshBlob(80_000, algorithm)];
      const path = withDigest(await startUpload(registry, repository, hashedWith(algorithm)), blob.digest);
      await registry.wire.sendAndBreak({ method: 'PUT', path }, blob.bytes.subarray(0, 40_000), blob.bytes.byteLength);
      await expectNoBlob(registry, repository, blob.digest);
    },
    async 'it is not seen from a repository that it was not pushed to'(registry) {
      const blob = freshBlob(300, algorithm);
      await pushBlob(registry, registry.repository(), blob);
      await expectNoBlob(registry, registry.repository(), blob.digest);
    },
  };
}
