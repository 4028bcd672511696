import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bootstrapQuay, connectQuay, openQuayApi, Secret } from '../src/index.ts';
import { type MirroredQuay, owner, startMirroredQuay } from '../test/kit/mirrored-quay.ts';
import { type FakeQuay, startFakeQuay } from '../test/kit/quay/index.ts';
import { prepareOrganization, tagNames } from './quay-api.ts';
import { keepRobots } from './quay-management.ts';
import { mirrorAll, runAll, states } from './quay-mirror.ts';
import { isThere } from './quay-preflight.ts';
import { settle } from './quay-state.ts';
import { moveImages, whatDiffers } from './quay-sync.ts';

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

describe('what the classes of the original had wrong', () => {
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

describe('a standby beside an active Quay', () => {
  let active: MirroredQuay;
  let standby: MirroredQuay;

  beforeEach(async () => {
    active = await startMirroredQuay();
    // Every look at the clock moves it, so that the mirrors' workers come round without anybody waiting.
    let time = Date.now();
    const clock = { now: () => (time += 200), set: () => undefined, advance: () => undefined };
    standby = await startMirroredQuay({ clock });
    await active.api('POST', '/repository', {
      namespace: 'acme',
      repository: 'api',
      visibility: 'private',
      description: '',
    });
    await active.push('acme/api', 'v1');
  });
  afterEach(async () => {
    await active.quay.close();
    await standby.quay.close();
  });

  test('quay-mirror.ts sets its mirrors up once, runs them and tells how they ended', async () => {
    const of = {
      active: active.quay.url,
      standby: standby.quay.url,
      organization: 'acme',
      activeToken: active.tokenWith('repo:read'),
      standbyToken: standby.tokenWith('org:admin', 'repo:admin', 'repo:create'),
      pull: owner,
      verifyTls: false,
    };
    expect(await mirrorAll(of)).toEqual(['repository acme/api: new', 'mirror of acme/api: new']);
    expect(await mirrorAll(of)).toEqual([]);
    expect(await runAll(of)).toEqual({ 'acme/api': 'SUCCESS' });
    expect(await states(of)).toEqual({ 'acme/api': 'SUCCESS' });
    expect(await standby.tagsOf('acme/api')).toEqual(['v1']);
  });

  test('quay-sync.ts tells what differs with tokens that may only read, and moves what is missing', async () => {
    const source = { server: active.quay.url, token: new Secret(active.tokenWith('repo:read')) };
    const reader = { server: standby.quay.url, token: new Secret(standby.tokenWith('repo:read')) };
    expect(await whatDiffers(source, reader)).toEqual({ missing: ['repository acme/api'], tags: ['copy acme/api:v1'] });
    const writer = { server: standby.quay.url, token: new Secret(standby.token) };
    expect((await moveImages(source, writer)).exitCode).toBe(0);
    expect(await whatDiffers(source, reader)).toEqual({ missing: [], tags: [] });
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
