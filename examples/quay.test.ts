import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bootstrapQuay, connectQuay, openQuayApi, Secret } from '../src/index.ts';
import { type FakeQuay, startFakeQuay } from '../test/kit/quay/index.ts';
import { prepareOrganization, tagNames } from './quay-api.ts';
import { keepRobots } from './quay-management.ts';
import { isThere } from './quay-preflight.ts';
import { settle } from './quay-state.ts';

let quay: FakeQuay;
let token: string;

beforeEach(async () => {
  quay = await startFakeQuay();
  await using connection = await connectQuay({ server: quay.url, anonymous: true });
  const user = { username: 'admin', password: new Secret('password1') };
  token = (await bootstrapQuay(connection, user, { organization: 'holders' })).token.reveal();
});
afterEach(() => quay.close());

test('quay-preflight.ts tells true from false and never ends the program', async () => {
  expect(await isThere(quay.url)).toBe('ready');
  expect(await isThere('https://nowhere.invalid')).toBe('no name');
  await quay.close();
  expect(await isThere(quay.url)).toBe('no answer');
});

test('quay-api.ts makes an organisation once', async () => {
  const prepare = () => prepareOrganization(quay.url, token, 'mirrors', 'registry.example.com');
  expect(await prepare()).toEqual({ made: true, robot: 'mirrors+ci', exists: true });
  quay.clearLog();
  expect(await prepare()).toEqual({ made: false, robot: 'mirrors+ci', exists: true });
  expect(quay.writes).toEqual([]);
  await expect(tagNames(quay.url, token, 'mirrors/absent')).rejects.toMatchObject({ code: 'E_QUAY_ABSENT' });
});

describe('what the classes of the original had wrong (compatibility chapter 1.5)', () => {
  test('exists is true for what exists, of organisations and of repositories', async () => {
    await using api = await openQuayApi({ server: `${quay.url}/`, token: new Secret(token) });
    expect(await api.exists('admin_org')).toBe(false);
    expect(await api.createOrganization('admin_org')).toBe(true);
    expect(await api.exists('admin_org')).toBe(true);
    const body = { namespace: 'admin_org', repository: 'a/b', visibility: 'private', description: '' };
    await api.client.call('createRepository', { body });
    expect(await api.exists('admin_org/a/b')).toBe(true);
    expect(await api.exists('admin_org/a')).toBe(false);
    expect(await api.repositories('admin_org')).toEqual(['admin_org/a/b']);
    expect(await api.tagInfo('admin_org/a/b')).toEqual([]);
  });

  test('no proxy cache is nothing, not three empty texts', async () => {
    await using api = await openQuayApi({ server: quay.url, token: new Secret(token) });
    await api.createOrganization('admin_org');
    expect(await api.proxyCache('admin_org')).toBeUndefined();
    expect(await api.deleteProxyCache('admin_org')).toBe(false);
  });
});

test('quay-management.ts keeps robots by configuration', async () => {
  await prepareOrganization(quay.url, token, 'mirrors', 'registry.example.com');
  const config = {
    one: { name: 'ci', type: 'org', org_name: 'mirrors' },
    two: { name: 'mine', type: 'personal' },
  } as const;
  expect(await keepRobots(quay.url, token, config)).toEqual({
    before: { 'mirrors+ci': true, mine: false },
    made: ['admin+mine'],
    after: { 'mirrors+ci': true, mine: true },
    removed: ['mirrors+ci', 'mine'],
  });
});

test('quay-state.ts settles a declaration and then finds nothing to do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tranship-state-'));
  const file = join(folder, 'quay.yaml');
  await writeFile(
    file,
    `version: 1\nserver: {url: "${quay.url}", token: {env: QUAY_TOKEN}}\norganizations: {apps: {robots: {ci: {}}}}\n`,
  );
  expect(await settle(file, { QUAY_TOKEN: token })).toEqual({
    planned: ['create organization apps', 'create robot apps+ci'],
    failed: 0,
  });
  expect(await settle(file, { QUAY_TOKEN: token })).toEqual({ planned: [], failed: 0 });
  await rm(folder, { recursive: true });
});
