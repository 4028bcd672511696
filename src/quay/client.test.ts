import { afterEach, describe, expect, it } from 'vitest';
import { startEmbedded } from '../../test/kit/embedded.ts';
import { type FakeQuay, type FakeQuayOptions, startFakeQuay } from '../../test/kit/quay/index.ts';
import { createHttp } from '../http/client.ts';
import type { HttpClient } from '../http/types.ts';
import { Secret } from '../kit/secret.ts';
import { openQuay, type QuayClient } from './client.ts';
import { mirrorAbilities } from './declared/abilities.ts';
import { detectFeatures } from './features.ts';
import { makeFirstUser } from './first-user.ts';
import { waitUntilHealthy } from './health.ts';
import { requireLiveToken } from './liveness.ts';
import { mintInSession } from './mint.ts';
import { followed, repositoriesOf, tagsOf } from './pages.ts';
import { signIn } from './session.ts';

type Version = NonNullable<FakeQuayOptions['version']>;
const versions: readonly Version[] = ['3.7', '3.10', '3.12', '3.15', '3.17', '3.18', 'main'];
const password = new Secret('password1');
const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

interface Setting {
  readonly fake: FakeQuay;
  /** As a stranger. */
  readonly stranger: QuayClient;
  /** With the first user's token, which has every scope. */
  readonly quay: QuayClient;
  readonly http: HttpClient;
}

async function start(options: FakeQuayOptions = {}): Promise<Setting> {
  const fake = await startFakeQuay(options);
  const http = createHttp({ settings: () => ({}), env: {}, userAgent: 'test' });
  open.push(
    () => http.close(),
    () => fake.close(),
  );
  const stranger = openQuay({ url: new URL(fake.url), http });
  await detectFeatures(stranger);
  const { token } = await makeFirstUser(stranger, { username: 'admin', password }, { organization: 'holders' });
  const quay = openQuay({ url: new URL(fake.url), http, token });
  await detectFeatures(quay);
  fake.clearLog();
  return { fake, stranger, quay, http };
}

describe('what a server can do', () => {
  it.each(versions)('is read from its own description, whatever it calls itself (%s)', async (version) => {
    const { quay } = await start({ version, features: { SPARSE_INDEX: true } });
    const { features } = quay;
    const minor = version === 'main' ? 19 : Number(version.split('.')[1]);
    expect(features?.isOn('AUTO_PRUNE')).toBe(minor >= 10);
    expect(features?.isOn('IMMUTABLE_TAGS')).toBe(minor >= 17);
    expect(features?.offers('createApplicationToken')).toBe(minor >= 18);
    expect(features?.offers('createRepository')).toBe(true);
    if (features !== undefined) {
      expect(mirrorAbilities(features)).toEqual({ timeout: minor >= 15, architectures: minor >= 17 });
    }
  });

  it('an architecture filter also needs sparse indexes', async () => {
    const { quay } = await start();
    expect(quay.features && mirrorAbilities(quay.features)).toEqual({ timeout: true, architectures: false });
  });
});

describe('signing in', () => {
  it('tells a wrong password from too many of them, in whatever status Quay says so', async () => {
    const { stranger } = await start();
    const wrong = () => signIn(stranger, 'admin', new Secret('not the password'));
    await expect(wrong()).rejects.toMatchObject({ code: 'E_QUAY_SIGN_IN', failure: 'auth' });
    await expect(signIn(stranger, 'admin', password)).rejects.toMatchObject({
      code: 'E_THROTTLED',
      failure: 'temporary',
    });
  });
});

