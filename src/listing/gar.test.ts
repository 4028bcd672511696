import { expect, test } from 'vitest';
import { collect, repositoryName, withPassword } from '../../test/kit/client.ts';
import { openListing } from '../../test/kit/doubles/client.ts';
import { startGar } from '../../test/kit/doubles/gar.ts';

const users = { _json_key: '{"type": "service_account"}' };
const credentials = withPassword('_json_key', '{"type": "service_account"}');
const app = repositoryName('project/apps/api');

test('a thousand tags come in one answer, after one refusal and one token', async () => {
  await using double = await startGar({ users });
  const tagged = Array.from({ length: 1000 }, (_, at) => `v${at}`);
  const digest = await double.push('project/apps/api', tagged);
  await using client = await openListing(double.host, 'gar', { credentials });
  double.forget();
  const tags = await collect(client.listing.tags(app)!.listTagsWithDigests());
  expect(new Set(tags.map((tag) => tag.digest))).toEqual(new Set([digest]));
  expect(new Set(tags.map((tag) => tag.tag as string))).toEqual(new Set(tagged));
  expect(double.asked()).toHaveLength(3);
});

test.each([true, false])('times are read as texts and as numbers (as text: %s)', async (timesAsText) => {
  await using double = await startGar({ timesAsText, now: () => Date.parse('2026-03-01T10:00:00Z') });
  await double.push('project/apps/api', ['latest']);
  await using client = await openListing(double.host, 'gar');
  const [tag] = await collect(client.listing.tags(app)!.listTagsCheaply());
  expect(tag).toMatchObject({ updatedAt: '2026-03-01T10:00:00.000Z', size: expect.any(Number) });
});

test('a tag that no manifest claims is asked for by itself', async () => {
  await using double = await startGar();
  const digest = await double.push('project/apps/api', ['a', 'b']);
  await using client = await openListing(double.host, 'gar');
  double.intercept = ({ path }) =>
    path.endsWith('/tags/list')
      ? { status: 200, document: { manifest: { [digest]: { tag: ['a'] } }, tags: ['a', 'b'] } }
      : undefined;
  double.forget();
  const tags = await collect(client.listing.tags(app)!.listTagsWithDigests());
  expect(tags.map((tag) => [tag.tag, tag.digest])).toEqual([
    ['a', digest],
    ['b', digest],
  ]);
  expect(double.asked().filter((line) => line.startsWith('HEAD'))).toEqual(['HEAD /v2/project/apps/api/manifests/b']);
});

test('HTML with status 200, and a listing without manifests, end in a HEAD for each tag', async () => {
  await using double = await startGar();
  const digest = await double.push('project/apps/api', ['a']);
  await using client = await openListing(double.host, 'gar');
  let answers = 0;
  double.intercept = ({ path }) => {
    if (!path.endsWith('/tags/list')) return undefined;
    answers += 1;
    if (answers === 1) return { status: 200, page: '<html>error</html>' };
    return { status: 200, document: { name: 'project/apps/api', tags: ['a'] } };
  };
  for (let round = 0; round < 2; round += 1) {
    const tags = await collect(client.listing.tags(app)!.listTagsWithDigests());
    expect(tags.map((tag) => tag.digest)).toEqual([digest]);
  }
  expect(client.warnings).toHaveLength(1);
});

test('repositories are found by walking down from the namespace, folders with images included', async () => {
  await using double = await startGar({ users });
  for (const name of ['project/apps', 'project/apps/api', 'project/apps/deep/er/web', 'project/other', 'foreign/x'])
    await double.push(name, ['latest']);
  await using client = await openListing(double.host, 'gar', { credentials });
  expect(new Set(await collect(client.listing.repositories(['project'])))).toEqual(
    new Set(['project/apps', 'project/apps/api', 'project/apps/deep/er/web', 'project/other']),
  );
  expect(await collect(client.listing.repositories(['project/apps/deep']))).toEqual(['project/apps/deep/er/web']);
});

test('without a namespace the catalog is read', async () => {
  await using double = await startGar();
  await double.push('project/apps/api', ['latest']);
  await using client = await openListing(double.host, 'gar');
  expect(await collect(client.listing.repositories(undefined))).toEqual(['project/apps/api']);
  expect(client.warnings[0]?.code).toBe('W_LISTING');
});

test('a repository is made by pushing, so nothing is asked beforehand', async () => {
  await using double = await startGar();
  await using client = await openListing(double.host, 'gar');
  await client.listing.createRepository(app);
  expect(double.asked()).toEqual([]);
});
