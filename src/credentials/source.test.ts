import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseRepositoryName } from '../oci/names.ts';
import { type CredentialOptions, createCredentials } from './source.ts';

let home: string;
let secrets: string[];
let warnings: string[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'tranship-credentials-'));
  secrets = [];
  warnings = [];
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe('the places', () => {
  test('docker’s config.json is read when there is nothing else', async () => {
    await write('.docker/config.json', auths({ 'registry.example.com': 'ana:pw' }));
    expect(await find('registry.example.com')).toEqual({
      user: 'ana',
      secret: 'pw',
      origin: in_('.docker/config.json'),
    });
  });

  test('podman’s file of the session goes before its lasting one, and both before docker’s', async () => {
    const env = { XDG_RUNTIME_DIR: in_('run') };
    await write('.docker/config.json', auths({ 'registry.example.com': 'docker:pw' }));
    expect((await find('registry.example.com', undefined, { env }))?.user).toBe('docker');
    await write('.config/containers/auth.json', auths({ 'registry.example.com': 'lasting:pw' }));
    expect((await find('registry.example.com', undefined, { env }))?.user).toBe('lasting');
    await write('run/containers/auth.json', auths({ 'registry.example.com': 'session:pw' }));
    expect((await find('registry.example.com', undefined, { env }))?.user).toBe('session');
  });

  test('a file without a match is passed over', async () => {
    await write('.config/containers/auth.json', auths({ 'other.example.com': 'x:y' }));
    await write('.docker/config.json', auths({ 'registry.example.com': 'ana:pw' }));
    expect((await find('registry.example.com'))?.user).toBe('ana');
  });

  test('XDG_CONFIG_HOME and DOCKER_CONFIG move the places', async () => {
    await write('xdg/containers/auth.json', auths({ 'a.example.com': 'a:1' }));
    await write('elsewhere/config.json', auths({ 'b.example.com': 'b:2' }));
    const env = { XDG_CONFIG_HOME: in_('xdg'), DOCKER_CONFIG: in_('elsewhere') };
    expect((await find('a.example.com', undefined, { env }))?.user).toBe('a');
    expect((await find('b.example.com', undefined, { env }))?.user).toBe('b');
  });

  test('outside Linux there is no session file', async () => {
    await write('run/containers/auth.json', auths({ 'registry.example.com': 'session:pw' }));
    await write('.config/containers/auth.json', auths({ 'registry.example.com': 'home:pw' }));
    const found = await find('registry.example.com', undefined, {
      env: { XDG_RUNTIME_DIR: in_('run') },
      platform: 'darwin',
    });
    expect(found?.user).toBe('home');
  });

  test('~/.dockercfg, the map without anything around it, still counts', async () => {
    await write('.dockercfg', JSON.stringify({ 'https://registry.example.com/v1/': { auth: b64('old:pw') } }));
    expect((await find('registry.example.com'))?.user).toBe('old');
  });

  test.each(['flag', 'variable'])('a file named by %s stands alone', async (by) => {
    await write('.docker/config.json', auths({ 'registry.example.com': 'ana:pw' }));
    const named = await write('named.json', auths({ 'other.example.com': 'x:y' }));
    const how = by === 'flag' ? { authFile: named } : { env: { REGISTRY_AUTH_FILE: named } };
    expect(await find('registry.example.com', undefined, how)).toBeUndefined();
    expect((await find('other.example.com', undefined, how))?.user).toBe('x');
  });

  test('the flag wins over the variable', async () => {
    const one = await write('one.json', auths({ 'registry.example.com': 'one:1' }));
    const two = await write('two.json', auths({ 'registry.example.com': 'two:2' }));
    const found = await find('registry.example.com', undefined, { authFile: one, env: { REGISTRY_AUTH_FILE: two } });
    expect(found?.user).toBe('one');
  });

  test('a named file that does not exist is an error, and not "no credentials"', async () => {
    await expect(find('registry.example.com', undefined, { authFile: in_('nowhere.json') })).rejects.toMatchObject({
      code: 'E_AUTH_FILE',
      failure: 'usage',
      subject: in_('nowhere.json'),
    });
  });

  test('DOCKER_AUTH_CONFIG holds the document itself and goes before the usual files', async () => {
    await write('.docker/config.json', auths({ 'registry.example.com': 'file:pw' }));
    const env = { DOCKER_AUTH_CONFIG: auths({ 'registry.example.com': 'inline:pw' }) };
    expect(await find('registry.example.com', undefined, { env })).toMatchObject({
      user: 'inline',
      origin: 'DOCKER_AUTH_CONFIG',
    });
  });
});