describe('a server whose /config is not to be had: an old one, or behind a proxy that lets only the API through', () => {
  const withoutConfig = (http: HttpClient): HttpClient => ({
    ...http,
    request: async (request) => {
      const url = request.url.pathname === '/config' ? new URL('/nowhere', request.url) : request.url;
      return http.request({ ...request, url });
    },
  });

  it('tells its features by the calls that it offers', async () => {
    const { fake, http } = await start({ version: '3.10', features: { PROXY_CACHE: false } });
    const quay = openQuay({ url: new URL(fake.url), http: withoutConfig(http) });
    const features = await detectFeatures(quay);
    const flags = ['REPO_MIRROR', 'AUTO_PRUNE', 'QUOTA_MANAGEMENT', 'SUPER_USERS', 'USER_INITIALIZE'];
    expect(flags.map((flag) => features.isOn(flag))).toEqual([true, true, true, true, true]);
    expect(['PROXY_CACHE', 'ORG_MIRROR', 'MAILING'].map((flag) => features.isOn(flag))).toEqual([false, false, false]);
    expect(features.readOnly).toBe(false);
  });

  it('still makes its first user', async () => {
    const fake = await startFakeQuay({ version: '3.7' });
    const http = createHttp({ settings: () => ({}), env: {}, userAgent: 'test' });
    open.push(
      () => http.close(),
      () => fake.close(),
    );
    const stranger = openQuay({ url: new URL(fake.url), http: withoutConfig(http) });
    await detectFeatures(stranger);
    const { how } = await makeFirstUser(stranger, { username: 'admin', password }, { organization: 'holders' });
    expect(how).toBe('made');
  });

  it('is no Quay where there is no API either', async () => {
    const { http } = await start();
    await using other = await startEmbedded();
    const quay = openQuay({ url: new URL(`http://${other.host}`), http });
    await expect(detectFeatures(quay)).rejects.toMatchObject({ code: 'E_NOT_QUAY' });
  });
});

