import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tranship } from '../../../test/kit/command-line.ts';
import { type MirroredQuay, owner, startMirroredQuay } from '../../../test/kit/mirrored-quay.ts';
import type { FakeQuayOptions } from '../../../test/kit/quay/index.ts';

let active: MirroredQuay;
let standby: MirroredQuay;

beforeEach(async () => {
  active = await startMirroredQuay();
  standby = await startMirroredQuay({ workers: 'manual' });
});

afterEach(async () => {
  await active.quay.close();
  await standby.quay.close();
});

async function another(options: FakeQuayOptions): Promise<void> {
  await standby.quay.close();
  standby = await startMirroredQuay({ workers: 'manual', ...options });
}

async function repository(side: MirroredQuay, name: string, more: object = {}): Promise<void> {
  const body = { namespace: 'acme', repository: name, visibility: 'private', description: 'of the source', ...more };
  await side.api('POST', '/repository', body);
}

function run(argv: readonly string[], env: Record<string, string> = {}) {
  standby.quay.clearLog();
  return tranship(['quay', 'mirror', ...argv], {
    env: {
      TRANSHIP_QUAY_SOURCE_TOKEN: active.token,
      TRANSHIP_QUAY_TOKEN: standby.token,
      PULL_PASSWORD: owner.password,
      ...env,
    },
  });
}

const pull = ['--pull-username', 'owner', '--pull-password-env', 'PULL_PASSWORD', '--no-tls-verify'];

function setUp(...more: string[]) {
  return run([`${active.quay.host}/acme`, standby.quay.host, ...pull, ...more]);
}

describe('setting up', () => {
  test('makes robot, default permission, repositories and mirrors, and nothing the second time', async () => {
    await repository(active, 'api');
    const done = await setUp('--description-from-source', '--tags', 'v*');
    expect(done.code).toBe(0);
    expect(done.stdout.split('\n').filter(Boolean)).toEqual([
      '+ robot acme+mirror  made (new)',
      '+ default permission of acme for robot/mirror  made (new)',
      '+ repository acme/api  made (new)',
      '+ mirror of acme/api  made (new)',
    ]);
    const { prototypes } = await standby.api('GET', '/organization/acme/prototypes');
    expect(prototypes).toMatchObject([{ role: 'write', delegate: { name: 'acme+mirror' } }]);
    expect(await standby.mirrorOf('acme/api')).toMatchObject({
      root_rule: { rule_value: ['v*'] },
      external_registry_config: { verify_tls: false },
    });
    const again = await setUp('--description-from-source', '--tags', 'v*');
    expect(again.stdout).toBe('');
    expect(again.stderr).toContain('0 set up, 1 as they should be, 0 failed');
    expect(standby.quay.writes).toEqual([]);
  });

  test('a dry run says the same and writes nothing', async () => {
    await repository(active, 'api');
    const done = await setUp('--dry-run', '--sync-now', '-o', 'json');
    const report = JSON.parse(done.stdout) as Record<string, unknown>;
    expect(report).toMatchObject({
      kind: 'QuayMirrorReport',
      dryRun: true,
      repositories: [
        { repository: 'acme/api', situation: 'absent', changes: [{ action: 'create' }, { action: 'create' }] },
      ],
    });
    expect(standby.quay.writes).toEqual([]);
    expect(done.stdout + done.stderr).not.toContain(owner.password);
  });

  test('the robot gets back a right that it lost', async () => {
    await repository(active, 'api');
    expect((await setUp()).code).toBe(0);
    await standby.api('DELETE', '/repository/acme/api/permissions/user/acme+mirror');
    const done = await setUp();
    expect(done.stdout).toContain('+ permission of acme+mirror on acme/api');
    expect((await setUp()).stdout).toBe('');
  });

  test('a proxy arrives whole, also in a mirror that had none', async () => {
    await repository(active, 'api');
    await setUp();
    await setUp('--http-proxy', 'http://proxy.example.com:3128', '--proxy-except', 'intern.example.com');
    expect(await standby.mirrorOf('acme/api')).toMatchObject({
      external_registry_config: {
        proxy: { http_proxy: 'http://proxy.example.com:3128', no_proxy: 'intern.example.com' },
      },
    });
    expect(
      (await setUp('--http-proxy', 'http://proxy.example.com:3128', '--proxy-except', 'intern.example.com')).stdout,
    ).toBe('');
  });

  test('what the server lacks is refused with 2 where it was asked for, before anything is written', async () => {
    await repository(active, 'api');
    await another({ version: '3.12' });
    const done = await setUp('--timeout', '10m');
    expect([done.code, standby.quay.writes]).toEqual([2, []]);
    expect(done.stderr).toContain('E_QUAY_UNSUPPORTED');
    await another({ features: { REPO_MIRROR: false } });
    const off = await setUp();
    expect([off.code, standby.quay.writes]).toEqual([2, []]);
    expect(off.stderr).toContain('FEATURE_REPO_MIRROR');
  });

  test('a dead token, a robot for a token and a host that is no Quay are told apart', async () => {
    const dead = await run([`${active.quay.host}/acme`, standby.quay.host], { TRANSHIP_QUAY_TOKEN: 'x'.repeat(40) });
    expect([dead.code, standby.quay.writes]).toEqual([4, []]);
    expect(dead.stderr).toContain('destination');
    const nobody = await run([`${active.quay.host}/acme`, '127.0.0.1:9']);
    expect(nobody.code).toBe(75);
  }, 30_000);
});

