import { strict as assert } from 'node:assert';
import { group } from '../case.ts';
import { expectError, expectRefused, expectStatus, json } from '../expect.ts';
import { image } from '../samples.ts';
import { nextPage, pushManifest, pushParts, putManifest, tagsIn, tagsOf } from '../steps.ts';
import type { Target } from '../target.ts';
import type { Answer } from '../wire.ts';

const tenTags = Array.from({ length: 10 }, (_, at) => `v1.${at}`);

/** Distribution specification, "Listing tags" (end-8a, 8b). */
export const tags = group('tags', {
  async 'of an unknown repository are 404 or none'(registry) {
    const answer = await list(registry, registry.repository());
    expectStatus(answer, 404, 200);
    if (answer.status === 404) expectError(answer, [404], 'NAME_UNKNOWN');
    else assert.deepEqual(tagsIn(answer), []);
  },
  async 'of a repository that holds only digests are none'(registry) {
    const repository = registry.repository();
    await pushManifest(registry, repository, image());
    const answer = await list(registry, repository);
    expectStatus(answer, 200, 404);
    if (answer.status === 200) assert.deepEqual(tagsIn(answer), []);
  },
  async 'the answer names the repository'(registry) {
    const repository = await tagged(registry, ['a']);
    assert.equal((json(await list(registry, repository)) as { name: string }).name, repository);
  },
  async 'come in lexical order, however they were pushed'(registry) {
    const repository = await tagged(registry, ['b', 'c', 'a', '1', '_x']);
    const found = await tagsOf(registry, repository);
    assert.deepEqual([...found].sort(), ['1', '_x', 'a', 'b', 'c']);
    assert.ok(ordered(found), `out of order: ${found.join()}`);
  },
  async 'in upper and lower case are different'(registry) {
    const repository = await tagged(registry, ['Tag', 'tag', 'TAG']);
    assert.deepEqual([...(await tagsOf(registry, repository))].sort(), ['TAG', 'Tag', 'tag']);
  },
  async 'a tag with every character that may stand in one'(registry) {
    const tag = '_aZ0-9.x_y--..z';
    assert.deepEqual(await tagsOf(registry, await tagged(registry, [tag])), [tag]);
  },
  async 'a tag of one character'(registry) {
    assert.deepEqual(await tagsOf(registry, await tagged(registry, ['x'])), ['x']);
  },
  async 'a tag of 128 characters'(registry) {
    const tag = 'x'.repeat(128);
    assert.deepEqual(await tagsOf(registry, await tagged(registry, [tag])), [tag]);
  },
  async 'a tag of 129 characters is refused'(registry) {
    expectRefused(await tryTag(registry, 'x'.repeat(129)));
  },
  async 'a tag that starts with a dot is refused'(registry) {
    expectRefused(await tryTag(registry, '.hidden'));
  },
  async 'a tag that starts with a dash is refused'(registry) {
    expectRefused(await tryTag(registry, '-dash'));
  },
  async 'a tag with a character that may not stand in one is refused'(registry) {
    expectRefused(await tryTag(registry, 'a%2Bb'));
  },
  async 'n takes the first ones and links to the rest'(registry) {
    const repository = await tagged(registry, tenTags);
    const answer = await list(registry, repository, '?n=4');
    assert.deepEqual(tagsIn(answer), tenTags.slice(0, 4));
    assert.notEqual(nextPage(registry, answer), undefined);
  },
  async 'the links lead through all of them, once each'(registry) {
    const repository = await tagged(registry, tenTags);
    assert.deepEqual(await pages(registry, repository, '?n=3'), tenTags);
  },
  async 'one at a time'(registry) {
    const repository = await tagged(registry, tenTags);
    assert.deepEqual(await pages(registry, repository, '?n=1'), tenTags);
  },
  async 'n as large as the list ends it'(registry) {
    const repository = await tagged(registry, tenTags);
    assert.deepEqual(await pages(registry, repository, '?n=10'), tenTags);
  },
  async 'n larger than the list ends it without a link'(registry) {
    const repository = await tagged(registry, tenTags);
    const answer = await list(registry, repository, '?n=1000');
    assert.deepEqual(tagsIn(answer), tenTags);
    assert.equal(nextPage(registry, answer), undefined);
  },
  async 'n=0 is an empty list'(registry) {
    const repository = await tagged(registry, ['a', 'b']);
    const answer = await list(registry, repository, '?n=0');
    expectStatus(answer, 200);
    assert.deepEqual(tagsIn(answer), []);
  },
  async 'last begins behind that tag'(registry) {
    const repository = await tagged(registry, tenTags);
    assert.deepEqual(await tagsOf(registry, repository, '?n=100&last=v1.6'), ['v1.7', 'v1.8', 'v1.9']);
  },
  async 'last without n begins behind that tag'(registry) {
    const repository = await tagged(registry, tenTags);
    assert.deepEqual(await tagsOf(registry, repository, '?last=v1.6'), ['v1.7', 'v1.8', 'v1.9']);
  },
  async 'last that no tag has begins where it would stand'(registry) {
    const repository = await tagged(registry, tenTags);
    assert.deepEqual(await tagsOf(registry, repository, '?n=2&last=v1.65'), ['v1.7', 'v1.8']);
  },
  async 'last behind the end is an empty list'(registry) {
    const repository = await tagged(registry, tenTags);
    assert.deepEqual(await tagsOf(registry, repository, '?n=5&last=zzz'), []);
  },
  async 'n that is no number is refused or ignored'(registry) {
    const repository = await tagged(registry, ['a']);
    const answer = await list(registry, repository, '?n=many');
    if (answer.status !== 200) expectRefused(answer);
  },
  async 'a negative n is refused or ignored'(registry) {
    const repository = await tagged(registry, ['a']);
    const answer = await list(registry, repository, '?n=-1');
    if (answer.status !== 200) expectRefused(answer);
  },
  async 'an n beyond any integer is refused or taken as all'(registry) {
    const repository = await tagged(registry, ['a']);
    const answer = await list(registry, repository, '?n=99999999999999999999');
    if (answer.status !== 200) expectRefused(answer);
  },
  async 'a listing while tags are pushed shows none twice'(registry) {
    const [repository, manifest] = [registry.repository(), image()];
    await pushManifest(registry, repository, manifest, 'm');
    const pushes = Promise.all(tenTags.map((tag) => putManifest(registry, repository, tag, manifest)));
    const seen = await pages(registry, repository, '?n=2');
    await pushes;
    assert.equal(new Set(seen).size, seen.length);
  },
});

