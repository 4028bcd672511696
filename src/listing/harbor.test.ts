import { expect, test } from 'vitest';
import { collect, repositoryName, withPassword } from '../../test/kit/client.ts';
import { openListing } from '../../test/kit/doubles/client.ts';
import { startHarbor } from '../../test/kit/doubles/harbor.ts';

const users = { 'robot$apps+mirror': 'secret' };
const credentials = withPassword('robot$apps+mirror', 'secret');
const app = repositoryName('apps/api');

test('a thousand artifacts cost eleven requests, with the credentials that pull images', async () => {
  await using double = await startHarbor({ users });
  const digests = new Map<string, string>();
  for (let at = 0; at < 1000; at += 1) digests.set(`v${at}`, await double.push('apps/api', [`v${at}`], `image ${at}`));
  await using client = await openListing(double.host, 'harbor', { credentials });
  double.forget();
  const tags = await collect(client.listing.tags(app)!.listTagsWithDigests());
  expect(new Map(tags.map((tag) => [tag.tag as string, tag.digest as string]))).toEqual(digests);
  expect(double.asked()).toHaveLength(11);
  expect(double.asked()[0]).toBe('GET /api/v2.0/projects/apps');
  expect(
    double
      .asked()
      .slice(1)
      .every((line) => line.startsWith('GET /api/v2.0/projects/apps/repositories/api/artifacts?')),
  ).toBe(true);
});

test('of a proxy cache the plain listing counts, because its artifacts are only what was pulled through', async () => {
  await using double = await startHarbor({ projects: ['cache'], proxies: ['cache'] });
  await double.push('cache/library/alpine', ['3.20', '3.21']);
  await using client = await openListing(double.host, 'harbor');
  const listing = client.listing.tags(repositoryName('cache/library/alpine'))!;
  expect(await collect(listing.listTagsCheaply())).toEqual([{ tag: '3.20' }, { tag: '3.21' }]);
  expect(await collect(listing.listTagsCheaply())).toHaveLength(2);
  expect(double.asked().filter((line) => line.includes('/api/'))).toEqual(['GET /api/v2.0/projects/cache']);
});

test('several tags of one artifact all have its digest', async () => {
  await using double = await startHarbor();
  const digest = await double.push('apps/api', ['1', '1.2', 'latest']);
  await using client = await openListing(double.host, 'harbor');
  const tags = await collect(client.listing.tags(app)!.listTagsCheaply());
  expect(tags.map((tag) => [tag.tag, tag.digest])).toEqual([
    ['1', digest],
    ['1.2', digest],
    ['latest', digest],
  ]);
  expect(tags[0]).toMatchObject({ mediaType: 'application/vnd.oci.image.index.v1+json', size: expect.any(Number) });
});

test('a slash within the repository is encoded twice', async () => {
  await using double = await startHarbor();
  await double.push('apps/team/api', ['latest']);
  await using client = await openListing(double.host, 'harbor');
  double.forget();
  expect(await collect(client.listing.tags(repositoryName('apps/team/api'))!.listTagsCheaply())).toHaveLength(1);
  expect(double.asked()[1]).toContain('/projects/apps/repositories/team%252Fapi/artifacts?');
});

test('the tag of a signature is not lost, although Harbor hides it among the accessories', async () => {
  await using double = await startHarbor();
  const digest = await double.push('apps/api', ['latest'], 'image');
  const signature = `sha256-${digest.slice('sha256:'.length)}.sig`;
  const signed = await double.push('apps/api', [signature], 'signature');
  await using client = await openListing(double.host, 'harbor');
  const cheap = await collect(client.listing.tags(app)!.listTagsCheaply());
  expect(cheap.map((tag) => [tag.tag, tag.digest])).toEqual([
    ['latest', digest],
    [signature, undefined],
  ]);
  const full = await collect(client.listing.tags(app)!.listTagsWithDigests());
  expect(full.map((tag) => tag.digest)).toEqual([digest, signed]);
});

test('artifacts that are pushed while the pages are read make the listing be read again', async () => {
  await using double = await startHarbor();
  for (let at = 0; at < 150; at += 1) await double.push('apps/api', [`v${at}`], `image ${at}`);
  await using client = await openListing(double.host, 'harbor');
  let readings = 0;
  double.intercept = ({ path, query }) => {
    if (!path.endsWith('/artifacts') || query.get('page') !== '2') return undefined;
    readings += 1;
    // The last page knows of one more than the first did.
    return readings > 1 ? undefined : { status: 200, headers: { 'x-total-count': '151' }, document: [] };
  };
  expect(await collect(client.listing.tags(app)!.listTagsCheaply())).toHaveLength(150);
  expect(readings).toBe(2);
  expect(client.warnings).toEqual([]);
});

test('a listing that never holds still ends in names, and says why', async () => {
  await using double = await startHarbor();
  await double.push('apps/api', ['a', 'b']);
  await using client = await openListing(double.host, 'harbor');
  double.intercept = ({ path }) =>
    path.endsWith('/artifacts') ? { status: 200, headers: { 'x-total-count': '7' }, document: [] } : undefined;
  const tags = await collect(client.listing.tags(app)!.listTagsCheaply());
  expect(tags).toEqual([{ tag: 'a' }, { tag: 'b' }]);
  expect(client.warnings[0]?.message).toContain('changed each time it was read');
});

test.each([401, 403, 404, 500])('HTTP %i from the API ends in a HEAD for each tag', async (status) => {
  await using double = await startHarbor();
  const digest = await double.push('apps/api', ['a', 'b']);
  await using client = await openListing(double.host, 'harbor');
  double.intercept = ({ path }) => (path.startsWith('/api/') ? { status, page: '<html>no</html>' } : undefined);
  double.forget();
  const tags = await collect(client.listing.tags(app)!.listTagsWithDigests());
  expect(tags.map((tag) => tag.digest)).toEqual([digest, digest]);
  expect(client.warnings).toHaveLength(1);
  expect(client.warnings[0]?.message).toContain(`HTTP ${status} an HTML page`);
  expect(double.asked().filter((line) => /^(PUT|POST|PATCH|DELETE)|^GET .*manifests/.test(line))).toEqual([]);
});

