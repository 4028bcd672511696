import { strict as assert } from 'node:assert';
import { type Case, type CaseFunction, group } from '../case.ts';
import { digestOf, freshBytes, type Manifest } from '../content.ts';
import { expectBytes, expectStatus, header } from '../expect.ts';
import { type Sample, samples } from '../samples.ts';
import { getManifest, pushManifest, tagsOf } from '../steps.ts';
import type { Target } from '../target.ts';
import type { Answer } from '../wire.ts';

/**
 * Distribution specification, "Pushing manifests" (end-7a), "Pulling manifests" (end-3) and "Deleting manifests" (end-9),
 * over every kind that the image specification knows.
 */
export const manifestKinds: readonly Case[] = samples.flatMap((sample) => group(sample.name, table(sample)));

function table(sample: Sample): Record<string, CaseFunction> {
  return {
    async 'pushed by tag, it is pulled by tag and by digest, byte for byte'(registry) {
      const [repository, manifest, tag] = [registry.repository(), sample.make(), freshTag()];
      const answer = await pushManifest(registry, repository, manifest, tag);
      assert.ok(header(answer, 'location').length > 0);
      for (const reference of [tag, manifest.digest]) {
        expectManifest(await getManifest(registry, repository, reference), manifest);
      }
      assert.deepEqual(await tagsOf(registry, repository), [tag]);
    },
    async 'pushed by digest, it is pulled by digest and has no tag'(registry) {
      const [repository, manifest] = [registry.repository(), sample.make()];
      await pushManifest(registry, repository, manifest);
      expectManifest(await getManifest(registry, repository, manifest.digest), manifest);
      await expectNoTags(registry, repository);
    },
    async 'HEAD tells what GET would'(registry) {
      const [repository, manifest, tag] = [registry.repository(), sample.make(), freshTag()];
      await pushManifest(registry, repository, manifest, tag);
      for (const reference of [tag, manifest.digest]) {
        const answer = await getManifest(registry, repository, reference, 'HEAD');
        expectStatus(answer, 200);
        assert.equal(answer.body.byteLength, 0);
        assert.equal(header(answer, 'content-length'), String(manifest.bytes.byteLength));
        expectNamed(answer, manifest);
      }
    },
    async 'deleted, it is gone under its digest and its tag'(registry) {
      const [repository, manifest, tag] = [registry.repository(), sample.make(), freshTag()];
      await pushManifest(registry, repository, manifest, tag);
      const path = `/v2/${repository}/manifests/${manifest.digest}`;
      expectStatus(await registry.send({ method: 'DELETE', path }), 202);
      for (const reference of [tag, manifest.digest]) {
        expectStatus(await getManifest(registry, repository, reference), 404);
      }
    },
    async 'under its sha512 digest'(registry) {
      const [repository, manifest] = [registry.repository(), sample.make('sha512')];
      await pushManifest(registry, repository, manifest);
      const answer = await getManifest(registry, repository, manifest.digest);
      expectStatus(answer, 200);
      expectBytes(answer, manifest.bytes);
      assert.equal(digestOf(answer.body, 'sha512'), manifest.digest);
    },
  };
}

function expectManifest(answer: Answer, manifest: Manifest): void {
  expectStatus(answer, 200);
  expectBytes(answer, manifest.bytes);
  expectNamed(answer, manifest);
}

function expectNamed(answer: Answer, manifest: Manifest): void {
  assert.equal(header(answer, 'content-type').split(';')[0], manifest.mediaType);
  assert.equal(header(answer, 'docker-content-digest'), manifest.digest);
}

async function expectNoTags(registry: Target, repository: string): Promise<void> {
  const answer = await registry.send({ method: 'GET', path: `/v2/${repository}/tags/list` });
  if (answer.status !== 404) assert.deepEqual(await tagsOf(registry, repository), []);
}

function freshTag(): string {
  return `t-${freshBytes(4).toString('hex')}`;
}
