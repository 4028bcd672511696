import { expect, test } from 'vitest';
import { collect, repositoryName, withPassword } from '../../test/kit/client.ts';
import { openListing } from '../../test/kit/doubles/client.ts';
import { type DockerHubDouble, type DockerHubOptions, startDockerHub } from '../../test/kit/doubles/docker-hub.ts';

const users = { acme: 'dckr_pat_secret' };
const credentials = withPassword('acme', 'dckr_pat_secret');
const app = repositoryName('acme/api');

function open(double: DockerHubDouble, options: Parameters<typeof openListing>[2] = {}) {
  return openListing(double.host, 'docker-hub', { api: { url: new URL(double.url) }, ...options });
}

test('a thousand tags cost ten requests and one sign-in', async () => {
  await using double = await startDockerHub({ users });
  const digest = await double.push(
    'acme/api',
    Array.from({ length: 1000 }, (_, at) => `v${at}`),
  );
  await using client = await open(double, { credentials });
  double.forget();
  const tags = await collect(client.listing.tags(app)!.listTagsWithDigests());
  expect(tags).toHaveLength(1000);
  expect(new Set(tags.map((tag) => tag.digest))).toEqual(new Set([digest]));
  expect(double.asked()).toHaveLength(11);
  expect(double.signIns.count).toBe(1);
});

test('the digest of an image within a tag is never taken for that of the tag', async () => {
  const options: DockerHubOptions = { showsDigest: (tag) => tag !== 'old' };
  await using double = await startDockerHub(options);
  const digest = await double.push('acme/api', ['new', 'old']);
  await using client = await open(double);
  const cheap = await collect(client.listing.tags(app)!.listTagsCheaply());
  expect(cheap.map((tag) => [tag.tag, tag.digest])).toEqual([
    ['new', digest],
    ['old', undefined],
  ]);
  double.forget();
  const full = await collect(client.listing.tags(app)!.listTagsWithDigests());
  expect(full.map((tag) => tag.digest)).toEqual([digest, digest]);
  expect(double.asked().filter((line) => line.startsWith('HEAD'))).toEqual(['HEAD /v2/acme/api/manifests/old']);
});

test('a token that ended in the middle of a run is renewed', async () => {
  await using double = await startDockerHub({ users });
  await double.push('acme/api', ['latest']);
  await using client = await open(double, { credentials });
  await collect(client.listing.tags(app)!.listTagsCheaply());
  double.expireTokens();
  const [tag] = await collect(client.listing.tags(app)!.listTagsCheaply());
  expect(tag?.digest).toBeDefined();
  expect(double.signIns.count).toBe(2);
});

test('a sign-in that failed is tried again with the next listing', async () => {
  await using double = await startDockerHub({ users });
  const digest = await double.push('acme/api', ['latest']);
  await using client = await open(double, { credentials });
  let failures = 0;
  double.intercept = ({ path }) => (path === '/v2/auth/token' && failures++ === 0 ? { status: 401 } : undefined);
  expect(await collect(client.listing.tags(app)!.listTagsCheaply())).toEqual([{ tag: 'latest' }]);
  const [tag] = await collect(client.listing.tags(app)!.listTagsCheaply());
  expect(tag?.digest).toBe(digest);
  expect(failures).toBe(2);
});

test('the API being throttled says nothing about the registry: HEADs go on', async () => {
  await using double = await startDockerHub({ pulls: 100 });
  const digest = await double.push('acme/api', ['a', 'b']);
  // As at Docker, the API has a name of its own.
  const api = { url: new URL(`http://localhost:${double.port}`) };
  await using client = await open(double, { api });
  double.intercept = ({ path }) =>
    path.includes('/namespaces/') ? { status: 429, headers: { 'retry-after': '3600' } } : undefined;
  const tags = await collect(client.listing.tags(app)!.listTagsWithDigests());
  expect(tags.map((tag) => tag.digest)).toEqual([digest, digest]);
  expect(client.warnings).toHaveLength(1);
  expect(await client.listing.pullsLeft()).toMatchObject({ remaining: 100 });
});

test('how many pulls are left is asked for with a HEAD, which is none', async () => {
  await using double = await startDockerHub({ users, pulls: 100 });
  await using client = await open(double, { credentials });
  const quota = { limit: 100, remaining: 100, windowMs: 21_600_000 };
  expect(await client.listing.pullsLeft()).toEqual(quota);
  expect(await client.listing.pullsLeft()).toEqual(quota);
  expect(
    double
      .asked()
      .filter((line) => line.includes('/manifests/'))
      .every((line) => line.startsWith('HEAD')),
  ).toBe(true);
});

test('where nothing is counted there is no quota', async () => {
  await using double = await startDockerHub();
  await using client = await open(double);
  expect(await client.listing.pullsLeft()).toBeUndefined();
});

test('repositories of a namespace; of all of them there is no list', async () => {
  await using double = await startDockerHub({ users });
  for (let at = 0; at < 120; at += 1) await double.push(`acme/r${at}`, ['latest']);
  await double.push('other/x', ['latest']);
  await using client = await open(double, { credentials });
  expect(await collect(client.listing.repositories(['acme']))).toHaveLength(120);
  double.intercept = ({ path }) => (path === '/v2/_catalog' ? { status: 404 } : undefined);
  await expect(collect(client.listing.repositories(undefined))).rejects.toMatchObject({ code: 'E_UNSUPPORTED' });
});

test('a repository is made with its description, private unless wished otherwise, and never twice', async () => {
  await using double = await startDockerHub({ users });
  await using client = await open(double, { credentials });
  await client.listing.createRepository(app, { description: 'The API' });
  await client.listing.createRepository(app, { visibility: 'public' });
  await client.listing.createRepository(repositoryName('acme/web'), { visibility: 'public' });
  expect(double.created.get('acme/api')).toMatchObject({ is_private: true, description: 'The API' });
  expect(double.created.get('acme/web')).toMatchObject({ is_private: false });
  await expect(client.listing.createRepository(repositoryName('a/b/c'))).rejects.toMatchObject({
    code: 'E_UNSUPPORTED',
  });
});

test("another registry's credentials never go to Docker, whatever the configuration calls it", async () => {
  await using double = await startDockerHub({ users });
  await double.push('acme/api', ['a']);
  await using client = await openListing(double.host, 'docker-hub', { credentials });
  expect(client.listing.tags(app)).toBeUndefined();
  expect(double.signIns.count).toBe(0);
});

test('a wrong password ends in HEADs, and the message does not show it', async () => {
  await using double = await startDockerHub({ users });
  await double.push('acme/api', ['a']);
  const wrong = withPassword('acme', 'not-the-password');
  await using client = await open(double, { credentials: wrong });
  double.intercept = ({ path }) => (path === '/token' ? { status: 200, document: { token: 'x' } } : undefined);
  const listing = collect(client.listing.tags(app)!.listTagsCheaply());
  await expect(listing).rejects.toMatchObject({ code: 'E_UNAUTHORIZED' });
  expect(JSON.stringify(client.warnings)).not.toContain('not-the-password');
});