describe('the client', () => {
  it('sends no change whose feature is off: its path would mean another object', async () => {
    const { fake, quay } = await start();
    await quay.call('createOrganization', { body: { name: 'acme' } });
    for (const repository of ['app', 'app/autoprunepolicy/x']) {
      await quay.call('createRepository', {
        body: { namespace: 'acme', repository, visibility: 'private', description: '' },
      });
    }
    fake.setFeature('AUTO_PRUNE', false);
    await detectFeatures(quay);
    fake.clearLog();
    const parameters = { repository: 'acme/app', uuid: 'x' };
    await expect(quay.call('deleteRepositoryPrune', { parameters })).rejects.toMatchObject({
      code: 'E_QUAY_FEATURE_OFF',
    });
    expect(fake.requests).toEqual([]);
  });

  it.each(['acme//app', 'acme/', '/app', 'app', 'acme/../other', 'acme/app?x'])(
    'deletes nothing by the path of %j',
    async (repository) => {
      const { fake, quay } = await start();
      await expect(quay.call('deleteRepository', { parameters: { repository } })).rejects.toMatchObject({
        code: 'E_QUAY_NAME',
      });
      expect(fake.requests).toEqual([]);
    },
  );

  it('follows no redirect', async () => {
    const { fake, quay } = await start();
    const answer = await quay.send('DELETE', '/api/v1/user');
    expect(answer.status).toBe(308);
    expect(fake.requests).toHaveLength(1);
  });

  it('reads all pages of a listing, each repository once', async () => {
    const { quay } = await start();
    await quay.call('createOrganization', { body: { name: 'acme' } });
    const names = Array.from({ length: 205 }, (_, index) => `r${index}`);
    for (const repository of names) {
      await quay.call('createRepository', {
        body: { namespace: 'acme', repository, visibility: 'private', description: '' },
      });
    }
    const found = await Array.fromAsync(repositoriesOf(quay, 'acme'));
    expect(found.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  });

  it('ends a listing that starts again at its first page', async () => {
    const { quay } = await start();
    const looping: QuayClient = {
      ...quay,
      call: (async () => ({ repositories: [{ namespace: 'a', name: 'b' }], next_page: 'again' })) as QuayClient['call'],
    };
    await expect(Array.fromAsync(repositoriesOf(looping, 'a'))).rejects.toMatchObject({ code: 'E_QUAY_LISTING' });
  });

  it.each<[string, (page: number) => object]>([
    ['names itself as the next page', () => ({ users: [], next_page: 'again' })],
    ['goes on for ever with pages that hold nothing', (page) => ({ users: [], next_page: `page-${page}` })],
  ])('ends a listing that %s, within few requests', async (_, pageAt) => {
    const { quay } = await start();
    let asked = 0;
    const astray = answering(quay, () => pageAt((asked += 1)));
    const listing = followed(astray, 'users', async (next) => {
      const page = await astray.call('listAllUsers', { query: { next_page: next } });
      return { entries: page.users, next: page.next_page };
    });
    await expect(Array.fromAsync(listing)).rejects.toMatchObject({ code: 'E_QUAY_LISTING', failure: 'temporary' });
    expect(asked).toBeLessThan(200);
  });

  it('ends a listing of tags whose pages are all the same one: a proxy lost the page number', async () => {
    const { quay } = await start();
    let asked = 0;
    const astray = answering(quay, () => {
      asked += 1;
      return { tags: [{ name: 'v1', manifest_digest: `sha256:${'0'.repeat(64)}` }], page: 1, has_additional: true };
    });
    await expect(Array.fromAsync(tagsOf(astray, 'a/b'))).rejects.toMatchObject({ code: 'E_QUAY_LISTING' });
    expect(asked).toBe(2);
  });
});

function answering(quay: QuayClient, answer: () => object): QuayClient {
  return { ...quay, call: (async () => answer()) as unknown as QuayClient['call'] };
}

describe('a token', () => {
  it.each(versions)('that lives is told from one that is dead or none for the API (%s)', async (version) => {
    const { quay, stranger, fake, http } = await start({ version });
    await requireLiveToken(quay, 'admin');
    await requireLiveToken(quay, 'no-such-namespace');
    await expect(requireLiveToken(stranger, 'admin')).rejects.toMatchObject({ code: 'E_QUAY_TOKEN', failure: 'auth' });
    await quay.call('createUserRobot', { parameters: { robot: 'ci' } });
    const { token } = await quay.call('getUserRobot', { parameters: { robot: 'ci' } });
    const robot = openQuay({ url: new URL(fake.url), http, token: new Secret(token ?? '') });
    await expect(requireLiveToken(robot, 'admin')).rejects.toMatchObject({ code: 'E_QUAY_TOKEN' });
  });

  it.each(['repo:read', 'repo:create', 'user:read', 'org:admin'])('with %s alone lives', async (scope) => {
    const { quay, fake, http } = await start();
    const session = await signIn(quay, 'admin', password);
    const request = { organization: 'holders', application: 'one', scopes: [scope] };
    const token = await mintInSession(quay, session, request);
    await requireLiveToken(openQuay({ url: new URL(fake.url), http, token }), 'holders');
  });

  it('is made again in the same application', async () => {
    const { quay } = await start();
    const session = await signIn(quay, 'admin', password);
    const request = { organization: 'holders', application: 'one', scopes: ['repo:read'] };
    await mintInSession(quay, session, request);
    await mintInSession(quay, session, request);
    const { applications } = await quay.call('listApplications', { parameters: { organization: 'holders' } });
    expect(applications.map(({ name }) => name)).toEqual(['one']);
  });

  it('a wrong password is that, and after it the right one is to be tried later', async () => {
    const { quay } = await start();
    await expect(signIn(quay, 'admin', new Secret('wrong'))).rejects.toMatchObject({ code: 'E_QUAY_SIGN_IN' });
    await expect(signIn(quay, 'admin', password)).rejects.toMatchObject({
      failure: expect.stringMatching(/temporary|auth/),
    });
  });
});

describe('health', () => {
  it('is looked at before anything is waited for', async () => {
    const { quay } = await start();
    const clock = { now: () => 0, sleep: () => Promise.reject(new Error('waited')) };
    await waitUntilHealthy(quay, { clock, patience: 1000 });
  });

  it('is waited for, and its lack is an error with the reason', async () => {
    const { quay } = await start();
    const sick: QuayClient = { ...quay, send: async () => ({ ...(await quay.send('GET', '/config')), status: 503 }) };
    let now = 0;
    const clock = {
      now: () => now,
      sleep: async (milliseconds: number) => {
        now += milliseconds;
      },
    };
    await expect(waitUntilHealthy(sick, { clock, patience: 5000 })).rejects.toMatchObject({
      code: 'E_QUAY_UNHEALTHY',
      message: expect.stringContaining('503'),
    });
    expect(now).toBe(5000);
  });
});
