import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tranship } from '../../../test/kit/command-line.ts';
import { type FakeQuay, startFakeQuay } from '../../../test/kit/quay/index.ts';

let quay: FakeQuay;
let folder: string;
let token = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tranship-state-'));
  quay = await startFakeQuay();
  token = '';
  const made = await api('POST', '/user/initialize', {
    username: 'admin',
    password: 'password1',
    email: 'admin@example.com',
    access_token: true,
  });
  token = String(made['access_token']);
  await api('POST', '/superuser/users/', { username: 'ana', email: 'ana@example.com' });
  quay.clearLog();
});
afterEach(async () => {
  await quay.close();
  await rm(folder, { recursive: true, force: true });
});

async function api(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const answer = await fetch(`${quay.url}/api/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
}

const run = (...argv: readonly string[]) => tranship(argv, { env: { TRANSHIP_QUAY_TOKEN: token } });

async function declare(text: string): Promise<string> {
  const path = join(folder, 'quay.yaml');
  await writeFile(path, `version: 1\nserver: {url: "${quay.url}"}\n${text}\n`);
  return path;
}

/** Exports, and plans what was exported: no difference, with deletions allowed too. */
async function expectFixedPoint(...organizations: readonly string[]): Promise<string> {
  quay.clearLog();
  const exported = await run('quay', 'export', '-s', quay.url, ...organizations);
  expect([exported.code, exported.stderr]).toEqual([0, '']);
  const path = join(folder, 'exported.yaml');
  await writeFile(path, exported.stdout);
  const plan = await run('quay', 'plan', '-c', path, '--exit-code', '--prune');
  expect([plan.stdout, plan.code, plan.stderr]).toEqual(['', 0, 'Nothing to do: the server is as the file says.\n']);
  expect(quay.writes).toEqual([]);
  return exported.stdout;
}

describe('export and plan are a fixed point', () => {
  test('for what people do by hand and no declaration would', async () => {
    for (const name of ['stores', 'payments']) await api('POST', '/organization/', { name });
    await api('PUT', '/organization/stores/robots/puller', {});
    await api('PUT', '/organization/payments/robots/ci', { description: 'a "quoted": one, # and more' });
    await api('PUT', '/organization/payments/team/readers', { role: 'member', description: 'line one\nline two' });
    await api('PUT', '/organization/payments/team/readers/members/ana');
    await api('POST', '/organization/payments/applications', { name: 'yes', description: 'null' });
    await api('POST', '/organization/payments/prototypes', {
      role: 'read',
      delegate: { kind: 'user', name: 'stores+puller' },
    });
    const repository = { namespace: 'payments', visibility: 'private', description: '- not: a list' };
    for (const name of ['a/b/c', '0123', 'true', 'constructor', 'frozen', 'half'])
      await api('POST', '/repository', { ...repository, repository: name });
    await api('PUT', '/repository/payments/a/b/c/permissions/team/readers', { role: 'write' });
    await api('POST', '/repository/payments/a/b/c/notification/', {
      event: 'repo_push',
      method: 'webhook',
      config: { url: 'https://hooks.example.com/q?a=1&b=2', template: '{"text": "#{x}"}' },
      eventConfig: {},
    });
    await api('PUT', '/repository/payments/frozen/changestate', { state: 'READ_ONLY' });
    await api('PUT', '/repository/payments/half/changestate', { state: 'MIRROR' });
    const yaml = await expectFixedPoint('payments', 'stores');
    expect(yaml).toContain('stores+puller');
  });

  test('for a mirrored organisation, whether certificates are checked included, and its proxy left alone', async () => {
    await api('POST', '/organization/', { name: 'copies' });
    await api('PUT', '/organization/copies/robots/mirror', {});
    await api('POST', '/organization/copies/mirror', {
      external_registry_type: 'quay',
      external_registry_url: 'https://quay.example.com',
      external_namespace: 'payments',
      robot_username: 'copies+mirror',
      visibility: 'private',
      sync_interval: 3600,
      sync_start_date: '2030-01-01T00:00:00Z',
      external_registry_username: '$oauthtoken',
      external_registry_password: 'a-password-there',
      external_registry_config: { verify_tls: false, proxy: { https_proxy: 'http://proxy.example.com:3128' } },
      repository_filters: ['api', 'web-*'],
    });
    const yaml = await expectFixedPoint('copies');
    expect(yaml).toContain('verify-tls: false');
    expect(yaml).not.toContain('a-password-there');
    const changed = yaml.replace('verify-tls: false', 'verify-tls: true');
    const path = join(folder, 'changed.yaml');
    await writeFile(path, changed);
    expect((await run('quay', 'apply', '-c', path)).code).toBe(0);
    expect(await api('GET', '/organization/copies/mirror')).toMatchObject({
      external_registry_config: { verify_tls: true, proxy: { https_proxy: 'http://proxy.example.com:3128' } },
    });
  });

  test('for more repositories than two pages hold', async () => {
    await api('POST', '/organization/', { name: 'wide' });
    for (let number = 0; number < 205; number += 1) {
      await api('POST', '/repository', {
        namespace: 'wide',
        repository: `r${number}`,
        visibility: 'private',
        description: '',
      });
    }
    const yaml = await expectFixedPoint('wide');
    expect(yaml.match(/^ {6}r\d+:/gm)).toHaveLength(205);
  }, 60_000);
});

test.each([
  [
    'ORG_MIRROR',
    '{pay: {robots: {ci: {}}, mirror: {kind: quay, from: "https://q.example.com", namespace: x, robot: ci, every: 1h}}}',
  ],
  ['QUOTA_MANAGEMENT', '{pay: {quota: {limit: 1GiB}}}'],
  ['AUTO_PRUNE', '{pay: {auto-prune: [{keep-newest: 3}], repositories: {a: {auto-prune: [{keep-newest: 3}]}}}}'],
  ['TEAM_SYNCING', '{pay: {teams: {devs: {sync: {ldap: "cn=x"}}}}}'],
  ['IMMUTABLE_TAGS', '{pay: {immutability: [{tags: "^v"}]}}'],
  [
    'REPO_MIRROR',
    '{pay: {robots: {ci: {}}, repositories: {a: {mirror: {from: r.example.com/a/b, tags: ["*"], every: 1h, robot: ci}}}}}',
  ],
  ['PROXY_CACHE', '{pay: {proxy-cache: {upstream: docker.io}}}'],
])(
  'with %s off an export leaves it out, and a file that asks for it is refused with 2',
  async (feature, organizations) => {
    await api('POST', '/organization/', { name: 'pay' });
    await api('POST', '/repository', { namespace: 'pay', repository: 'a', visibility: 'private', description: '' });
    quay.setFeature(feature, false);
    await expectFixedPoint('pay');
    const path = await declare(`organizations: ${organizations}`);
    const refused = await run('quay', 'apply', '-c', path);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(`FEATURE_${feature}: true`)]);
    expect(quay.writes).toEqual([]);
  },
);

describe('users', () => {
  test('are made, disabled and left alone as declared, and deleted only with --prune', async () => {
    const path = await declare(
      'users: {ben: {email: ben@example.com}, cara: {email: cara@example.com, enabled: false}, ana: {email: ana@example.org}}',
    );
    const done = await run('quay', 'apply', '-c', path);
    expect([done.code, done.stderr]).toEqual([0, expect.not.stringContaining('✖')]);
    expect((await run('quay', 'plan', '-c', path, '--exit-code')).code).toBe(0);
    expect(await api('GET', '/superuser/users/cara')).toMatchObject({ enabled: false });
    expect(await api('GET', '/superuser/users/ana')).toMatchObject({ email: 'ana@example.org' });
    const without = await declare('users: {ben: {present: false}}');
    quay.clearLog();
    expect((await run('quay', 'apply', '-c', without)).stderr).toContain('waiting for --prune');
    expect(quay.writes).toEqual([]);
    expect((await run('quay', 'apply', '-c', without, '--prune')).code).toBe(0);
    expect(quay.writes.map(({ method }) => method)).toEqual(['DELETE']);
  });
});
