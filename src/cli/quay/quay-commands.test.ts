import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tranship } from '../../../test/kit/command-line.ts';
import { type EmbeddedRegistry, startEmbedded } from '../../../test/kit/embedded.ts';
import { addToken } from '../../../test/kit/quay/auth/oauth.ts';
import { type FakeQuay, type FakeQuayOptions, startFakeQuay } from '../../../test/kit/quay/index.ts';
import { findUser } from '../../../test/kit/quay/model/accounts.ts';

type QuayVersion = NonNullable<FakeQuayOptions['version']>;

let quay: FakeQuay;
let folder: string;
let upstream: EmbeddedRegistry;
let token = '';

const everyScope = 'org:admin repo:admin repo:create repo:read repo:write super:user user:admin user:read';

async function start(options: FakeQuayOptions = {}): Promise<void> {
  await quay?.close();
  quay = await startFakeQuay({ resolveHost: (host) => (host === 'docker.io' ? upstream.host : host), ...options });
  const made = await api('POST', '/user/initialize', {
    username: 'admin',
    password: 'password1',
    email: 'admin@example.com',
    access_token: true,
  });
  token = String(made['access_token']);
  quay.clearLog();
}

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

/** A token of these scopes, of the administrator. */
async function tokenOf(scopes: string): Promise<string> {
  const made = await run(['quay', 'token', 'create', '--org', 'holders', '--scopes', scopes], {}, true);
  return made.stdout.trim();
}

async function run(argv: readonly string[], env: Record<string, string> = {}, named = false) {
  const server = named ? ['-s', quay.url, '-u', 'admin', '--password-stdin'] : [];
  return tranship([...argv, ...server], {
    env: { TRANSHIP_QUAY_TOKEN: token, ...env },
    ...(named ? { input: 'password1\n' } : {}),
  });
}

async function file(organizations: string, more = ''): Promise<string> {
  const path = join(folder, 'quay.yaml');
  await writeFile(path, `version: 1\nserver: {url: "${quay.url}"}\n${more}organizations:\n${organizations}\n`);
  return path;
}

/** Every object kind at once; `features` as the version has them. */
function everything(lines: readonly string[] = []): string {
  return `  payments:
    email: payments@example.com
    tag-expiration: 1w
    teams:
      developers: {role: creator, description: they develop, members: [ana, robot/ci]}
    robots:
      ci: {description: pipeline}
    default-permissions: [{grant: write, to: robot/ci}, {grant: read, to: team/developers, created-by: user/ana}]
    quota: {limit: 10GiB, warn: 80%, reject: 100%}
    applications: {automation: {description: tokens}}
    repositories:
      api:
        visibility: public
        description: Payments API
        permissions: {team/developers: write, robot/ci: admin, user/ana: read, user/admin: admin}
        notifications: [{title: pushed, event: repo_push, method: webhook, config: {url: "https://hooks.example.com/q"}}]
      mirrored:
        mirror: {from: registry.example.com/a/b, tags: ["v*"], every: 10m, robot: ci, verify-tls: true}
${lines.map((line) => `    ${line}\n`).join('')}  cache:
    proxy-cache: {upstream: docker.io, expiration: 24h, insecure: true}
`;
}

const withPolicies = everything(['auto-prune: [{keep-newest: 50}]', 'immutability: [{tags: "^v1"}]']);

beforeAll(async () => {
  upstream = await startEmbedded();
});
afterAll(() => upstream[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tranship-quay-'));
  token = '';
  await start();
  await api('POST', '/superuser/users/', { username: 'ana', email: 'ana@example.com' });
  quay.clearLog();
});
afterEach(async () => {
  await quay.close();
  await rm(folder, { recursive: true, force: true });
});