describe('matching', () => {
  test('the longest path wins', async () => {
    await write(
      '.config/containers/auth.json',
      auths({ 'r.example.com': 'host:1', 'r.example.com/team': 'team:2', 'r.example.com/team/app': 'app:3' }),
    );
    expect((await find('r.example.com', 'team/app'))?.user).toBe('app');
    expect((await find('r.example.com', 'team/app/part'))?.user).toBe('app');
    expect((await find('r.example.com', 'team/other'))?.user).toBe('team');
    expect((await find('r.example.com', 'else/app'))?.user).toBe('host');
    expect((await find('r.example.com'))?.user).toBe('host');
  });

  test('a path is matched by whole segments', async () => {
    await write('.docker/config.json', auths({ 'r.example.com/team': 'team:2' }));
    expect(await find('r.example.com', 'teamwork/app')).toBeUndefined();
  });

  test.each([
    ['registry.example.com.evil.example.net', 'a host that only begins alike'],
    ['notregistry.example.com', 'a host that only ends alike'],
    ['registry.example.com:5000', 'another port'],
    ['example.com', 'the parent domain'],
  ])('%s gets nothing: %s', async (host) => {
    await write('.docker/config.json', auths({ 'registry.example.com': 'ana:pw', 'https://x.example.com': 'a:b' }));
    expect(await find(host)).toBeUndefined();
  });

  test.each([
    'https://registry.example.com',
    'https://registry.example.com/',
    'https://registry.example.com/v1/',
    'https://registry.example.com/v2/',
    'http://registry.example.com',
    'REGISTRY.example.com',
    'registry.example.com:443',
  ])('the key %s means registry.example.com', async (key) => {
    await write('.docker/config.json', auths({ [key]: 'ana:pw' }));
    expect((await find('registry.example.com'))?.user).toBe('ana');
  });

  test.each(['https://index.docker.io/v1/', 'docker.io', 'index.docker.io', 'registry-1.docker.io'])(
    'the key %s means Docker Hub',
    async (key) => {
      await write('.docker/config.json', auths({ [key]: 'ana:pw' }));
      expect((await find('docker.io', 'library/alpine'))?.user).toBe('ana');
      expect((await find('registry-1.docker.io'))?.user).toBe('ana');
    },
  );

  test('an IPv6 host with its port', async () => {
    await write('.docker/config.json', auths({ '[::1]:5000': 'six:pw' }));
    expect((await find('[::1]:5000'))?.user).toBe('six');
  });
});

describe('entries', () => {
  test('a password keeps its colons; the padding NULs go', async () => {
    await write('.docker/config.json', auths({ 'r.example.com': 'ana:p:w:d\0\0' }));
    expect(await find('r.example.com')).toMatchObject({ user: 'ana', secret: 'p:w:d' });
  });

  test('an identity token is one, whatever stands in auth beside it', async () => {
    const entry = { auth: b64('00000000-0000-0000-0000-000000000000:'), identitytoken: 'refresh-me' };
    await write('.docker/config.json', JSON.stringify({ auths: { 'r.example.com': entry } }));
    expect(await find('r.example.com')).toMatchObject({ user: undefined, secret: 'refresh-me' });
  });

  test('user and password in clear, as old files have them', async () => {
    await write(
      '.docker/config.json',
      JSON.stringify({ auths: { 'r.example.com': { username: 'u', password: 'p' } } }),
    );
    expect(await find('r.example.com')).toMatchObject({ user: 'u', secret: 'p' });
  });

  test('an empty entry with nobody to ask is no credential', async () => {
    await write('.docker/config.json', JSON.stringify({ auths: { 'r.example.com': {} } }));
    expect(await find('r.example.com')).toBeUndefined();
  });

  test('auth that is no user:password names the file and the key, not the content', async () => {
    await write(
      '.docker/config.json',
      JSON.stringify({ auths: { 'r.example.com': { auth: b64('canary-no-colon') } } }),
    );
    const error = await find('r.example.com').catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'E_AUTH_FILE', subject: in_('.docker/config.json') });
    expect(JSON.stringify(error)).not.toContain('canary');
  });

  test.each(['{"auths": {"r.example.com": {"auth": "Y2FuYXJ5', '[]', '{"auths": 3}', '"x"'])(
    'a broken file (%s) is an error that quotes nothing of it',
    async (text) => {
      await write('.docker/config.json', text);
      const error = await find('r.example.com').catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'E_AUTH_FILE', failure: 'usage' });
      expect(String(error)).not.toContain('Y2FuYXJ5');
    },
  );

  test('an empty file is as good as none', async () => {
    await write('.docker/config.json', '');
    expect(await find('r.example.com')).toBeUndefined();
  });
});

