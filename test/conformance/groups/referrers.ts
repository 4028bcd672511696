import { strict as assert } from 'node:assert';
import { type CaseFunction, group } from '../case.ts';
import { type Descriptor, type Manifest, mediaTypes } from '../content.ts';
import { expectRefused, expectStatus, header, json } from '../expect.ts';
import { artifact, image, listOf } from '../samples.ts';
import { getManifest, nextPage, pushManifest } from '../steps.ts';
import type { Target } from '../target.ts';
import type { Answer } from '../wire.ts';

const sbom = 'application/vnd.example.sbom.v1';
const signature = 'application/vnd.example.signature.v1';

const table: Record<string, CaseFunction> = {
  async 'of an unknown digest are an empty index'(registry) {
    const repository = registry.repository();
    await pushManifest(registry, repository, image());
    assert.deepEqual(await referrersOf(registry, repository, image().digest), []);
  },
  async 'of an unknown repository are no 404'(registry) {
    const answer = await ask(registry, registry.repository(), image().digest);
    expectStatus(answer, 200);
    assert.deepEqual(entriesIn(answer), []);
  },
  async 'of an unknown sha512 digest are an empty index'(registry) {
    const repository = registry.repository();
    await pushManifest(registry, repository, image());
    assert.deepEqual(await referrersOf(registry, repository, image({}, 'sha512').digest), []);
  },
  async 'the answer is an image index'(registry) {
    const repository = registry.repository();
    await pushManifest(registry, repository, image());
    const answer = await ask(registry, repository, image().digest);
    assert.equal(header(answer, 'content-type').split(';')[0], mediaTypes.index);
    const document = json(answer) as { schemaVersion: number; mediaType: string; manifests: unknown };
    assert.equal(document.schemaVersion, 2);
    assert.equal(document.mediaType, mediaTypes.index);
    assert.ok(Array.isArray(document.manifests));
  },
  async 'an artifact is listed with all of its descriptor'(registry) {
    const [repository, subject] = [registry.repository(), image()];
    const referrer = artifact({ subject, type: sbom, annotations: { 'org.example.a': 'ü', b: '' } });
    await pushManifest(registry, repository, subject, 'v1');
    await pushManifest(registry, repository, referrer);
    const [entry] = await referrersOf(registry, repository, subject.digest);
    assert.deepEqual(entry, {
      mediaType: mediaTypes.image,
      digest: referrer.digest,
      size: referrer.bytes.byteLength,
      artifactType: sbom,
      annotations: { 'org.example.a': 'ü', b: '' },
    });
  },
  async 'the push says that the subject was seen'(registry) {
    const [repository, subject] = [registry.repository(), image()];
    await pushManifest(registry, repository, subject);
    const answer = await pushManifest(registry, repository, artifact({ subject }));
    assert.equal(header(answer, 'oci-subject'), subject.digest);
  },
  async 'a push without a subject says nothing of one'(registry) {
    const answer = await pushManifest(registry, registry.repository(), image());
    assert.equal(answer.headers['oci-subject'], undefined);
  },
  async 'the config type stands in for an absent artifactType'(registry) {
    const [repository, subject] = [registry.repository(), image()];
    const referrer = image({ fields: { subject: subjectField(subject) } });
    await pushManifest(registry, repository, referrer);
    const [entry] = await referrersOf(registry, repository, subject.digest);
    assert.equal(entry?.['artifactType'], mediaTypes.config);
  },
  async 'an index is listed with its artifactType'(registry) {
    const [repository, subject] = [registry.repository(), image()];
    const referrer = listOf([image()], mediaTypes.index, 'sha256', {
      artifactType: sbom,
      subject: subjectField(subject),
    });
    await pushManifest(registry, repository, referrer);
    const [entry] = await referrersOf(registry, repository, subject.digest);
    assert.equal(entry?.digest, referrer.digest);
    assert.equal(entry?.mediaType, mediaTypes.index);
    assert.equal(entry?.['artifactType'], sbom);
  },
  async 'an index without artifactType is listed without one'(registry) {
    const [repository, subject] = [registry.repository(), image()];
    const referrer = listOf([], mediaTypes.index, 'sha256', { subject: subjectField(subject) });
    await pushManifest(registry, repository, referrer);
    const [entry] = await referrersOf(registry, repository, subject.digest);
    assert.equal(entry?.digest, referrer.digest);
    assert.equal(entry?.['artifactType'], undefined);
  },
  async 'of a subject that came later'(registry) {
    const [repository, subject] = [registry.repository(), image()];
    const referrer = artifact({ subject });
    await pushManifest(registry, repository, referrer);
    await pushManifest(registry, repository, subject, 'late');
    assert.deepEqual(digests(await referrersOf(registry, repository, subject.digest)), [referrer.digest]);
  },
  async 'of a subject under sha512'(registry) {
    const [repository, subject] = [registry.repository(), image({}, 'sha512')];
    const referrer = artifact({ subject });
    await pushManifest(registry, repository, referrer);
    assert.deepEqual(digests(await referrersOf(registry, repository, subject.digest)), [referrer.digest]);
  },
  async 'filtered by type'(registry) {
    const [repository, subject] = [registry.repository(), image()];
    const [one, two] = [artifact({ subject, type: sbom }), artifact({ subject, type: signature })];
    for (const referrer of [one, two]) await pushManifest(registry, repository, referrer);
    const answer = await ask(registry, repository, subject.digest, `?artifactType=${encodeURIComponent(signature)}`);
    const applied = header(answer, 'oci-filters-applied')
      .split(',')
      .map((name) => name.trim());
    assert.deepEqual(applied, ['artifactType']);
    assert.deepEqual(digests(entriesIn(answer)), [two.digest]);
  },
  async 'filtered by a type that none has'(registry) {
    const [repository, subject] = [registry.repository(), image()];
    await pushManifest(registry, repository, artifact({ subject, type: sbom }));
    const answer = await ask(registry, repository, subject.digest, '?artifactType=application/vnd.example.none');
    expectStatus(answer, 200);
    assert.deepEqual(entriesIn(answer), []);
  },
  async 'unfiltered, the answer claims no filter'(registry) {
    const [repository, subject] = [registry.repository(), image()];
    await pushManifest(registry, repository, artifact({ subject, type: sbom }));
    assert.equal((await ask(registry, repository, subject.digest)).headers['oci-filters-applied'], undefined);
  },
  async 'filtered by the config type that stands in'(registry) {
    const [repository, subject] = [registry.repository(), image()];
    const referrer = image({ fields: { subject: subjectField(subject) } });
    await pushManifest(registry, repository, referrer);
    await pushManifest(registry, repository, artifact({ subject, type: sbom }));
    const answer = await ask(
      registry,
      repository,
      subject.digest,
      `?artifactType=${encodeURIComponent(mediaTypes.config)}`,
    );
    assert.deepEqual(digests(entriesIn(answer)), [referrer.digest]);
  },
  async 'sixty of them are all listed, page by page'(registry) {
    const [repository, subject] = [registry.repository(), image()];
    const all = Array.from({ length: 60 }, () => artifact({ subject, layers: [] }));
    for (const referrer of all) await pushManifest(registry, repository, referrer);
    const found = digests(await referrersOf(registry, repository, subject.digest));
    assert.deepEqual([...found].sort(), all.map((referrer) => referrer.digest).sort());
  },
  async 'pushed twice, it is listed once'(registry) {
    const [repository, subject] = [registry.repository(), image()];
    const referrer = artifact({ subject });
    await pushManifest(registry, repository, referrer);
    await pushManifest(registry, repository, referrer, 'again');
    assert.equal((await referrersOf(registry, repository, subject.digest)).length, 1);
  },
  async 'ten pushed at once are all listed'(registry) {
    const [repository, subject] = [registry.repository(), image()];
    const all = Array.from({ length: 10 }, () => artifact({ subject, layers: [] }));
    await Promise.all(all.map((referrer) => pushManifest(registry, repository, referrer)));
    assert.equal((await referrersOf(registry, repository, subject.digest)).length, 10);
  },
  async 'a deleted one is no longer listed'(registry) {
    const [repository, subject] = [registry.repository(), image()];
    const [stays, goes] = [artifact({ subject }), artifact({ subject })];
    for (const referrer of [stays, goes]) await pushManifest(registry, repository, referrer);
    expectStatus(await registry.send({ method: 'DELETE', path: `/v2/${repository}/manifests/${goes.digest}` }), 202);
    assert.deepEqual(digests(await referrersOf(registry, repository, subject.digest)), [stays.digest]);
  },
  async 'a chain of three is listed link by link'(registry) {
    const [repository, top] = [registry.repository(), image()];
    const first = artifact({ subject: top });
    const second = artifact({ subject: first });
    for (const manifest of [top, first, second]) await pushManifest(registry, repository, manifest);
    assert.deepEqual(digests(await referrersOf(registry, repository, top.digest)), [first.digest]);
    assert.deepEqual(digests(await referrersOf(registry, repository, first.digest)), [second.digest]);
    assert.deepEqual(await referrersOf(registry, repository, second.digest), []);
  },
  async 'of a child are not those of its index'(registry) {
    const [repository, child] = [registry.repository(), image()];
    const list = listOf([child]);
    const [onChild, onList] = [artifact({ subject: child }), artifact({ subject: list })];
    for (const manifest of [list, onChild, onList]) await pushManifest(registry, repository, manifest);
    assert.deepEqual(digests(await referrersOf(registry, repository, child.digest)), [onChild.digest]);
    assert.deepEqual(digests(await referrersOf(registry, repository, list.digest)), [onList.digest]);
  },
  async 'of another repository are not listed'(registry) {
    const subject = image();
    await pushManifest(registry, registry.repository(), artifact({ subject }));
    const elsewhere = registry.repository();
    await pushManifest(registry, elsewhere, subject);
    assert.deepEqual(await referrersOf(registry, elsewhere, subject.digest), []);
  },
  async 'stay when their subject is deleted'(registry) {
    const [repository, subject] = [registry.repository(), image()];
    const referrer = artifact({ subject });
    for (const manifest of [subject, referrer]) await pushManifest(registry, repository, manifest);
    expectStatus(await registry.send({ method: 'DELETE', path: `/v2/${repository}/manifests/${subject.digest}` }), 202);
    expectStatus(await getManifest(registry, repository, referrer.digest), 200);
  },
  async 'of a malformed digest are refused'(registry) {
    const repository = registry.repository();
    await pushManifest(registry, repository, image());
    expectRefused(await ask(registry, repository, 'sha256:baddigeststring'));
  },
};