describe('declared state', () => {
  it('a plan and a dry run write nothing, and say what would be done', async () => {
    const path = await file(withPolicies);
    const plan = await run(['quay', 'plan', '-c', path, '--exit-code']);
    expect(plan).toMatchObject({ code: 5 });
    expect(plan.stdout).toContain('+  organization payments   new');
    expect(plan.stdout).toContain('+  mirror of payments/mirrored   new');
    expect((await run(['quay', 'apply', '-c', path, '--dry-run'])).stdout).toBe(plan.stdout);
    expect(quay.writes).toEqual([]);
  });

  it('applied once, nothing differs, and a second time nothing is written', async () => {
    const path = await file(withPolicies);
    const first = await run(['quay', 'apply', '-c', path]);
    expect(first.stderr).not.toContain('✖');
    expect(first.code).toBe(0);
    quay.clearLog();
    const second = await run(['quay', 'apply', '-c', path, '--exit-code']);
    expect(second).toMatchObject({ code: 0, stdout: '' });
    expect(quay.writes).toEqual([]);
  });

  it('export and apply are a fixed point for every kind of object', async () => {
    await run(['quay', 'apply', '-c', await file(withPolicies)]);
    quay.clearLog();
    const exported = await run(['quay', 'export', '-s', quay.url, 'payments', 'cache']);
    expect(exported.code).toBe(0);
    expect(quay.writes).toEqual([]);
    const path = join(folder, 'exported.yaml');
    await writeFile(path, exported.stdout);
    const plan = await run(['quay', 'plan', '-c', path, '--exit-code', '--prune'], { TRANSHIP_QUAY_TOKEN: token });
    expect(plan.stdout).toBe('');
    expect(plan.code).toBe(0);
    for (const key of [
      'teams',
      'robots',
      'default-permissions',
      'quota',
      'applications',
      'permissions',
      'notifications',
      'mirror',
      'auto-prune',
      'immutability',
      'proxy-cache',
      'tag-expiration',
    ]) {
      expect(exported.stdout).toContain(`${key}:`);
    }
  });

  it.each<QuayVersion>(['3.7', '3.10', '3.12', '3.15', '3.17', '3.18'])(
    'works from Quay 3.7 on: %s',
    async (version) => {
      token = '';
      await start({ version });
      await api('POST', '/superuser/users/', { username: 'ana', email: 'ana@example.com' });
      const path = await file(everything());
      const applied = await run(['quay', 'apply', '-c', path]);
      expect(applied.stderr).not.toContain('✖');
      expect(applied.code).toBe(0);
      expect(await run(['quay', 'plan', '-c', path, '--exit-code'])).toMatchObject({ code: 0, stdout: '' });
    },
  );

  it('an organisation without an address is exported without one, whatever an older Quay shows in its place', async () => {
    await start({ version: '3.12' });
    await api('POST', '/organization/', { name: 'payments' });
    expect(await api('GET', '/organization/payments')).toMatchObject({
      email: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const { stdout } = await run(['quay', 'export', '-s', quay.url, 'payments']);
    expect(stdout).not.toContain('email:');
    await start({ version: '3.15' });
    const declared = stdout.replace(/url: .*/, `url: ${quay.url}`);
    await writeFile(join(folder, 'exported.yaml'), declared);
    expect(await run(['quay', 'apply', '-c', join(folder, 'exported.yaml')])).toMatchObject({ code: 0 });
  });

  it('users are exported where that is asked for, and apply finds them unchanged', async () => {
    await start();
    await api('POST', '/superuser/users/', { username: 'ana', email: 'ana@example.com' });
    await api('PUT', '/superuser/users/ana', { enabled: false });
    const { code, stdout } = await run(['quay', 'export', '--users', '-s', quay.url]);
    expect(code).toBe(0);
    expect(stdout).toContain('ana:\n    email: ana@example.com\n    enabled: false\n');
    await writeFile(join(folder, 'users.yaml'), stdout);
    quay.clearLog();
    expect(await run(['quay', 'apply', '-c', join(folder, 'users.yaml')])).toMatchObject({ code: 0 });
    expect(quay.writes).toEqual([]);
    const weak = await tokenOf('org:admin user:read repo:read');
    expect(await run(['quay', 'export', '--users', '-s', quay.url], { TRANSHIP_QUAY_TOKEN: weak })).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('super:user'),
    });
    expect(await run(['quay', 'export', '-s', quay.url])).toMatchObject({ code: 2 });
  });

  it('what a version lacks is refused only where the file asks for it, before anything is written', async () => {
    token = '';
    await start({ version: '3.12' });
    const path = await file('  payments:\n    immutability: [{tags: "^v1"}]\n');
    const refused = await run(['quay', 'apply', '-c', path]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/IMMUTABLE_TAGS is off on this Quay.*3\.17/);
    expect(quay.writes).toEqual([]);
  });

  it('a feature that is off and asked for is refused with what to switch on', async () => {
    quay.setFeature('PROXY_CACHE', false);
    const refused = await run(['quay', 'apply', '-c', await file('  cache: {proxy-cache: {upstream: docker.io}}\n')]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('FEATURE_PROXY_CACHE: true');
    expect(quay.writes).toEqual([]);
  });

  it('deletions wait for --prune, stay under the cap, and happen when they are allowed', async () => {
    await run(['quay', 'apply', '-c', await file(withPolicies)]);
    const path = await file('  payments: {present: false}\n  cache: {robots: {none: {present: false}}}\n');
    quay.clearLog();
    const held = await run(['quay', 'apply', '-c', path]);
    expect(held).toMatchObject({ code: 0 });
    expect(held.stderr).toContain('1 deletion waiting for --prune');
    expect(quay.writes).toEqual([]);
    expect((await run(['quay', 'apply', '-c', path, '--prune', '--max-deletions', '1'])).code).toBe(6);
    expect(quay.writes).toEqual([]);
    expect((await run(['quay', 'apply', '-c', path, '--prune'])).code).toBe(0);
    expect(quay.writes.map(({ method, path: at }) => `${method} ${at}`)).toEqual([
      'DELETE /api/v1/organization/payments',
    ]);
  });

  it('goes on after a failure with what does not stand on it, and ends with 3', async () => {
    const path = await file(`  admin:
    robots: {ci: {}}
  payments:
    teams: {developers: {members: [nobody-there]}}
    repositories: {api: {description: it works}}
`);
    const done = await run(['quay', 'apply', '-c', path, '-o', 'json']);
    expect(done.code).toBe(3);
    const { kind, changes } = JSON.parse(done.stdout) as {
      kind: string;
      changes: { object: string; outcome: string }[];
    };
    expect(kind).toBe('Report');
    expect(Object.fromEntries(changes.map(({ object, outcome }) => [object, outcome]))).toMatchObject({
      'organization admin': 'failed',
      'robot admin+ci': 'skipped',
      'organization payments': 'done',
      'member nobody-there of team payments/developers': 'failed',
      'repository payments/api': 'done',
    });
    expect(done.stderr).toContain('robot admin+ci was skipped: organization admin could not be made');
  });

  it('a proxy cache is made on an older Quay, whose call wants the organisation’s name in its body too', async () => {
    await start({ version: '3.10' });
    const done = await run([
      'quay',
      'apply',
      '-c',
      await file('  payments: {proxy-cache: {upstream: docker.io, insecure: true}}'),
    ]);
    expect(done).toMatchObject({ code: 0 });
    expect(await api('GET', '/organization/payments/proxycache')).toMatchObject({ upstream_registry: 'docker.io' });
  });

  it('a proxy cache is replaced only where it differs', async () => {
    const path = await file('  cache: {proxy-cache: {upstream: docker.io, expiration: 24h, insecure: true}}\n');
    await run(['quay', 'apply', '-c', path]);
    quay.clearLog();
    await run([
      'quay',
      'apply',
      '-c',
      await file('  cache: {proxy-cache: {upstream: docker.io, expiration: 48h, insecure: true}}\n'),
    ]);
    expect(quay.writes.map(({ method, path: at }) => `${method} ${at}`)).toEqual([
      'DELETE /api/v1/organization/cache/proxycache',
      'POST /api/v1/organization/cache/validateproxycache',
      'POST /api/v1/organization/cache/proxycache',
    ]);
  });
});

describe('an auto-prune policy for some tags', () => {
  const policy = () => file('  payments: {auto-prune: [{keep-newest: 5, tags: "^pr-"}]}');

  it('is not made where the server would take it for all tags', async () => {
    await start({ version: '3.12' });
    const done = await run(['quay', 'apply', '-c', await policy()]);
    expect(done).toMatchObject({ code: 2, stderr: expect.stringContaining('would take it for every tag') });
    expect(quay.writes).toEqual([]);
    expect(
      await run(['quay', 'apply', '-c', await file('  payments: {auto-prune: [{keep-newest: 5}]}')]),
    ).toMatchObject({ code: 0 });
    expect(await run(['quay', 'apply', '-c', await policy()])).toMatchObject({ code: 2 });
  });

  it('is made where it is understood', async () => {
    await start({ version: '3.15' });
    expect(await run(['quay', 'apply', '-c', await policy()])).toMatchObject({ code: 0 });
    expect(await api('GET', '/organization/payments/autoprunepolicy/')).toMatchObject({
      policies: [{ method: 'number_of_tags', value: 5, tagPattern: '^pr-' }],
    });
  });
});

describe('a quota on a Quay whose superusers have no full access', () => {
  it('is set, changed and removed by the superusers’ own calls', async () => {
    await start({ features: { SUPERUSERS_FULL_ACCESS: false } });
    const apply = async (quota: string, ...more: readonly string[]) =>
      run(['quay', 'apply', '-c', await file(`  payments: {quota: ${quota}}`), ...more]);
    expect(await apply('{limit: 10GiB}')).toMatchObject({ code: 0 });
    expect(await apply('{limit: 20GiB}')).toMatchObject({ code: 0 });
    const [quota] = (await (
      await fetch(`${quay.url}/api/v1/organization/payments/quota`, { headers: { authorization: `Bearer ${token}` } })
    ).json()) as { limit_bytes: number }[];
    expect(quota?.limit_bytes).toBe(20 * 1024 ** 3);
    expect(await apply('{present: false}', '--prune')).toMatchObject({ code: 0 });
  });
});

describe('a team that a directory fills', () => {
  const groups = { 'cn=dev,dc=example': ['ana'], 'cn=ops,dc=example': ['ben'] };
  const team = (sync: string) => file(`  payments: {teams: {developers: {role: creator, ${sync}}}}`);
  const members = () => api('GET', '/organization/payments/team/developers/members');

  it('is tied to its group, then found so, exported so, and tied to another', async () => {
    await start({ features: { TEAM_SYNCING: true } });
    quay.useDirectory({ service: 'ldap', groups });
    const declared = await team('sync: {ldap: "cn=dev,dc=example"}');
    expect(await run(['quay', 'apply', '-c', declared])).toMatchObject({ code: 0 });
    expect(await members()).toMatchObject({ synced: { service: 'ldap', config: { group_dn: 'cn=dev,dc=example' } } });
    quay.clearLog();
    expect(await run(['quay', 'apply', '-c', declared])).toMatchObject({ code: 0 });
    expect(quay.writes).toEqual([]);
    const exported = await run(['quay', 'export', '-s', quay.url, 'payments']);
    expect(exported.stdout).toContain('cn=dev,dc=example');
    await writeFile(join(folder, 'exported.yaml'), exported.stdout);
    expect(await run(['quay', 'plan', '-c', join(folder, 'exported.yaml'), '--exit-code'])).toMatchObject({ code: 0 });
    expect(await run(['quay', 'apply', '-c', await team('sync: {ldap: "cn=ops,dc=example"}')])).toMatchObject({
      code: 0,
    });
    expect(await members()).toMatchObject({ synced: { config: { group_dn: 'cn=ops,dc=example' } } });
  });

  it('stays as it is for a file that names its members, and for a token that is not shown its group', async () => {
    await start({ features: { TEAM_SYNCING: true } });
    quay.useDirectory({ service: 'ldap', groups });
    await run(['quay', 'apply', '-c', await team('sync: {ldap: "cn=dev,dc=example"}')]);
    const owners = await tokenOf('org:admin user:read repo:read');
    quay.clearLog();
    const byName = await run(['quay', 'apply', '-c', await team('members: [ana]')], { TRANSHIP_QUAY_TOKEN: owners });
    expect(byName).toMatchObject({ code: 0, stderr: expect.stringContaining('is filled by a directory group') });
    const same = await team('sync: {ldap: "cn=dev,dc=example"}');
    const hidden = await run(['quay', 'apply', '-c', same], { TRANSHIP_QUAY_TOKEN: owners });
    expect(hidden).toMatchObject({ code: 0, stderr: expect.stringContaining('super:user is shown') });
    expect(quay.writes).toEqual([]);
    const full = await tokenOf('org:admin repo:admin user:read');
    expect(await run(['quay', 'export', '-s', quay.url, 'payments'], { TRANSHIP_QUAY_TOKEN: full })).toMatchObject({
      code: 0,
    });
  });

  it('needs super:user, which is told before anything is written', async () => {
    await start({ features: { TEAM_SYNCING: true } });
    quay.useDirectory({ service: 'oidc', groups: { developers: ['ana'] } });
    await api('POST', '/organization/', { name: 'payments', email: 'payments@example.com' });
    const owners = await tokenOf('org:admin user:read user:admin repo:read');
    quay.clearLog();
    const declared = await team('sync: {oidc: developers}');
    const refused = await run(['quay', 'apply', '-c', declared], { TRANSHIP_QUAY_TOKEN: owners });
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining('super:user (for directory group') });
    expect(quay.writes).toEqual([]);
    quay.setFeature('NONSUPERUSER_TEAM_SYNCING_SETUP', true);
    expect(await run(['quay', 'apply', '-c', declared], { TRANSHIP_QUAY_TOKEN: owners })).toMatchObject({ code: 0 });
  });

  it('is not made where the server has no such directory', async () => {
    await start({ features: { TEAM_SYNCING: true } });
    const done = await run(['quay', 'apply', '-c', await team('sync: {ldap: "cn=dev,dc=example"}')]);
    expect(done).toMatchObject({ code: 3, stderr: expect.stringContaining('Could not sync to group: Not supported') });
  });
});

