import { expect, test } from 'vitest';
import { collect, repositoryName, withPassword } from '../../test/kit/client.ts';
import { openListing } from '../../test/kit/doubles/client.ts';
import { startGitLab } from '../../test/kit/doubles/gitlab.ts';

const users = { ci: 'glpat-secret' };
const credentials = withPassword('ci', 'glpat-secret');
const app = repositoryName('group/project/api');
const numbered = (count: number) => Array.from({ length: count }, (_, at) => `v${String(at).padStart(4, '0')}`);

test('more than a thousand tags come in two pages, for the token that pulls', async () => {
  await using double = await startGitLab({ users });
  const digest = await double.push('group/project/api', numbered(1100));
  await using client = await openListing(double.host, 'gitlab', { credentials });
  double.forget();
  const tags = await collect(client.listing.tags(app)!.listTagsWithDigests());
  expect(tags.map((tag) => tag.tag)).toEqual(numbered(1100));
  expect(new Set(tags.map((tag) => tag.digest))).toEqual(new Set([digest]));
  expect(double.asked()).toHaveLength(4);
});

test('the time of a tag is when it was last moved', async () => {
  let now = Date.parse('2026-03-01T10:00:00Z');
  await using double = await startGitLab({ now: () => now });
  await double.push('group/project/api', ['latest'], 'first');
  now = Date.parse('2026-03-02T10:00:00Z');
  await double.push('group/project/api', ['latest'], 'second');
  await using client = await openListing(double.host, 'gitlab');
  const [tag] = await collect(client.listing.tags(app)!.listTagsCheaply());
  expect(tag).toMatchObject({ createdAt: '2026-03-01T10:00:00.000Z', updatedAt: '2026-03-02T10:00:00.000Z' });
});

test('a registry without the metadata database is served with HEADs', async () => {
  await using double = await startGitLab({ metadataDatabase: false });
  const digest = await double.push('group/project/api', ['a', 'b']);
  await using client = await openListing(double.host, 'gitlab');
  const tags = await collect(client.listing.tags(app)!.listTagsWithDigests());
  expect(tags.map((tag) => tag.digest)).toEqual([digest, digest]);
  expect(client.warnings).toHaveLength(1);
});

test('repositories of a group, of a project, and of what is below a project', async () => {
  await using double = await startGitLab({ accessTokens: ['glpat-secret'] });
  for (const name of numbered(130)) await double.push(`group/project/${name}`, ['latest']);
  await double.push('group/other', ['latest']);
  const api = { url: new URL(`${double.url}/api/v4/`) };
  await using client = await openListing(double.host, 'gitlab', { credentials, api });
  const found = (namespace: string) => collect(client.listing.repositories([namespace]));
  expect(await found('group')).toHaveLength(131);
  expect(await found('group/project')).toHaveLength(130);
  expect(await found('group/project/v0007')).toEqual(['group/project/v0007']);
});

test('what GitLab does not know or show is looked for in the catalog, and said', async () => {
  await using double = await startGitLab();
  await double.push('group/project/api', ['latest']);
  await using client = await openListing(double.host, 'gitlab', { api: { url: new URL(double.url) } });
  expect(await collect(client.listing.repositories(['nobody']))).toEqual([]);
  expect(client.warnings).toHaveLength(1);
});

test('without the address of its GitLab only the catalog is known', async () => {
  await using double = await startGitLab();
  await double.push('group/project/api', ['latest']);
  await using client = await openListing(double.host, 'gitlab');
  expect(await collect(client.listing.repositories(['group']))).toEqual(['group/project/api']);
  expect(double.asked().filter((line) => line.includes('/api/v4'))).toEqual([]);
});
