import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request as http } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeAuthority } from '../../../test/kit/certificates.ts';
import { tranship } from '../../../test/kit/command-line.ts';
import { type EmbeddedRegistry, startEmbedded } from '../../../test/kit/embedded.ts';
import { type FakeQuay, type FakeQuayOptions, startFakeQuay } from '../../../test/kit/quay/index.ts';

type QuayVersion = NonNullable<FakeQuayOptions['version']>;

let quay: FakeQuay;
let upstream: EmbeddedRegistry;
let folder: string;
let config: string;

beforeAll(async () => {
  upstream = await startEmbedded();
});
afterAll(() => upstream[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tranship-management-'));
  config = join(folder, 'config.yaml');
  await start();
});
afterEach(async () => {
  await quay.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(version: QuayVersion = 'main'): Promise<void> {
  await quay?.close();
  quay = await startFakeQuay({ superUsers: ['quayadmin'], version });
  const sample = await readFile(new URL('../../../examples/quay/quay-management.yaml', import.meta.url), 'utf8');
  await writeFile(config, sample.replace('https://quay-a.example.com', quay.url));
}

function run(...flags: string[]) {
  return tranship(['compat', 'quay-management', '--config-file', config, ...flags]);
}

const scratch = ['--add-admin-org', '--initialize-user', '--initialize-oauth', '--manage-orgs'];
const writes = () => quay.writes.map(({ method, path }) => `${method} ${path.replace('/api/v1', '')}`);

async function edit(from: string | RegExp, to: string): Promise<void> {
  await writeFile(config, (await readFile(config, 'utf8')).replace(from, to));
}

describe('compat quay-management', () => {
  it.each<QuayVersion>(['3.7', '3.15', '3.18'])(
    'from scratch, in the fixed order whatever the order of flags (%s)',
    async (version) => {
      await start(version);
      const done = await run('--add-robot-account', ...scratch, '--skip-tls-verify', '--debug');
      expect(done.stderr).not.toContain('CRITICAL');
      expect(done).toMatchObject({ code: 0, stdout: '' });
      const order = [
        '/user/initialize',
        '/organization/',
        '/organization/admin_org/applications',
        '/user/robots/test',
        '/organization/admin_org/robots/test',
      ];
      const seen = order.map((path) => writes().findIndex((write) => write.endsWith(` ${path}`)));
      expect(seen).toEqual(seen.toSorted((a, b) => a - b));
      expect(seen).not.toContain(-1);
    },
  );

  it('logs as the original: level, root, text; start, run time and end', async () => {
    const { stderr } = await run(...scratch);
    const lines = stderr.trim().split('\n');
    expect(lines[0]).toMatch(/^INFO:root:----> Starting at /);
    expect(lines).toContain('INFO:root:Attempting to create the intiale user');
    expect(lines).toContain('INFO:root:Attempting to create admin_org');
    expect(lines).toContain('INFO:root:Organization created successfully: team-a');
    expect(lines.at(-2)).toBe('INFO:root:Total run time ---> 1 minutes <---');
    expect(lines.at(-1)).toMatch(/^INFO:root:----> Finished at /);
  });

  it('without an action: start and end, exit 0, no request', async () => {
    expect((await run()).code).toBe(0);
    expect(quay.requests).toEqual([]);
  });

  it('flags may be cut short; a wrong one is exit 2', async () => {
    expect((await run('--manage', '--nonsense')).code).toBe(2);
    expect((await run('--take-owner')).code).toBe(2);
    expect((await tranship(['compat', 'quay-management', '--manage-orgs'])).code).toBe(2);
  });

  it.each(['--setup-quay-openshift', '--add-super-user', '--take-ownership-all-super-users'])(
    '%s needs a cluster: exit 1 before anything is done, in one line',
    async (flag) => {
      const done = await run('--manage-orgs', flag);
      expect(done.code).toBe(1);
      expect(done.stderr.trim().split('\n')).toHaveLength(1);
      expect(quay.requests).toEqual([]);
    },
  );

  it('a missing key prints its block and ends with 1; a key of another action is not asked for', async () => {
    await edit(/^organizations:\n( .*\n)*/m, '');
    const done = await run('--manage-orgs');
    expect(done.code).toBe(1);
    expect(done.stdout).toMatch(/^organizations:\n {24}type: dict\n {24}description: .+\n\n$/);
    expect(quay.requests).toEqual([]);
    expect((await run('--initialize-user')).code).toBe(0);
  });

  it('a file that is missing, no YAML, or no map is exit 1 with the original text', async () => {
    const at = (path: string) => tranship(['compat', 'quay-management', '--config-file', path]);
    expect(await at('/nowhere/x.yaml')).toMatchObject({
      code: 1,
      stderr: 'CRITICAL:root:--> Config file not found: /nowhere/x.yaml\n',
    });
    for (const text of ['a: [', '- list']) {
      await writeFile(config, text);
      expect(await at(config)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('CRITICAL:root:--> Error parsing config file: '),
      });
    }
  });

  it.each(['{"primary_token": ', '[]', '"text"'])(
    'kept tokens that are damaged (%s) are told, and left as they are',
    async (text) => {
      await writeFile(`${config}.tokens.json`, text);
      const done = await run(...scratch);
      expect(done).toMatchObject({ code: 1, stderr: expect.stringContaining('E_QUAY_TOKEN_FILE') });
      expect(await readFile(`${config}.tokens.json`, 'utf8')).toBe(text);
      expect(writes()).toEqual([]);
    },
  );

  it('the configuration keeps every byte unless its token is asked for, and then every other byte', async () => {
    const before = await readFile(config, 'utf8');
    await run('--initialize-user');
    expect(await readFile(config, 'utf8')).toBe(before);
    expect((await stat(`${config}.tokens.json`)).mode & 0o777).toBe(0o600);
    await start();
    await rm(`${config}.tokens.json`);
    const again = await readFile(config, 'utf8');
    await run('--initialize-user', '--write-token-to-config');
    const { primary_init_token: token } = JSON.parse(await readFile(`${config}.tokens.json`, 'utf8')) as Record<
      string,
      string
    >;
    const after = await readFile(config, 'utf8');
    expect(after.replace(/"?\b[A-Z0-9a-z]{40}\b"?/, '').replace('primary_init_token: ', 'primary_init_token:')).toBe(
      again,
    );
    expect(after).toContain(token);
  });

  it.each(['organizations: [aa, bb]', 'organizations: words', 'organizations: {team-a: 5}'])(
    '%s is no map of organisations: exit 1, and nothing of it is done',
    async (text) => {
      await run('--initialize-user');
      quay.clearLog();
      await edit(/^organizations:\n( .*\n)*/m, `${text}\n`);
      const done = await run('--manage-orgs');
      expect([done.code, done.stderr]).toEqual([1, expect.stringContaining('has to be a map')]);
      expect(writes()).toEqual([]);
    },
  );

  it('no and yes are truth values, as the original reads them', async () => {
    await run('--initialize-user', '--add-admin-org');
    await edit('old: { present: false }', 'admin_org: { present: no }');
    quay.clearLog();
    expect((await run('--manage-orgs', '--yes')).code).toBe(0);
    expect(writes()).toContain('DELETE /organization/admin_org');
  });

  it('the secondary server is meant by its flag', async () => {
    await edit('https://quay-b.example.com', quay.url);
    await edit(/^primary_server: .*$/m, 'primary_server: https://192.0.2.1');
    expect((await run('--initialize-user', '--configure-secondary-quay-server')).code).toBe(0);
    expect(JSON.parse(await readFile(`${config}.tokens.json`, 'utf8'))).toHaveProperty('secondary_init_token');
  });

  it('the older form acts on the source, and makes the first user of the destination', async () => {
    await writeFile(
      config,
      `source_server: https://192.0.2.1\ndestination_server: ${quay.url}\ndestination_quay_user: quayadmin\ndestination_quay_password: change-me-please\nfailover: true\nrobot_config: {a: {name: test, type: personal}}\n`,
    );
    const done = await run('--initialize-user', '--add-robot-account');
    expect(done).toMatchObject({ code: 0 });
    expect(done.stderr).toMatch(/Total run time ---> 1 <---/);
    expect(writes()).toEqual(['POST /user/initialize', 'PUT /user/robots/test']);
  });
});

describe('defects of the original that are not repeated', () => {
  beforeEach(async () => {
    await run('--initialize-user', '--add-admin-org', '--initialize-oauth');
    quay.clearLog();
  });

  it('7: a token that was just made is used at once', async () => {
    await start();
    await rm(`${config}.tokens.json`);
    expect((await run('--initialize-user', '--add-robot-account', '--add-admin-org')).code).toBe(0);
  });

  it('8: the answer to the first user is read as JSON, and an error body is an error', async () => {
    const done = await run('--initialize-user', '--manage-orgs');
    expect(done.code).toBe(0);
    await edit('initialize_password: change-me-please', 'initialize_password: another-password');
    const refused = await run('--initialize-user');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('CRITICAL:root:Signing in as quayadmin was refused');
  });

  it.each<QuayVersion>(['3.12', 'main'])(
    '9: a lasting token is made through the server alone, the application too where it is missing (%s)',
    async (version) => {
      await start(version);
      await rm(`${config}.tokens.json`);
      await run('--initialize-user');
      await edit(/^primary_token:.*$/m, '');
      const kept = await readdir(tmpdir());
      const done = await run('--add-admin-org', '--initialize-oauth');
      expect(done.stderr).not.toContain('CRITICAL');
      expect(done.code).toBe(0);
      expect(writes()).toContain('POST /organization/admin_org/applications');
      // Other tests have folders of this beginning there at the same time.
      const left = (await readdir(tmpdir())).filter((name) => !kept.includes(name) && !name.startsWith('tranship-'));
      const made = left.filter((name) => /quay|config|postgres/.test(name));
      expect(made).toEqual([]);
      quay.clearLog();
      expect((await run('--initialize-oauth')).code).toBe(0);
      expect(writes()).not.toContain('POST /organization/admin_org/applications');
    },
  );

  it('10: an organisation is deleted by its own path, only with a yes, and never one without a name', async () => {
    await edit('old: { present: false }', 'admin_org: { present: false }');
    const asked = await run('--manage-orgs');
    expect(asked.code).toBe(1);
    expect(writes()).not.toContain('DELETE /organization/admin_org');
    expect((await run('--manage-orgs', '--yes')).code).toBe(0);
    expect(writes()).toContain('DELETE /organization/admin_org');
    quay.clearLog();
    await edit('admin_org: { present: false }', '"": { present: false }');
    expect((await run('--manage-orgs', '--yes')).code).toBe(1);
    expect(writes()).toEqual([]);
  });

  it('11: an existing proxy cache does not end the loop', async () => {
    await edit(
      'any1: {',
      `any0: {org_name: admin_org, upstream_registry: ${upstream.host}, insecure: true}\n  any1: {`,
    );
    await edit('organizations:', '  any2: {org_name: team-a, upstream_registry: registry.example.com}\norganizations:');
    await edit(/^proxycache:\n/m, 'proxycache:\n  any2: {org_name: team-a, upstream_registry: registry.example.com}\n');
    await edit('  any2: {org_name: team-a, upstream_registry: registry.example.com}\norganizations:', 'organizations:');
    await edit(/^ {2}any2: .*\n/m, '');
    await edit('robot_config:', '  any2: {org_name: team-a, upstream_registry: registry.example.com}\nrobot_config:');
    await run('--manage-orgs');
    quay.clearLog();
    const done = await run('--add-proxycache');
    expect(done).toMatchObject({ code: 0 });
    expect(done.stderr).toContain('WARNING:root:Proxy cache already exists and --overwrite-proxycache was not used');
    expect(writes()).toEqual(['POST /organization/admin_org/proxycache', 'POST /organization/team-a/proxycache']);
    quay.clearLog();
    await run('--add-proxycache', '--overwrite-proxycache');
    expect(writes().filter((write) => write.startsWith('DELETE'))).toHaveLength(3);
  });

  it('12: a robot that is there is found, and not made again', async () => {
    await run('--add-robot-account');
    quay.clearLog();
    const done = await run('--add-robot-account');
    expect(done.code).toBe(0);
    expect(done.stderr).toContain('INFO:root:The robot account admin_org+test already exists');
    expect(done.stderr).toContain('INFO:root:The robot account quayadmin+test already exists');
    expect(writes()).toEqual([]);
  });

  it('13: ownership is being in the team owners, not in any team', async () => {
    const taken = await run('--take-ownership');
    expect(taken.stderr).toContain('INFO:root:quayadmin is already an owner of admin_org');
    expect(taken.code).toBe(0);
    expect(quay.requests.map(({ path }) => path).filter((path) => path.slice(1).includes('//'))).toEqual([]);
  });

  it('14: a failed call is exit 1, and what does not depend on it is still done', async () => {
    await edit('team-a: { present: true }', 'UPPER: { present: true }\n  team-a: { present: true }');
    const done = await run('--manage-orgs', '--add-robot-account');
    expect(done.code).toBe(1);
    expect(done.stderr).toContain('CRITICAL:root:Error creating organization');
    expect(done.stderr).toContain('INFO:root:Organization created successfully: team-a');
    expect(writes()).toContain('PUT /organization/admin_org/robots/test');
  });

  it('15: no password and no token is printed, at no level', async () => {
    const done = await run(
      '--manage-orgs',
      '--add-robot-account',
      '--debug',
      '--username',
      'u',
      '--password',
      'typed-secret',
    );
    const tokens = Object.values(JSON.parse(await readFile(`${config}.tokens.json`, 'utf8')) as Record<string, string>);
    for (const secret of ['change-me-please', 'typed-secret', ...tokens]) {
      expect(done.stdout + done.stderr).not.toContain(secret);
    }
  });

  it('17: --skip-tls-verify reaches the connection to the API, and without it an unknown certificate is refused', async () => {
    const front = await secureFront(quay.url);
    await edit(`primary_server: ${quay.url}`, `primary_server: https://127.0.0.1:${front.port}`);
    const refused = await run('--manage-orgs');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/CRITICAL:root:.*certificate/);
    expect(writes()).toEqual([]);
    expect((await run('--manage-orgs', '--skip-tls-verify')).code).toBe(0);
    front.close();
  });

  it('a dead token is told as such, with exit 1', async () => {
    await edit(/^primary_token:.*$/m, `primary_token: ${'x'.repeat(40)}`);
    await rm(`${config}.tokens.json`);
    const done = await run('--manage-orgs');
    expect(done.code).toBe(1);
    expect(done.stderr).toContain('the token is missing, invalid or expired');
    expect(writes()).toEqual([]);
  });
});

/** The same server behind TLS, with a certificate that nobody knows. */
async function secureFront(url: string): Promise<{ readonly port: number; close(): void }> {
  const { cert, key } = makeAuthority().issue(['IP:127.0.0.1']);
  const server = createServer({ cert, key }, (request, response) => {
    const onward = http(new URL(request.url ?? '/', url), {
      method: request.method ?? 'GET',
      headers: request.headers,
    });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
