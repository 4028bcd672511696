import { strict as assert } from 'node:assert';
import { type Case, type CaseFunction, group } from '../case.ts';
import { type Algorithm, algorithms, type Blob, freshBlob } from '../content.ts';
import { expectRefused, expectStatus, header } from '../expect.ts';
import {
  commit,
  expectBlob,
  expectNoBlob,
  hashedWith,
  locationOf,
  sendChunk,
  startUpload,
  withDigest,
} from '../steps.ts';
import type { Target } from '../target.ts';
import type { Answer } from '../wire.ts';

/** Distribution specification, "Pushing a blob in chunks" (end-5, end-13) and "Cancel a blob upload" (end-14). */
export const blobChunks: readonly Case[] = algorithms.flatMap((algorithm) =>
  group(`${algorithm} chunks`, { ...inOrder(algorithm), ...outOfOrder(algorithm), ...sessions(algorithm) }),
);

const third = 1000;

interface Upload {
  readonly repository: string;
  readonly blob: Blob;
  readonly parts: readonly [Buffer, Buffer, Buffer];
  location: string;
}

async function begin(registry: Target, algorithm: Algorithm): Promise<Upload> {
  const repository = registry.repository();
  const blob = freshBlob(3 * third, algorithm);
  const parts = [0, 1, 2].map((at) => blob.bytes.subarray(at * third, (at + 1) * third)) as [Buffer, Buffer, Buffer];
  return { repository, blob, parts, location: await startUpload(registry, repository, hashedWith(algorithm)) };
}

/** Sends a part where it belongs and follows the Location. */
async function part(registry: Target, upload: Upload, at: 0 | 1 | 2): Promise<void> {
  const answer = await sendChunk(registry, upload.location, upload.parts[at], at * third);
  expectStatus(answer, 202);
  assert.equal(header(answer, 'range'), `0-${(at + 1) * third - 1}`);
  upload.location = locationOf(registry, answer);
}

function inOrder(algorithm: Algorithm): Record<string, CaseFunction> {
  return {
    async 'one chunk, then the commit'(registry) {
      const upload = await begin(registry, algorithm);
      const answer = await sendChunk(registry, upload.location, upload.blob.bytes, 0);
      expectStatus(answer, 202);
      assert.equal(header(answer, 'range'), `0-${3 * third - 1}`);
      expectStatus(await commit(registry, locationOf(registry, answer), upload.blob.digest), 201);
      await expectBlob(registry, upload.repository, upload.blob);
    },
    async 'one PATCH without a range, then the commit'(registry) {
      const upload = await begin(registry, algorithm);
      const answer = await registry.send({ method: 'PATCH', path: upload.location, body: upload.blob.bytes });
      expectStatus(answer, 202);
      expectStatus(await commit(registry, locationOf(registry, answer), upload.blob.digest), 201);
      await expectBlob(registry, upload.repository, upload.blob);
    },
    async 'a stream of unknown length, then the commit'(registry) {
      const upload = await begin(registry, algorithm);
      const answer = await registry.send({
        method: 'PATCH',
        path: upload.location,
        body: upload.parts,
        headers: { 'content-type': 'application/octet-stream' },
      });
      expectStatus(answer, 202);
      expectStatus(await commit(registry, locationOf(registry, answer), upload.blob.digest), 201);
      await expectBlob(registry, upload.repository, upload.blob);
    },
    async 'three chunks, then the commit'(registry) {
      const upload = await begin(registry, algorithm);
      for (const at of [0, 1, 2] as const) await part(registry, upload, at);
      expectStatus(await commit(registry, upload.location, upload.blob.digest), 201);
      await expectBlob(registry, upload.repository, upload.blob);
    },
    async 'two chunks, and the third in the commit'(registry) {
      const upload = await begin(registry, algorithm);
      await part(registry, upload, 0);
      await part(registry, upload, 1);
      expectStatus(await commitPart(registry, upload, 2), 201);
      await expectBlob(registry, upload.repository, upload.blob);
    },
    async 'the same chunks under another digest are refused'(registry) {
      const upload = await begin(registry, algorithm);
      for (const at of [0, 1, 2] as const) await part(registry, upload, at);
      const other = freshBlob(10, algorithm);
      expectStatus(await commit(registry, upload.location, other.digest), 400);
      await expectNoBlob(registry, upload.repository, other.digest);
    },
    async 'a commit before the last chunk is refused'(registry) {
      const upload = await begin(registry, algorithm);
      await part(registry, upload, 0);
      expectRefused(await commit(registry, upload.location, upload.blob.digest));
      await expectNoBlob(registry, upload.repository, upload.blob.digest);
    },
  };
}

