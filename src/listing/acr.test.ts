import { expect, test } from 'vitest';
import { makeAuthority } from '../../test/kit/certificates.ts';
import { collect, repositoryName, withPassword } from '../../test/kit/client.ts';
import { startConnectProxy } from '../../test/kit/connect-proxy.ts';
import { startAcr } from '../../test/kit/doubles/acr.ts';
import { openListing } from '../../test/kit/doubles/client.ts';

const users = { crawler: 'correct horse' };
const credentials = withPassword('crawler', 'correct horse');
const app = repositoryName('apps/api');
const numbered = (count: number) => Array.from({ length: count }, (_, at) => `v${String(at).padStart(4, '0')}`);

test('a no-op of a thousand tags costs ten pages, one refusal and one token', async () => {
  await using double = await startAcr({ users });
  const digest = await double.push('apps/api', numbered(1000));
  await using client = await openListing(double.host, 'acr', { credentials });
  double.forget();
  const tags = await collect(client.listing.tags(app)!.listTagsWithDigests());
  expect(tags).toHaveLength(1000);
  expect(new Set(tags.map((tag) => tag.digest))).toEqual(new Set([digest]));
  expect(double.asked()).toHaveLength(12);
  expect(double.asked().filter((line) => !line.startsWith('GET '))).toEqual([]);
  expect(double.asked().filter((line) => line.includes('/manifests/'))).toEqual([]);
  expect(client.warnings).toEqual([]);
});

test('the token is asked for with the least right, for the one repository', async () => {
  await using double = await startAcr({ users });
  await double.push('apps/api', ['latest']);
  await using client = await openListing(double.host, 'acr', { credentials });
  await collect(client.listing.tags(app)!.listTagsCheaply());
  expect(double.tokenRequests).toEqual([{ scopes: ['repository:apps/api:metadata_read'], user: 'crawler' }]);
});

test('times are told as Azure writes them, digits and all', async () => {
  let now = Date.parse('2026-03-01T10:00:00.123Z');
  await using double = await startAcr({ now: () => now });
  await double.push('apps/api', ['latest'], 'first');
  now = Date.parse('2026-04-01T10:00:00.000Z');
  const digest = await double.push('apps/api', ['latest'], 'second');
  await using client = await openListing(double.host, 'acr');
  expect(await collect(client.listing.tags(app)!.listTagsCheaply())).toEqual([
    { tag: 'latest', digest, createdAt: '2026-03-01T10:00:00.1230000Z', updatedAt: '2026-04-01T10:00:00.0000000Z' },
  ]);
});

test('an account that may pull and not read metadata is served with HEADs, and one warning', async () => {
  const grants = (scope: string) => !scope.includes('metadata_read');
  await using double = await startAcr({ users, grants });
  const digest = await double.push('apps/api', ['a', 'b']);
  await double.push('apps/web', ['c']);
  await using client = await openListing(double.host, 'acr', { credentials });
  const tags = await collect(client.listing.tags(app)!.listTagsWithDigests());
  await collect(client.listing.tags(repositoryName('apps/web'))!.listTagsWithDigests());
  expect(tags.map((tag) => [tag.tag, tag.digest])).toEqual([
    ['a', digest],
    ['b', digest],
  ]);
  expect(client.warnings).toHaveLength(1);
  expect(client.warnings[0]).toMatchObject({ code: 'W_LISTING', message: expect.stringContaining('HTTP 401') });
  expect(double.asked().filter((line) => line.startsWith('GET') && line.includes('/manifests/'))).toEqual([]);
});

test('repositories come from the catalog, page by page, below the namespaces alone', async () => {
  await using double = await startAcr({ users });
  for (const name of numbered(120)) await double.push(`mirror/${name}`, ['latest']);
  await double.push('mirrored/other', ['latest']);
  await double.push('alone', ['latest']);
  await using client = await openListing(double.host, 'acr', { credentials });
  expect(await collect(client.listing.repositories(['mirror']))).toEqual(numbered(120).map((name) => `mirror/${name}`));
  expect(await collect(client.listing.repositories(undefined))).toHaveLength(122);
  expect(await collect(client.listing.repositories(['alone']))).toEqual(['alone']);
});

test('a page that names itself as the next ends in HEADs, not in a loop', async () => {
  await using double = await startAcr();
  const digest = await double.push('apps/api', ['a', 'b', 'c']);
  await using client = await openListing(double.host, 'acr');
  double.intercept = ({ path }) => {
    if (!path.endsWith('/_tags')) return undefined;
    return {
      status: 200,
      headers: { link: '</acr/v1/apps/api/_tags?n=100>; rel="next"' },
      document: { tags: [{ name: 'a', digest }] },
    };
  };
  const tags = await collect(client.listing.tags(app)!.listTagsWithDigests());
  expect(tags.map((tag) => tag.tag)).toEqual(['a', 'b', 'c']);
  expect(double.asked().filter((line) => line.includes('/_tags'))).toHaveLength(1);
});

test('a link to another host is not followed, and no token goes there', async () => {
  await using elsewhere = await startAcr();
  await using double = await startAcr({ users });
  await double.push('apps/api', ['a']);
  await using client = await openListing(double.host, 'acr', { credentials });
  double.intercept = ({ path, authorization }) =>
    path.endsWith('/_tags') && authorization?.startsWith('Bearer')
      ? {
          status: 200,
          headers: { link: `<${elsewhere.url}/x?last=a>; rel="next"` },
          document: { tags: [{ name: 'a' }] },
        }
      : undefined;
  const tags = await collect(client.listing.tags(app)!.listTagsWithDigests());
  expect(tags.map((tag) => tag.tag)).toEqual(['a']);
  expect(client.warnings).toHaveLength(1);
  expect(elsewhere.asked()).toEqual([]);
});

test('it answers by its real name, over TLS of its own authority, through a proxy that the environment names', async () => {
  const authority = makeAuthority();
  const tls = authority.issue(['DNS:acme.azurecr.io', 'IP:127.0.0.1']);
  await using double = await startAcr({ name: 'acme.azurecr.io', users, tls, ca: authority.cert });
  const digest = await double.push('apps/api', ['latest']);
  await using proxy = await startConnectProxy({ 'acme.azurecr.io:443': double.port });
  const env = { HTTPS_PROXY: proxy.url, NO_PROXY: '127.0.0.1,localhost' };
  const http = { env, settings: () => ({ ca: authority.cert }) };
  await using client = await openListing('acme.azurecr.io', 'acr', { credentials, http });
  const [tag] = await collect(client.listing.tags(app)!.listTagsWithDigests());
  expect(tag).toMatchObject({ tag: 'latest', digest });
  expect(await collect(client.listing.repositories(undefined))).toEqual(['apps/api']);
  expect(new Set(proxy.asked)).toEqual(new Set(['acme.azurecr.io:443']));
  expect(client.warnings).toEqual([]);
});