describe('secrets', () => {
  const cache = (expiration: string) =>
    file(
      `  cache: {proxy-cache: {upstream: docker.io, expiration: ${expiration}, insecure: true, credentials: {username: u, password: {env: HUB_PASSWORD}}}}\n`,
    );

  it('a password that has to be sent and is not to be had refuses the run, and names the place', async () => {
    const refused = await run(['quay', 'apply', '-c', await cache('24h')]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('environment variable HUB_PASSWORD');
    expect(quay.writes).toEqual([]);
  });

  it('one that is not to be had means unchanged where nothing has to be sent', async () => {
    await run(['quay', 'apply', '-c', await cache('24h')], { HUB_PASSWORD: 'first-password' });
    const done = await run(['quay', 'apply', '-c', await cache('24h'), '--exit-code']);
    expect(done).toMatchObject({ code: 0, stdout: '' });
    quay.clearLog();
    await run(['quay', 'apply', '-c', await cache('24h'), '--renew-passwords'], { HUB_PASSWORD: 'second-password' });
    expect(quay.writes.at(-1)?.body).toContain('second-password');
  });

  it('never reach an output, not even with every request traced', async () => {
    const env = { HUB_PASSWORD: 'a-password-of-mine' };
    const done = await run(['quay', 'apply', '-c', await cache('24h'), '-vv', '-o', 'json'], env);
    expect(done.code).toBe(0);
    expect(done.stdout + done.stderr).not.toContain('a-password-of-mine');
    expect(done.stdout + done.stderr).not.toContain(token);
  });

  it('a proxy cache whose replacement fails is put back', async () => {
    await run([
      'quay',
      'apply',
      '-c',
      await file('  cache: {proxy-cache: {upstream: docker.io, expiration: 24h, insecure: true}}\n'),
    ]);
    const other = '  cache: {proxy-cache: {upstream: absent.example.com, expiration: 24h, insecure: true}}\n';
    const failed = await run(['quay', 'apply', '-c', await file(other)]);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('What was there was put back');
    expect(await api('GET', '/organization/cache/proxycache')).toMatchObject({ upstream_registry: 'docker.io' });
  });
});

describe('tokens that do not do', () => {
  const organizations = '  payments: {robots: {ci: {}}, repositories: {api: {}}}\n';

  it('a dead one is told from an empty server', async () => {
    const done = await run(['quay', 'apply', '-c', await file(organizations)], { TRANSHIP_QUAY_TOKEN: 'x'.repeat(40) });
    expect(done.code).toBe(4);
    expect(done.stderr).toContain('the token is missing, invalid or expired');
    expect(quay.writes).toEqual([]);
  });

  it('one without a scope is refused with the scope, before anything is written', async () => {
    await run(['quay', 'apply', '-c', await file('  payments: {}\n')]);
    const weak = await tokenOf('repo:read user:read');
    quay.clearLog();
    const path = await file('  payments: {repositories: {api: {}}}\n');
    const done = await run(['quay', 'apply', '-c', path], { TRANSHIP_QUAY_TOKEN: weak });
    expect(done.code).toBe(4);
    expect(done.stderr).toContain('repo:create (for repository payments/api)');
    expect(quay.writes).toEqual([]);
  });

  it('the least that is needed is enough', async () => {
    await run(['quay', 'apply', '-c', await file('  payments: {}\n')]);
    const least = await tokenOf('repo:create repo:admin');
    const path = await file('  payments: {repositories: {api: {description: words, permissions: {user/ana: read}}}}\n');
    expect(await run(['quay', 'apply', '-c', path], { TRANSHIP_QUAY_TOKEN: least })).toMatchObject({ code: 0 });
  });
});

describe('a user who may make repositories and administers nothing else', () => {
  it('applies what new repositories are declared to have, and is told of those that belong to others', async () => {
    await start();
    await api('POST', '/organization/', { name: 'payments', email: 'payments@example.com' });
    await api('POST', '/superuser/users/', { username: 'bob', email: 'bob@example.com' });
    await api('PUT', '/organization/payments/team/makers', { role: 'creator' });
    await api('PUT', '/organization/payments/team/makers/members/bob', {});
    await api('POST', '/repository', {
      namespace: 'payments',
      repository: 'old',
      visibility: 'public',
      description: '',
    });
    const bob = findUser(quay.world, 'bob');
    if (bob === undefined) throw new Error('no such user');
    const scopes = ['repo:admin', 'repo:create'];
    const maker = addToken(quay.world, {
      user: bob,
      application: { clientId: 'T', name: 'tests' },
      organization: 'payments',
      scopes,
    });
    const asBob = { TRANSHIP_QUAY_TOKEN: maker.token };
    const declared = await file('  payments: {repositories: {new: {permissions: {user/admin: read}}}}');
    expect(await run(['quay', 'apply', '-c', declared], asBob)).toMatchObject({ code: 0 });
    quay.clearLog();
    expect(await run(['quay', 'apply', '-c', declared, '--exit-code'], asBob)).toMatchObject({ code: 0 });
    expect(quay.writes).toEqual([]);
    const others = await file('  payments: {repositories: {old: {description: changed}}}');
    expect(await run(['quay', 'apply', '-c', others], asBob)).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('repo:write'),
    });
  });
});