describe('helpers', () => {
  test('credHelpers speaks for its host, with the server’s name on standard input', async () => {
    await helper('lab', { 'r.example.com': { Username: 'lab', Secret: 'lab-pw' } });
    await write('.docker/config.json', JSON.stringify({ credHelpers: { 'r.example.com': 'lab' } }));
    const found = await find('r.example.com', 'team/app', { env: withPath() });
    expect(found).toMatchObject({ user: 'lab', secret: 'lab-pw' });
    expect(found?.origin).toBe(`docker-credential-lab (${in_('.docker/config.json')})`);
  });

  test('one that the configuration names goes before every file, and is asked once', async () => {
    const log = await helper('lab', { 'r.example.com': { Username: 'lab', Secret: 'x' } });
    await write('.docker/config.json', auths({ 'r.example.com': 'ana:pw' }));
    const configured = new Map([['r.example.com', { helper: 'lab', origin: 'tranship.yaml' }]]);
    const credentials = source({ env: withPath(), configured });
    for (const name of ['team/a', 'team/b']) await credentials.find('r.example.com', parseRepositoryName(name));
    expect(await readFile(log, 'utf8')).toBe('get r.example.com\n');
    expect(await find('r.example.com', undefined, { env: withPath(), configured })).toMatchObject({ user: 'lab' });
  });

  test('one that the configuration names and that knows no login is an error, not an anonymous try', async () => {
    await helper('lab', {});
    const configured = new Map([['r.example.com', { helper: 'lab', server: 'other.example.com', origin: 'x' }]]);
    await expect(find('r.example.com', undefined, { env: withPath(), configured })).rejects.toMatchObject({
      code: 'E_CREDENTIAL_HELPER',
      subject: 'other.example.com',
    });
  });

  test('credsStore serves every host, Docker Hub under its old name', async () => {
    await helper('all', { 'https://index.docker.io/v1/': { Username: 'hub', Secret: 'pw' } });
    await write('.docker/config.json', JSON.stringify({ auths: {}, credsStore: 'all' }));
    expect(await find('docker.io', 'library/alpine', { env: withPath() })).toMatchObject({ user: 'hub' });
    expect(await find('r.example.com', undefined, { env: withPath() })).toBeUndefined();
  });

  test('a user called <token> brings an identity token', async () => {
    await helper('lab', { 'r.example.com': { Username: '<token>', Secret: 'refresh' } });
    await write('.docker/config.json', JSON.stringify({ credHelpers: { 'r.example.com': 'lab' } }));
    expect(await find('r.example.com', undefined, { env: withPath() })).toMatchObject({
      user: undefined,
      secret: 'refresh',
    });
  });

  test('a path’s own entry goes before the host’s helper', async () => {
    await helper('lab', { 'r.example.com': { Username: 'lab', Secret: 'x' } });
    const document = {
      auths: { 'r.example.com/team': { auth: b64('team:pw') } },
      credHelpers: { 'r.example.com': 'lab' },
    };
    await write('.docker/config.json', JSON.stringify(document));
    expect((await find('r.example.com', 'team/app', { env: withPath() }))?.user).toBe('team');
    expect((await find('r.example.com', 'other/app', { env: withPath() }))?.user).toBe('lab');
  });

  test('a helper is asked once, however many repositories ask', async () => {
    const log = await helper('lab', { 'r.example.com': { Username: 'lab', Secret: 'x' } });
    await write('.docker/config.json', JSON.stringify({ credHelpers: { 'r.example.com': 'lab' } }));
    const credentials = source({ env: withPath() });
    await Promise.all(
      ['a/b', 'c/d', 'e/f'].map((name) => credentials.find('r.example.com', parseRepositoryName(name))),
    );
    expect(await readFile(log, 'utf8')).toBe('get r.example.com\n');
  });

  test('a helper that failed is asked again by whoever comes next', async () => {
    await write('.docker/config.json', JSON.stringify({ credHelpers: { 'r.example.com': 'lab' } }));
    const credentials = source({ env: withPath() });
    await expect(credentials.find('r.example.com', undefined)).rejects.toMatchObject({ code: 'E_HELPER_MISSING' });
    await helper('lab', { 'r.example.com': { Username: 'lab', Secret: 'x' } });
    expect(await credentials.find('r.example.com', undefined)).toMatchObject({ credential: { username: 'lab' } });
  });

  test.each(['../../evil', 'a/b', 'a b', '', '.hidden', 'x;rm'])('the helper name %j is not run', async (name) => {
    await write('.docker/config.json', JSON.stringify({ credHelpers: { 'r.example.com': name } }));
    await expect(find('r.example.com', undefined, { env: withPath() })).rejects.toMatchObject({
      code: 'E_CREDENTIAL_HELPER',
    });
  });

  test('a missing helper of the host is an error', async () => {
    await write('.docker/config.json', JSON.stringify({ credHelpers: { 'r.example.com': 'gone' } }));
    await expect(find('r.example.com', undefined, { env: withPath() })).rejects.toMatchObject({
      code: 'E_HELPER_MISSING',
      failure: 'auth',
    });
  });

  test('a missing store that never held the host is a warning', async () => {
    await write('.docker/config.json', JSON.stringify({ credsStore: 'desktop' }));
    expect(await find('r.example.com', undefined, { env: withPath() })).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining('docker-credential-desktop is not installed')]);
  });

  test('a missing store for a host with an entry is an error', async () => {
    await write('.docker/config.json', JSON.stringify({ auths: { 'r.example.com': {} }, credsStore: 'desktop' }));
    await expect(find('r.example.com', undefined, { env: withPath() })).rejects.toMatchObject({
      code: 'E_HELPER_MISSING',
    });
  });

  test.each([
    ['exit 3', 'exit code 3'],
    ['echo "canary-secret not json"', 'not its protocol'],
    ['echo \'{"Username":"u"}\'', 'not its protocol'],
    ['head -c 70000 /dev/zero', '64 KiB'],
    ['exec sleep 30', 'did not answer within'],
  ])('a helper that does `%s` is a clear error without its output', async (body, words) => {
    await script('docker-credential-bad', body);
    await write('.docker/config.json', JSON.stringify({ credHelpers: { 'r.example.com': 'bad' } }));
    const error = await find('r.example.com', undefined, { env: withPath(), helperTimeoutMs: 300 }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ code: 'E_CREDENTIAL_HELPER', message: expect.stringContaining(words) });
    expect(String(error)).not.toContain('canary');
  });

  test('a helper sees PATH and HOME, not our secrets', async () => {
    const seen = in_('seen');
    await script('docker-credential-spy', `env > ${seen}\necho '{"Username":"u","Secret":"s"}'`);
    await write('.docker/config.json', JSON.stringify({ credHelpers: { 'r.example.com': 'spy' } }));
    await find('r.example.com', undefined, { env: { ...withPath(), QUAY_TOKEN: 'canary', HOME: home } });
    const text = await readFile(seen, 'utf8');
    expect(text).toContain(`HOME=${home}`);
    expect(text).not.toContain('canary');
  });

  test('a signal ends the wait for a helper', async () => {
    await script('docker-credential-slow', 'exec sleep 30');
    await write('.docker/config.json', JSON.stringify({ credHelpers: { 'r.example.com': 'slow' } }));
    const wait = source({ env: withPath() }).find('r.example.com', undefined, { signal: AbortSignal.timeout(50) });
    await expect(wait).rejects.toThrow();
  });
});