function outOfOrder(algorithm: Algorithm): Record<string, CaseFunction> {
  return {
    async 'the second chunk first is 416'(registry) {
      const upload = await begin(registry, algorithm);
      expectStatus(await sendChunk(registry, upload.location, upload.parts[1], third), 416);
    },
    async 'the first chunk twice is 416'(registry) {
      const upload = await begin(registry, algorithm);
      await part(registry, upload, 0);
      expectStatus(await sendChunk(registry, upload.location, upload.parts[0], 0), 416);
    },
    async 'a chunk left out is 416'(registry) {
      const upload = await begin(registry, algorithm);
      await part(registry, upload, 0);
      expectStatus(await sendChunk(registry, upload.location, upload.parts[2], 2 * third), 416);
    },
    async 'a chunk that overlaps the last is 416'(registry) {
      const upload = await begin(registry, algorithm);
      await part(registry, upload, 0);
      expectStatus(await sendChunk(registry, upload.location, upload.parts[1], third - 1), 416);
    },
    async 'a last chunk out of order in the commit is 416'(registry) {
      const upload = await begin(registry, algorithm);
      await part(registry, upload, 0);
      expectStatus(await commitPart(registry, upload, 2), 416);
      await expectNoBlob(registry, upload.repository, upload.blob.digest);
    },
    async 'after a 416 the right chunk goes on'(registry) {
      const upload = await begin(registry, algorithm);
      await part(registry, upload, 0);
      expectStatus(await sendChunk(registry, upload.location, upload.parts[2], 2 * third), 416);
      await part(registry, upload, 1);
      await part(registry, upload, 2);
      expectStatus(await commit(registry, upload.location, upload.blob.digest), 201);
      await expectBlob(registry, upload.repository, upload.blob);
    },
  };
}

function sessions(algorithm: Algorithm): Record<string, CaseFunction> {
  return {
    async 'the session tells how far it is'(registry) {
      const upload = await begin(registry, algorithm);
      await part(registry, upload, 0);
      const answer = await registry.send({ method: 'GET', path: upload.location });
      expectStatus(answer, 204);
      assert.equal(header(answer, 'range'), `0-${third - 1}`);
      header(answer, 'location');
    },
    async 'the session is gone after the commit'(registry) {
      const upload = await begin(registry, algorithm);
      expectStatus(await commit(registry, upload.location, upload.blob.digest, upload.blob.bytes), 201);
      expectStatus(await registry.send({ method: 'GET', path: upload.location }), 404);
    },
    async 'a session that was not written to can be asked'(registry) {
      const upload = await begin(registry, algorithm);
      expectStatus(await registry.send({ method: 'GET', path: upload.location }), 204);
    },
    async 'a cancelled upload is gone'(registry) {
      const upload = await begin(registry, algorithm);
      await part(registry, upload, 0);
      expectStatus(await registry.send({ method: 'DELETE', path: upload.location }), 204);
      expectStatus(await registry.send({ method: 'GET', path: upload.location }), 404);
    },
    async 'a cancelled upload takes no chunk and no commit'(registry) {
      const upload = await begin(registry, algorithm);
      expectStatus(await registry.send({ method: 'DELETE', path: upload.location }), 204);
      expectStatus(await sendChunk(registry, upload.location, upload.parts[0], 0), 404);
      expectStatus(await commit(registry, upload.location, upload.blob.digest, upload.blob.bytes), 404);
      await expectNoBlob(registry, upload.repository, upload.blob.digest);
    },
    async 'a session cancelled twice is 404 the second time'(registry) {
      const upload = await begin(registry, algorithm);
      expectStatus(await registry.send({ method: 'DELETE', path: upload.location }), 204);
      expectStatus(await registry.send({ method: 'DELETE', path: upload.location }), 404);
    },
    async 'two sessions in one repository do not mix'(registry) {
      const [one, two] = [await begin(registry, algorithm), await begin(registry, algorithm)];
      for (const at of [0, 1, 2] as const) {
        await part(registry, one, at);
        await part(registry, two, at);
      }
      expectStatus(await commit(registry, two.location, two.blob.digest), 201);
      expectStatus(await commit(registry, one.location, one.blob.digest), 201);
      await expectBlob(registry, one.repository, one.blob);
      await expectBlob(registry, two.repository, two.blob);
    },
    async 'a chunk that broke off can be resumed where the session says'(registry) {
      const upload = await begin(registry, algorithm);
      await part(registry, upload, 0);
      const headers = { 'content-range': `${third}-${3 * third - 1}` };
      await registry.wire.sendAndBreak({ method: 'PATCH', path: upload.location, headers }, upload.parts[1], 2 * third);
      const rest = await sendRest(registry, upload);
      expectStatus(await commit(registry, locationOf(registry, rest), upload.blob.digest), 201);
      await expectBlob(registry, upload.repository, upload.blob);
    },
  };
}

/**
 * Sends what the session says it lacks. The server may take a moment to see that the other end went away and until then
 * call the session busy, or tell an offset that it then moves on from; so the two steps are repeated for a while.
 */
async function sendRest(registry: Target, upload: Upload): Promise<Answer> {
  const end = Date.now() + 5000;
  for (;;) {
    const status = await registry.send({ method: 'GET', path: upload.location });
    const offset = status.status === 204 ? Number(header(status, 'range').split('-')[1]) + 1 : undefined;
    if (offset !== undefined) {
      upload.location = locationOf(registry, status);
      const rest = await sendChunk(registry, upload.location, upload.blob.bytes.subarray(offset), offset);
      if (rest.status === 202 || Date.now() > end) return rest;
    }
    if (status.status === 404 || Date.now() > end) expectStatus(status, 204);
  }
}

async function commitPart(registry: Target, upload: Upload, at: 0 | 1 | 2): Promise<Answer> {
  const path = withDigest(upload.location, upload.blob.digest);
  const headers = {
    'content-type': 'application/octet-stream',
    'content-range': `${at * third}-${(at + 1) * third - 1}`,
  };
  return await registry.send({ method: 'PUT', path, body: upload.parts[at], headers });
}