/** Distribution specification, "Listing referrers" (end-12a, 12b). */
export const referrers = group('referrers', table);

async function ask(registry: Target, repository: string, digest: string, query = ''): Promise<Answer> {
  return await registry.send({ method: 'GET', path: `/v2/${repository}/referrers/${digest}${query}` });
}

/** All pages; more than a hundred means that paging goes in a circle. */
async function referrersOf(registry: Target, repository: string, digest: string): Promise<readonly Descriptor[]> {
  const found: Descriptor[] = [];
  let answer = await ask(registry, repository, digest);
  for (let page = 0; page < 100; page++) {
    expectStatus(answer, 200);
    found.push(...entriesIn(answer));
    const next = nextPage(registry, answer);
    if (next === undefined) return found;
    answer = await registry.send({ method: 'GET', path: next });
  }
  assert.fail('the referrers do not end');
}

function entriesIn(answer: Answer): readonly Descriptor[] {
  const { manifests } = json(answer) as { manifests?: readonly Descriptor[] };
  assert.ok(Array.isArray(manifests), `${answer.request}: "manifests" is no list`);
  return manifests;
}

function digests(entries: readonly Descriptor[]): readonly string[] {
  return entries.map((entry) => entry.digest);
}

function subjectField(subject: Manifest): Record<string, unknown> {
  return { mediaType: subject.mediaType, digest: subject.digest, size: subject.bytes.byteLength };
}