describe('what is gone from the source', () => {
  test('is deleted only with --prune and --yes, for certain, and under the cap', async () => {
    for (const name of ['a', 'b', 'c']) await repository(active, name);
    await setUp();
    await active.api('DELETE', '/repository/acme/a');
    await active.api('DELETE', '/repository/acme/b');
    expect((await setUp()).stderr).toContain('W_QUAY_SOURCE_GONE');
    const capped = await setUp('--prune', '--yes');
    expect(capped.code).toBe(6);
    expect(standby.quay.writes).toEqual([]);
    const dry = await setUp('--prune', '--dry-run', '--max-deletions', '2');
    expect([dry.code, standby.quay.writes]).toEqual([0, []]);
    expect((await setUp('--prune', '--max-deletions', '2')).code).toBe(2);
    const done = await setUp('--prune', '--yes', '--max-deletions', '2');
    expect(done.stdout).toContain('- repository acme/a  removed');
    expect(standby.quay.writes.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual([
      'DELETE /api/v1/repository/acme/a',
      'DELETE /api/v1/repository/acme/b',
    ]);
  });

  test('is never deleted by an empty listing', async () => {
    await repository(active, 'a');
    await setUp();
    await active.api('DELETE', '/repository/acme/a');
    const done = await setUp('--prune', '--yes');
    expect(done.stderr).toContain('W_QUAY_SOURCE_EMPTY');
    expect(standby.quay.writes).toEqual([]);
  });
});

describe('runs of mirrors', () => {
  test('are started, awaited and shown', async () => {
    await active.push('acme/api', 'v1');
    await setUp();
    const place = `${standby.quay.host}/acme`;
    const before = await run(['status', place]);
    expect(before.stdout).toMatch(/acme\/api +NEVER_RUN/);
    await run(['sync-now', place]);
    await standby.quay.runWorkers();
    const done = await run(['sync-now', place, '--dry-run']);
    expect(standby.quay.writes).toEqual([]);
    expect(done.stdout).toMatch(/acme\/api +SUCCESS/);
    expect(await standby.tagsOf('acme/api')).toEqual(['v1']);
  });

  test('that failed say why', async () => {
    await active.push('acme/api', 'v1');
    await run([`${active.quay.host}/acme`, standby.quay.host, '--no-tls-verify']);
    await run(['sync-now', `${standby.quay.host}/acme`]);
    await standby.quay.runWorkers();
    const done = await run(['status', `${standby.quay.host}/acme/api`, '-o', 'json']);
    expect(done.code).toBe(1);
    const { items } = JSON.parse(done.stdout) as { items: unknown[] };
    expect(items).toMatchObject([{ status: 'FAIL', failure: { reason: expect.stringContaining('source') as string } }]);
  });

  test('are cancelled, and what does not run is left alone', async () => {
    await repository(active, 'api');
    await setUp();
    const place = `${standby.quay.host}/acme`;
    expect((await run(['cancel', place])).stdout).toBe('acme/api  idle\n');
    expect(standby.quay.writes).toEqual([]);
    await run(['sync-now', place]);
    await standby.quay.stepWorkers();
    expect((await run(['cancel', place, '--dry-run'])).stdout).toMatch(/acme\/api +SYNCING/);
    expect(standby.quay.writes).toEqual([]);
    expect((await run(['cancel', place])).stdout).toBe('acme/api  cancelled\n');
  });

  test('are nobody’s where mirroring is switched off, which does not read as "no mirror"', async () => {
    await another({ features: { REPO_MIRROR: false } });
    for (const command of ['status', 'sync-now', 'cancel']) {
      const done = await run([command, `${standby.quay.host}/acme`]);
      expect([command, done.code]).toEqual([command, 2]);
      expect(done.stderr).toContain('FEATURE_REPO_MIRROR');
    }
  });

  test('that do not end in time are named', async () => {
    await repository(active, 'api');
    await setUp();
    const done = await run(['sync-now', `${standby.quay.host}/acme`, '--wait', '--wait-timeout', '1s']);
    expect(done.code).toBe(75);
    expect(done.stderr).toContain('acme/api SYNC_NOW');
  });
});

describe("Quay's own organisation mirror", () => {
  test('is set up where it is asked for and fits', async () => {
    await repository(active, 'api');
    const done = await setUp('--organization-mirror');
    expect(done.code).toBe(0);
    expect(await standby.api('GET', '/organization/acme/mirror')).toMatchObject({
      external_registry_type: 'quay',
      external_namespace: 'acme',
      external_registry_username: '$oauthtoken',
      robot_username: 'acme+mirror',
    });
    const again = await setUp('--organization-mirror');
    expect([again.stdout, standby.quay.writes]).toEqual(['', []]);
  });

  test('shows its repositories, each with its state', async () => {
    await active.push('acme/api', 'v1');
    await run([`http://${active.quay.host}/acme`, standby.quay.host, ...pull, '--organization-mirror']);
    standby.quay.clock.advance(1000);
    await standby.quay.runWorkers();
    const done = await run(['status', `${standby.quay.host}/acme`, '-o', 'json']);
    const { items } = JSON.parse(done.stdout) as { items: { repository: string; status: string }[] };
    expect(items.map(({ repository: name }) => name)).toEqual(['acme/api']);
    // What stands in it is Quay's to mirror, and not ours to touch.
    const single = await setUp();
    expect([single.code, standby.quay.writes]).toEqual([0, []]);
    expect(single.stderr).toContain('W_QUAY_LEFT_ALONE');
  });

  test('is refused with the reason where it does not fit, which every run tells', async () => {
    await repository(active, 'api');
    await repository(standby, 'ours');
    const done = await setUp('--organization-mirror');
    expect([done.code, standby.quay.writes]).toEqual([2, []]);
    expect(done.stderr).toContain('the organisation holds 1 repository');
    expect((await setUp('--dry-run')).stderr).toContain("Quay's own organisation mirror does not fit");
  });
});

test('an address with a scheme is kept to, and the mirrors get the host alone', async () => {
  await repository(active, 'api');
  const done = await run([`http://${active.quay.host}/acme`, `http://${standby.quay.host}/acme`, ...pull]);
  expect(done.code).toBe(0);
  expect(await standby.mirrorOf('acme/api')).toHaveProperty('external_reference', `${active.quay.host}/acme/api`);
});

test.each([
  [['quay.example.com', 'standby.example.com']],
  [['quay.example.com/acme/api', 'standby.example.com']],
  [['quay.example.com/acme', 'standby.example.com', '--every', '10s']],
  [['quay.example.com/acme', 'standby.example.com', '--robot', 'other+mirror']],
  [['quay.example.com/acme', 'standby.example.com', '--pull-username', 'me']],
  [['quay.example.com/acme', 'standby.example.com', '--start', 'soon']],
])('%j is bad usage, told before anything is asked', async (argv) => {
  expect((await run(argv)).code).toBe(2);
});

test('the first token of the environment never reaches the source', async () => {
  await repository(active, 'api');
  const done = await run([`${active.quay.host}/acme`, standby.quay.host], { TRANSHIP_QUAY_SOURCE_TOKEN: '' });
  expect(done.code).toBe(4);
  expect(done.stderr).toContain('source');
});