test('a page for signing in, with status 200, is no listing', async () => {
  await using double = await startHarbor();
  await double.push('apps/api', ['a']);
  await using client = await openListing(double.host, 'harbor');
  double.intercept = ({ path }) =>
    path.startsWith('/api/') ? { status: 200, page: '<html>Log in</html>' } : undefined;
  expect(await collect(client.listing.tags(app)!.listTagsCheaply())).toEqual([{ tag: 'a' }]);
  expect(client.warnings[0]?.message).toContain('HTTP 200 an HTML page');
});

test('a project that could not be read once is asked for again', async () => {
  await using double = await startHarbor();
  const digest = await double.push('apps/api', ['latest']);
  await using client = await openListing(double.host, 'harbor');
  let pages = 0;
  double.intercept = ({ path }) =>
    path === '/api/v2.0/projects/apps' && pages++ === 0 ? { status: 200, page: '<html>Log in</html>' } : undefined;
  expect(await collect(client.listing.tags(app)!.listTagsCheaply())).toEqual([{ tag: 'latest' }]);
  const [tag] = await collect(client.listing.tags(app)!.listTagsCheaply());
  expect(tag?.digest).toBe(digest);
});

test('after three refusals the API is left alone', async () => {
  await using double = await startHarbor();
  for (const name of ['a', 'b', 'c', 'd', 'e']) await double.push(`apps/${name}`, ['latest']);
  await using client = await openListing(double.host, 'harbor');
  double.intercept = ({ path }) => (path.startsWith('/api/') ? { status: 403 } : undefined);
  for (const name of ['a', 'b', 'c', 'd', 'e'])
    expect(await collect(client.listing.tags(repositoryName(`apps/${name}`))!.listTagsCheaply())).toHaveLength(1);
  expect(double.asked().filter((line) => line.includes('/artifacts'))).toHaveLength(3);
  expect(client.warnings).toHaveLength(1);
});

test('a repository that is not there is empty, without a warning, and is no refusal', async () => {
  await using double = await startHarbor();
  await double.push('apps/there', ['latest']);
  await using client = await openListing(double.host, 'harbor');
  for (const name of ['a', 'b', 'c', 'd'])
    expect(await collect(client.listing.tags(repositoryName(`apps/${name}`))!.listTagsCheaply())).toEqual([]);
  expect(client.warnings).toEqual([]);
  const [tag] = await collect(client.listing.tags(repositoryName('apps/there'))!.listTagsCheaply());
  expect(tag?.digest).toBeDefined();
});

test('a Harbor that throttles is not met with a request for each tag instead', async () => {
  await using double = await startHarbor();
  await double.push('apps/api', ['a']);
  await using client = await openListing(double.host, 'harbor');
  double.forget();
  double.intercept = ({ path }) =>
    path.startsWith('/api/') ? { status: 429, headers: { 'retry-after': '1' } } : undefined;
  await expect(collect(client.listing.tags(app)!.listTagsCheaply())).rejects.toMatchObject({ code: 'E_THROTTLED' });
  expect(double.asked().filter((line) => line.includes('/v2/apps'))).toEqual([]);
});

test('repositories of a project, of all projects, and below a path in a project', async () => {
  await using double = await startHarbor({ users });
  for (let at = 0; at < 130; at += 1) await double.push(`apps/r${at}`, ['latest']);
  await double.push('base/alpine', ['latest']);
  await double.push('base/tools/make', ['latest']);
  await using client = await openListing(double.host, 'harbor', { credentials });
  expect(await collect(client.listing.repositories(['apps']))).toHaveLength(130);
  expect(await collect(client.listing.repositories(undefined))).toHaveLength(132);
  expect(await collect(client.listing.repositories(['base/tools']))).toEqual(['base/tools/make']);
});

test('a missing project is made, once, as private unless wished otherwise', async () => {
  await using double = await startHarbor({ users, projects: ['there'] });
  await using client = await openListing(double.host, 'harbor', { credentials });
  await client.listing.createRepository(repositoryName('fresh/api'));
  await client.listing.createRepository(repositoryName('fresh/web'));
  await client.listing.createRepository(repositoryName('open/api'), { visibility: 'public' });
  await client.listing.createRepository(repositoryName('there/api'), { visibility: 'public' });
  expect([...double.projects]).toEqual([
    ['there', 'private'],
    ['fresh', 'private'],
    ['open', 'public'],
  ]);
  expect(double.asked().filter((line) => line.startsWith('POST'))).toHaveLength(2);
});

test('a project that somebody else makes at the same time is no failure; one that may not be made is', async () => {
  await using double = await startHarbor();
  await using client = await openListing(double.host, 'harbor');
  double.intercept = ({ method }) => (method === 'POST' ? { status: 409 } : undefined);
  await client.listing.createRepository(repositoryName('fresh/api'));
  double.intercept = ({ method }) =>
    method === 'POST'
      ? { status: 403, document: { errors: [{ code: 'FORBIDDEN', message: 'only admins' }] } }
      : undefined;
  await expect(client.listing.createRepository(repositoryName('fresh/api'))).rejects.toMatchObject({
    code: 'E_DENIED',
    serverSaid: 'HTTP 403 only admins',
  });
  await expect(client.listing.createRepository(repositoryName('alone'))).rejects.toMatchObject({
    code: 'E_UNSUPPORTED',
  });
});