describe('stated credentials', () => {
  const registry = 'r.example.com:5000';

  test('the configuration goes before every file', async () => {
    await write('.docker/config.json', auths({ [registry]: 'file:pw' }));
    const configured = new Map([
      [registry, { username: 'stated', password: { env: 'PW' }, origin: 'tranship.yaml:4:7' }],
    ]);
    const found = await find(registry, undefined, { configured, env: { PW: 'from-env' } });
    expect(found).toEqual({ user: 'stated', secret: 'from-env', origin: 'tranship.yaml:4:7' });
  });

  test('a secret in a file loses its line break and nothing else', async () => {
    const file = await write('secret', ' pa ss \n');
    const configured = new Map([[registry, { username: { env: 'U' }, password: { file }, origin: 'x' }]]);
    expect(await find(registry, undefined, { configured, env: { U: 'u' } })).toMatchObject({ secret: ' pa ss ' });
  });

  test('a command gives it without a shell', async () => {
    const configured = new Map([[registry, { token: { command: ['echo', '$HOME', 'a  b'] }, origin: 'x' }]]);
    expect(await find(registry, undefined, { configured, env: withPath() })).toMatchObject({ secret: '$HOME a  b' });
  });

  test.each([
    [{ env: 'MISSING' }, 'environment variable MISSING is not set'],
    [{ file: '/nowhere/secret' }, 'file /nowhere/secret cannot be read'],
    [{ command: ['false'] }, 'command false ended with exit code 1'],
    [{ command: ['no-such-program-here'] }, 'not on the PATH'],
    [{ command: [] }, 'names no program'],
    [{ command: ['true'] }, 'is empty'],
  ])('what is not to be had (%j) is said', async (password, words) => {
    const configured = new Map([[registry, { username: 'u', password, origin: 'x' }]]);
    await expect(find(registry, undefined, { configured, env: withPath() })).rejects.toMatchObject({
      code: 'E_SECRET',
      message: expect.stringContaining(words),
    });
  });

  test('a user without a password is an error', async () => {
    const configured = new Map([[registry, { username: 'u', origin: 'tranship.yaml:4:7' }]]);
    await expect(find(registry, undefined, { configured })).rejects.toMatchObject({
      code: 'E_SECRET',
      subject: 'tranship.yaml:4:7',
    });
  });

  test('variables named after the host', async () => {
    const env = { TRANSHIP_USERNAME_R_EXAMPLE_COM_5000: 'u', TRANSHIP_PASSWORD_R_EXAMPLE_COM_5000: 'p' };
    expect(await find(registry, undefined, { env })).toEqual({
      user: 'u',
      secret: 'p',
      origin: 'TRANSHIP_PASSWORD_R_EXAMPLE_COM_5000',
    });
    expect(await find('r.example.com', undefined, { env })).toBeUndefined();
  });

  test('a hyphen is not a dot: no other host gets the variable', async () => {
    const env = { TRANSHIP_TOKEN_A_B_EXAMPLE_COM: 'refresh' };
    expect(await find('a-b.example.com', undefined, { env })).toBeUndefined();
    expect(await find('a.b.example.com', undefined, { env })).toMatchObject({ secret: 'refresh' });
    expect(await find('a-b.example.com', undefined, { env: { TRANSHIP_TOKEN_A__B_EXAMPLE_COM: 'x' } })).toMatchObject({
      secret: 'x',
    });
  });
});

