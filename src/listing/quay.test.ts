import { expect, test } from 'vitest';
import { collect, repositoryName } from '../../test/kit/client.ts';
import { openListing } from '../../test/kit/doubles/client.ts';
import { startHarbor } from '../../test/kit/doubles/harbor.ts';
import { TranshipError } from '../oci/errors.ts';
import type { QuayCalls, QuayTag } from './quay-calls.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const app = repositoryName('apps/api');

/** Calls that answer from these tags and note what is made. */
function calls(tags: readonly QuayTag[] | TranshipError, more: Partial<QuayCalls> = {}) {
  const made: string[] = [];
  const quay: QuayCalls = {
    async *tagsOf() {
      if (tags instanceof TranshipError) throw tags;
      yield* tags;
    },
    async *repositoriesOf(namespace) {
      yield { namespace, name: 'api' };
      yield { namespace, name: 'web' };
      yield { namespace, name: 'Not A Name' };
    },
    namespaceExists: async (namespace) => namespace === 'apps',
    createOrganization: async (name) => void made.push(`organisation ${name}`),
    repositoryExists: async (repository) => repository === 'apps/there',
    createRepository: async ({ namespace, name, visibility, description }) =>
      void made.push(`${visibility} ${namespace}/${name} "${description}"`),
    ...more,
  };
  return { quay, made };
}

test('tags have their digest, and the time when they were set', async () => {
  const { quay } = calls([{ name: 'latest', manifest_digest: digest, start_ts: 1_772_359_200, size: 12 }]);
  await using client = await openListing('quay.example.com', 'quay', { quay });
  expect(await collect(client.listing.tags(app)!.listTagsWithDigests())).toEqual([
    { tag: 'latest', digest, updatedAt: '2026-03-01T10:00:00.000Z', size: 12 },
  ]);
});

test('a tag that was moved while the pages were read is asked for by itself', async () => {
  await using double = await startHarbor();
  const now = await double.push('apps/api', ['latest']);
  const other = `sha256:${'b'.repeat(64)}`;
  const { quay } = calls([
    { name: 'latest', manifest_digest: digest },
    { name: 'latest', manifest_digest: other },
  ]);
  await using client = await openListing(double.host, 'quay', { quay });
  const tags = await collect(client.listing.tags(app)!.listTagsWithDigests());
  expect(tags.map((tag) => tag.digest)).toEqual([now]);
});

test('a dead token is served with HEADs, and said once', async () => {
  await using double = await startHarbor();
  const now = await double.push('apps/api', ['latest']);
  const dead = new TranshipError('E_QUAY_TOKEN', 'auth', 'the token is missing, invalid or expired');
  await using client = await openListing(double.host, 'quay', { quay: calls(dead).quay });
  const tags = await collect(client.listing.tags(app)!.listTagsWithDigests());
  expect(tags.map((tag) => tag.digest)).toEqual([now]);
  expect(client.warnings).toHaveLength(1);
});

test('an error that is no refusal is not hidden by falling back', async () => {
  const broken = calls([], {
    tagsOf: () => {
      throw new TypeError('a mistake of the program');
    },
  });
  await using client = await openListing('quay.example.com', 'quay', { quay: broken.quay });
  await expect(collect(client.listing.tags(app)!.listTagsCheaply())).rejects.toThrow(TypeError);
});

test('without calls a Quay is listed like any other registry', async () => {
  await using client = await openListing('quay.example.com', 'quay');
  expect(client.listing.tags(app)).toBeUndefined();
});

test('repositories of an organisation, once the token is known to live', async () => {
  const asked: string[] = [];
  const { quay } = calls([], { requireLiveToken: async (namespace) => void asked.push(namespace) });
  await using client = await openListing('quay.example.com', 'quay', { quay });
  expect(await collect(client.listing.repositories(['apps', 'apps/api']))).toEqual(['apps/api', 'apps/web']);
  expect(asked[0]).toBe('apps');
});

test('a repository is made with its organisation, and neither twice', async () => {
  const { quay, made } = calls([]);
  await using client = await openListing('quay.example.com', 'quay', { quay });
  await client.listing.createRepository(repositoryName('apps/there'));
  expect(made).toEqual([]);
  await client.listing.createRepository(repositoryName('fresh/deep/api'), { visibility: 'public', description: 'x' });
  await client.listing.createRepository(repositoryName('apps/new'));
  expect(made).toEqual(['organisation fresh', 'public fresh/deep/api "x"', 'private apps/new ""']);
  await expect(client.listing.createRepository(repositoryName('alone'))).rejects.toMatchObject({
    code: 'E_UNSUPPORTED',
  });
});

test('where a repository has to be made by other means, that is said', async () => {
  await using client = await openListing('1.dkr.ecr.eu-west-1.amazonaws.com', 'ecr');
  await expect(client.listing.createRepository(app)).rejects.toMatchObject({ code: 'E_UNSUPPORTED' });
});