describe('servers that do not do', () => {
  it('no Quay is 1, a path is 2, nobody there is 75', async () => {
    const at = async (url: string) => {
      const path = join(folder, 'quay.yaml');
      await writeFile(path, `version: 1\nserver: {url: "${url}"}\norganizations: {payments: {}}\n`);
      return run(['quay', 'plan', '-c', path]);
    };
    expect(await at(`${quay.url}/quay`)).toMatchObject({ code: 2, stderr: expect.stringContaining('has no path') });
    expect(await at(`http://${upstream.host}`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('E_NOT_QUAY'),
    });
    const { url } = quay;
    await quay.close();
    expect(await at(url)).toMatchObject({ code: 75, stderr: expect.stringContaining('E_') });
  });
});

describe('getting in', () => {
  it('bootstrap makes the first user once, keeps its token for the owner alone, and does nothing the next time', async () => {
    await quay.close();
    quay = await startFakeQuay();
    const out = join(folder, 'token');
    const bootstrap = () =>
      tranship(
        [
          'quay',
          'bootstrap',
          '-s',
          quay.url,
          '-u',
          'root',
          '--email',
          'r@example.com',
          '--password-stdin',
          '--out',
          out,
        ],
        {
          input: 'password1\n',
        },
      );
    expect(await bootstrap()).toMatchObject({ code: 0, stdout: '' });
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    const kept = await readFile(out, 'utf8');
    expect(await bootstrap()).toMatchObject({ code: 0, stderr: expect.stringContaining('Nothing to do') });
    expect(await readFile(out, 'utf8')).toBe(kept);
    expect(quay.requests.filter(({ path }) => path.endsWith('/user/initialize'))).toHaveLength(1);
  });

  it('killed between making the user and keeping the token, the next run signs in', async () => {
    const out = join(folder, 'token');
    const argv = ['quay', 'bootstrap', '-s', quay.url, '-u', 'admin', '--password-stdin', '--out', out];
    const done = await tranship(argv, { input: 'password1\n' });
    expect(done).toMatchObject({ code: 0, stderr: expect.stringContaining('was there') });
    token = (await readFile(out, 'utf8')).trim();
    expect((await api('GET', '/user/'))['username']).toBe('admin');
  });

  it('dry runs make nothing', async () => {
    const empty = await startFakeQuay();
    const argv = ['quay', 'bootstrap', '-s', empty.url, '-u', 'root', '--password-stdin', '--dry-run'];
    expect(await tranship(argv, { input: 'password1\n' })).toMatchObject({ code: 0, stdout: '' });
    expect(empty.writes).toEqual([]);
    await empty.close();
    const create = ['quay', 'token', 'create', '-s', quay.url, '--org', 'ops', '--scopes', 'repo:read', '--dry-run'];
    expect(await run(create)).toMatchObject({ code: 0, stdout: '' });
    expect(quay.writes).toEqual([]);
  });

  it('dry runs ask for no password', async () => {
    await start();
    const first = await tranship(['quay', 'bootstrap', '-s', quay.url, '-u', 'admin', '--dry-run'], {});
    expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining('Would make the first user admin') });
    const wanted = ['quay', 'token', 'create', '-s', quay.url, '-u', 'admin', '--org', 'ops', '--dry-run'];
    expect(await tranship([...wanted, '--scopes', 'repo:read'], {})).toMatchObject({ code: 0 });
    expect(quay.writes).toEqual([]);
  });

  it('a server that may not make its first user says what to switch on', async () => {
    const empty = await startFakeQuay({ features: { USER_INITIALIZE: false } });
    const argv = ['quay', 'bootstrap', '-s', empty.url, '-u', 'root', '--password-stdin'];
    const refused = await tranship(argv, { input: 'password1\n' });
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('FEATURE_USER_INITIALIZE: true') });
    expect(empty.writes).toEqual([]);
    await empty.close();
  });

  it('a token is made by signing in under whatever address leads to the server', async () => {
    await start({ version: '3.15', hostname: 'quay.example.com' });
    const made = await tokenOf('repo:read');
    expect(made).toMatch(/^\w{40}$/);
  });

  it('bootstrap with a wrong password is refused as that', async () => {
    const argv = ['quay', 'bootstrap', '-s', quay.url, '-u', 'admin', '--password-stdin'];
    expect(await tranship(argv, { input: 'wrong-password\n' })).toMatchObject({ code: 4, stdout: '' });
  });

  it.each<QuayVersion>(['3.7', '3.15', '3.18'])('a lasting token comes from signing in (%s)', async (version) => {
    token = '';
    await start({ version });
    token = await tokenOf(everyScope);
    expect(token).toMatch(/^\w{40}$/);
    expect((await api('GET', '/user/'))['username']).toBe('admin');
  });

  it('with a token at hand the token API makes another, on its own terms', async () => {
    await api('POST', '/organization/', { name: 'ops' });
    const argv = [
      'quay',
      'token',
      'create',
      '-s',
      quay.url,
      '--org',
      'ops',
      '--scopes',
      'repo:read,user:read',
      '--expires',
      '90d',
    ];
    const manifest = await run([...argv, '--secret', 'quay/tranship-token']);
    expect(manifest.code).toBe(0);
    expect(manifest.stdout).toContain('name: tranship-token\n  namespace: quay\n');
    const encoded = /token: (\S+)/.exec(manifest.stdout)?.[1] ?? '';
    token = Buffer.from(encoded, 'base64').toString();
    expect((await api('GET', '/user/'))['username']).toBe('admin');
    expect((await run([...argv, '--scopes', 'repo:everything'])).code).toBe(2);
  });

  it('login keeps a living token with mode 0600, and commands find it', async () => {
    const login = (value: string) =>
      tranship(['quay', 'login', quay.url, '--token-stdin'], { input: `${value}\n`, home: folder });
    expect((await login('x'.repeat(40))).code).toBe(4);
    expect(await login(token)).toMatchObject({ code: 0 });
    expect((await stat(join(folder, '.config/tranship/quay-tokens.json'))).mode & 0o777).toBe(0o600);
    await api('POST', '/organization/', { name: 'ops' });
    expect(await tranship(['quay', 'export', '-s', quay.url, 'ops'], { home: folder })).toMatchObject({ code: 0 });
  });

  it('take-ownership by a token that may not tell its user is told what is missing, and a dead one that it is dead', async () => {
    await start();
    await api('POST', '/organization/', { name: 'payments', email: 'payments@example.com' });
    const silent = await tokenOf('org:admin');
    const run1 = await run(['quay', 'take-ownership', '-s', quay.url, 'payments'], { TRANSHIP_QUAY_TOKEN: silent });
    expect(run1).toMatchObject({ code: 4, stderr: expect.stringContaining('user:read') });
    const named = ['quay', 'take-ownership', '-s', quay.url, '--user', 'admin', 'payments'];
    expect(await run(named, { TRANSHIP_QUAY_TOKEN: silent })).toMatchObject({ code: 0 });
    const dead = { TRANSHIP_QUAY_TOKEN: 'x'.repeat(40) };
    expect(await run(['quay', 'take-ownership', '-s', quay.url, 'payments'], dead)).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('missing, invalid or expired'),
    });
  });

  it('take-ownership makes an owner of who was only in another team, once', async () => {
    await api('POST', '/organization/', { name: 'ops' });
    await api('PUT', '/organization/ops/team/readers', { role: 'member' });
    await api('PUT', '/organization/ops/team/readers/members/ana');
    quay.clearLog();
    const take = (...more: string[]) =>
      run(['quay', 'take-ownership', '-s', quay.url, '--user', 'ana', '--all', ...more]);
    expect((await take('--dry-run')).stdout).toContain('ops: ana would become an owner');
    expect(quay.writes).toEqual([]);
    expect(await take()).toMatchObject({ code: 0, stdout: expect.stringContaining('ops: ana is an owner now') });
    expect((await take()).stdout).toContain('ops: ana is an owner already');
  });
});