test('every secret that was read is told to the redactor, also as it goes over the wire', async () => {
  await write('.docker/config.json', auths({ 'r.example.com': 'ana:canary' }));
  await find('r.example.com');
  expect(secrets).toEqual(['canary', b64('ana:canary')]);
});

test('a credential shows nothing when printed', async () => {
  await write('.docker/config.json', auths({ 'r.example.com': 'ana:canary' }));
  const found = await source({}).find('r.example.com', undefined);
  expect(JSON.stringify(found)).not.toContain('canary');
});

type Overrides = Partial<CredentialOptions>;

function source(overrides: Overrides) {
  return createCredentials({
    env: {},
    home,
    platform: 'linux',
    registerSecret: (value) => secrets.push(value),
    warn: (message) => warnings.push(message),
    ...overrides,
  });
}

async function find(registry: string, repository?: string, overrides: Overrides = {}) {
  const name = repository === undefined ? undefined : parseRepositoryName(repository);
  const found = await source(overrides).find(registry, name);
  if (found === undefined) return undefined;
  const { credential, origin } = found;
  if (credential.kind === 'basic') {
    return { user: credential.username, secret: credential.password.reveal(), origin };
  }
  return { user: undefined, secret: credential.token.reveal(), origin };
}

function in_(path: string): string {
  return join(home, path);
}

async function write(path: string, text: string): Promise<string> {
  await mkdir(dirname(in_(path)), { recursive: true });
  await writeFile(in_(path), text);
  return in_(path);
}

function auths(entries: Record<string, string>): string {
  const mapped = Object.entries(entries).map(([key, userAndPassword]) => [key, { auth: b64(userAndPassword) }]);
  return JSON.stringify({ auths: Object.fromEntries(mapped) });
}

function b64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function withPath() {
  return { PATH: `${in_('bin')}:${process.env['PATH']}` };
}

async function script(name: string, body: string): Promise<void> {
  const path = await write(`bin/${name}`, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
}

/** A helper that knows these servers and logs its calls; returns the log's path. */
async function helper(name: string, servers: Record<string, object>): Promise<string> {
  const cases = Object.entries(servers).map(([server, answer]) => `"${server}") echo '${JSON.stringify(answer)}' ;;`);
  await script(
    `docker-credential-${name}`,
    `read -r server
echo "$1 $server" >> ${in_('log')}
case "$server" in
${cases.join('\n')}
*) echo "credentials not found in native keychain"; exit 1 ;;
esac`,
  );
  return in_('log');
}