async function tagged(registry: Target, names: readonly string[]): Promise<string> {
  const [repository, manifest] = [registry.repository(), image({ layers: 0 })];
  await pushParts(registry, repository, manifest);
  for (const name of names) expectStatus(await putManifest(registry, repository, name, manifest), 201);
  return repository;
}

async function tryTag(registry: Target, tag: string): Promise<Answer> {
  const [repository, manifest] = [registry.repository(), image({ layers: 0 })];
  await pushParts(registry, repository, manifest);
  return await putManifest(registry, repository, tag, manifest);
}

async function list(registry: Target, repository: string, query = ''): Promise<Answer> {
  return await registry.send({ method: 'GET', path: `/v2/${repository}/tags/list${query}` });
}

async function pages(registry: Target, repository: string, query: string): Promise<readonly string[]> {
  const found: string[] = [];
  let answer = await list(registry, repository, query);
  for (let page = 0; page < 100; page++) {
    expectStatus(answer, 200);
    found.push(...tagsIn(answer));
    const next = nextPage(registry, answer);
    if (next === undefined) return found;
    answer = await registry.send({ method: 'GET', path: next });
  }
  assert.fail('the tag listing does not end');
}

/** The specification allows byte order and case-insensitive order. */
function ordered(names: readonly string[]): boolean {
  const folded = names.map((name) => name.toLowerCase());
  return isSorted(names) || isSorted(folded);
}

function isSorted(names: readonly string[]): boolean {
  return names.every((name, at) => at === 0 || (names[at - 1] ?? '') <= name);
}
