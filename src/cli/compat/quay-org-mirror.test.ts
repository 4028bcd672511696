import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tranship } from '../../../test/kit/command-line.ts';
import { type MirroredQuay, owner, startMirroredQuay } from '../../../test/kit/mirrored-quay.ts';
import type { FakeQuayOptions } from '../../../test/kit/quay/index.ts';

let active: MirroredQuay;
let standby: MirroredQuay;

beforeEach(async () => {
  active = await startMirroredQuay();
  standby = await startMirroredQuay();
  await prepare(standby);
});

afterEach(async () => {
  await active.quay.close();
  await standby.quay.close();
});

async function prepare(side: MirroredQuay): Promise<void> {
  await side.api('PUT', '/organization/acme/robots/mirror', {});
}

async function repository(side: MirroredQuay, name: string, more: object = {}): Promise<void> {
  const body = { namespace: 'acme', repository: name, visibility: 'private', description: '', ...more };
  await side.api('POST', '/repository', body);
}

/** The job's environment as its document has it, with the scopes that it names. */
function environment(changes: Record<string, string> = {}): Record<string, string> {
  return {
    SOURCE_REGISTRY: active.quay.host,
    DESTINATION_REGISTRY: standby.quay.host,
    NAMESPACE: 'acme',
    DESTINATION_ROBOT: 'acme+mirror',
    TAG_GLOB: '[ "*" ]',
    SYNC_INTERVAL: '600',
    DRY_RUN: 'false',
    DEBUG: 'false',
    RECREATE_MIRROR_CONFIG: 'false',
    SOURCE_API_TOKEN: active.tokenWith('repo:read'),
    DESTINATION_API_TOKEN: standby.tokenWith('repo:admin', 'repo:create'),
    SOURCE_USERNAME: owner.username,
    SOURCE_PASSWORD: owner.password,
    ...changes,
  };
}

async function job(changes: Record<string, string> = {}) {
  active.quay.clearLog();
  standby.quay.clearLog();
  return tranship(['compat', 'quay-org-mirror'], { env: environment(changes) });
}

describe('the job', () => {
  test('makes a mirror of every repository, with the least rights that its document names', async () => {
    await repository(active, 'api');
    await repository(active, 'team/web');
    const done = await job();
    expect(done.stdout).toContain('WARNING: the token lacks org:admin on acme');
    expect(done.code).toBe(0);
    expect(done.stdout.split('\n').slice(1, 12)).toEqual([
      `Source registry: ${active.quay.host}`,
      'Source username: owner',
      `Destination registry: ${standby.quay.host}`,
      'Destination robot name: acme+mirror',
      'Namespace: acme',
      'Tag glob regex array: ["*"]',
      'Sync interval: 600',
      'Recreate mirror configuration: false',
      'Dry run: false',
      'Debug logging: false',
      '',
    ]);
    expect(done.stdout).toContain(
      [
        '',
        'Checking for mirror in destination repository: acme/team/web',
        'Destination repository does not exist',
        'Creating destination repository: acme/team/web',
        'Executing command...',
        'API Result: 0',
        'Setting up mirror config on destination repository: acme/team/web',
        'Executing command...',
        'API Result: 0',
        '',
      ].join('\n'),
    );
    expect(await standby.mirrorOf('acme/api')).toMatchObject({
      external_reference: `${active.quay.host}/acme/api`,
      external_registry_username: 'owner',
      sync_interval: 600,
      root_rule: { rule_kind: 'tag_glob_csv', rule_value: ['*'] },
      robot_username: 'acme+mirror',
    });
    const view = await standby.api('GET', '/repository/acme/api?includeTags=false');
    expect(view).toMatchObject({
      is_public: false,
      description: `Mirrored from ${active.quay.host}`,
      state: 'MIRROR',
    });
  });

  test('finds nothing to do the second time, and writes nothing', async () => {
    await repository(active, 'api');
    await job();
    const again = await job();
    expect(again.stdout).toContain('Destination repository is mirrored, nothing to do');
    expect(standby.quay.writes).toEqual([]);
  });

  test('with DRY_RUN reads everything and writes nothing', async () => {
    await repository(active, 'api');
    const done = await job({ DRY_RUN: 'True' });
    expect(done.code).toBe(0);
    expect(done.stdout).toContain('DRY RUN MODE! Skipping execution...');
    expect(standby.quay.writes).toEqual([]);
    expect(active.quay.writes).toEqual([]);
  });

  test('with DEBUG shows states and calls, and no secret', async () => {
    await repository(active, 'api');
    const env = { DEBUG: 'true' };
    const done = await job(env);
    expect(done.stdout).toContain(">>>> REPO_STATE: ''");
    expect(done.stdout).toContain(">>>> API command: 'createMirror acme/api");
    const { SOURCE_PASSWORD: password = '' } = environment();
    expect(done.stdout + done.stderr).not.toContain(password);
  });

  test.each(['3.7', '3.10', '3.12', '3.15', '3.17', '3.18'] as const)('works on Quay %s', async (version) => {
    await standby.quay.close();
    standby = await startMirroredQuay({ version } satisfies FakeQuayOptions);
    await prepare(standby);
    await repository(active, 'api');
    const done = await job();
    expect(done.stdout + done.stderr).toContain('1 repositories: 1 set up');
    expect((await job()).stdout).toContain('nothing to do');
    const renewed = await job({ RECREATE_MIRROR_CONFIG: 'yes', TAG_GLOB: 'v*' });
    expect(renewed.code).toBe(0);
    expect(await standby.mirrorOf('acme/api')).toMatchObject({ root_rule: { rule_value: ['v*'] } });
  });

  test('takes every variable from a file too, and reports all problems at once with 2', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tranship-env-'));
    const file = join(folder, 'token');
    await writeFile(file, `${active.tokenWith('repo:read')}\n`);
    await repository(active, 'api');
    expect((await job({ SOURCE_API_TOKEN: '', SOURCE_API_TOKEN_FILE: file })).code).toBe(0);
    const wrong = await job({ SOURCE_REGISTRY: 'https://a.example.com', SYNC_INTERVAL: 'often', NAMESPACE: '' });
    expect(wrong.code).toBe(2);
    for (const name of ['SOURCE_REGISTRY', 'SYNC_INTERVAL', 'NAMESPACE']) expect(wrong.stderr).toContain(name);
    expect(standby.quay.requests).toEqual([]);
    await rm(folder, { recursive: true });
  });
});

describe('defects of the original', () => {
  test('1: an organisation of more than 100 repositories is mirrored whole', async () => {
    for (let number = 0; number < 130; number += 1) await repository(active, `app-${number}`);
    const done = await job();
    expect(done.stdout).toContain('130 repositories: 130 set up');
  }, 30_000);

  test('2: a failure is exit code 1, and the others are done all the same', async () => {
    await repository(active, 'a/nested');
    await repository(active, 'good');
    standby.quay.setFeature('EXTENDED_REPOSITORY_NAMES', false);
    const done = await job();
    expect(done.code).toBe(1);
    expect(done.stdout).toContain('ERROR: Create repo failed with return code: 1');
    expect(done.stdout).toContain('2 repositories: 1 set up, 0 nothing to do, 1 failed\nFAILED: acme/a/nested');
    expect(await standby.stateOf('acme/good')).toBe('MIRROR');
  });

  test('2: a robot that is not there is told of before anything is written', async () => {
    await repository(active, 'api');
    const done = await job({ DESTINATION_ROBOT: 'absent' });
    expect(done.code).toBe(1);
    expect(done.stderr).toContain('E_QUAY_ROBOT');
    expect(standby.quay.writes).toEqual([]);
  });

  test('3: a dead token is no empty organisation', async () => {
    await repository(active, 'api');
    const source = await job({ SOURCE_API_TOKEN: 'x'.repeat(40) });
    expect([source.code, source.stderr]).toEqual([1, expect.stringMatching(/source.*invalid or expired/)]);
    const destination = await job({ DESTINATION_API_TOKEN: 'x'.repeat(40) });
    expect([destination.code, destination.stderr]).toEqual([1, expect.stringContaining('destination')]);
    expect(standby.quay.writes).toEqual([]);
  });

  test('4: a password is data, whatever stands in it', async () => {
    await repository(active, 'api');
    const password = '$(touch /tmp/x)"; \'`id`';
    const done = await job({ SOURCE_PASSWORD: password, DEBUG: 'true' });
    expect(done.code).toBe(0);
    expect(standby.quay.world.repositories.get('acme/api')?.mirror?.password).toBe(password);
    expect(done.stdout + done.stderr).not.toContain(password);
  });

  test('5: what cannot be read is not taken for absent', async () => {
    await repository(active, 'api');
    // Repositories only: the token may neither read mirrors nor make any.
    const done = await job({ DESTINATION_API_TOKEN: standby.tokenWith('user:read') });
    expect(done.code).toBe(1);
    expect(done.stdout).toContain('ERROR: acme/api cannot be read');
    expect(standby.quay.writes).toEqual([]);
  });

  test('5: a destination that cannot be reached is a failure', async () => {
    const done = await job({ DESTINATION_REGISTRY: '127.0.0.1:9' });
    expect(done.code).toBe(1);
    expect(done.stderr).toContain('destination');
  }, 30_000);

  test('6: a repository that is read-only is left alone and told of', async () => {
    await repository(active, 'api');
    await repository(standby, 'api');
    await standby.api('PUT', '/repository/acme/api/changestate', { state: 'READ_ONLY' });
    const done = await job();
    expect(done.stdout).toContain('Destination repository is READ_ONLY, left alone');
    expect([done.code, standby.quay.writes]).toEqual([0, []]);
  });

  test('7: the time-out per tag is sent where it is known, and not where it is not', async () => {
    await repository(active, 'api');
    await job();
    expect(creationBody()).toMatchObject({ skopeo_timeout_interval: 300 });
    await standby.quay.close();
    standby = await startMirroredQuay({ version: '3.12' });
    await prepare(standby);
    expect((await job()).code).toBe(0);
    expect(creationBody()).not.toHaveProperty('skopeo_timeout_interval');
  });

  test('8: state and configuration are set right each for itself', async () => {
    await repository(active, 'half');
    await repository(active, 'left');
    await repository(standby, 'half');
    await standby.api('PUT', '/repository/acme/half/changestate', { state: 'MIRROR' });
    await job();
    await standby.api('PUT', '/repository/acme/left/changestate', { state: 'NORMAL' });
    expect(await standby.stateOf('acme/half')).toBe('MIRROR');
    expect((await job()).code).toBe(0);
    expect(await standby.stateOf('acme/left')).toBe('MIRROR');
    expect(await standby.mirrorOf('acme/half')).toHaveProperty('external_reference');
  });

  test('9: what differs is changed without RECREATE, the password only with it', async () => {
    await repository(active, 'api');
    await job();
    const done = await job({ TAG_GLOB: '["v*"]', SYNC_INTERVAL: '1200', SOURCE_PASSWORD: 'another-password' });
    expect(done.stdout).toMatch(/mirrored, but differs: .*tags.*every/);
    expect(standby.quay.writes).toHaveLength(1);
    const stored = () => standby.quay.world.repositories.get('acme/api')?.mirror;
    expect(stored()).toMatchObject({ globs: ['v*'], intervalSeconds: 1200, password: owner.password });
    await job({
      TAG_GLOB: '["v*"]',
      SYNC_INTERVAL: '1200',
      SOURCE_PASSWORD: 'another-password',
      RECREATE_MIRROR_CONFIG: '1',
    });
    expect(stored()).toMatchObject({ password: 'another-password' });
  });

  test('10: a mirror whose source is gone is told of and stays, also when the source shows nothing', async () => {
    await repository(active, 'api');
    await job();
    await active.api('DELETE', '/repository/acme/api');
    const done = await job();
    expect(done.stdout).toMatch(/WARNING: the source of the mirror acme\/api is gone/);
    expect(await standby.stateOf('acme/api')).toBe('MIRROR');
  });

  test('11: the beginnings can be spread, and stay what they are', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await repository(active, name);
    await job({ START_SPREAD: '3600' });
    const starts = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (name) => (await standby.mirrorOf(`acme/${name}`))['sync_start_date']),
    );
    expect(new Set(starts).size).toBe(4);
    await job({ START_SPREAD: '3600' });
    expect(standby.quay.writes).toEqual([]);
  });

  test('12: a repository with tags that is about to become a mirror is warned of', async () => {
    await repository(active, 'api');
    await standby.push('acme/api', 'ours');
    const done = await job({ DRY_RUN: 'true' });
    expect(done.stdout).toMatch(/WARNING: acme\/api holds tags/);
  });
});

describe('TAG_GLOB', () => {
  test('that looks like a regular expression and matches nothing gets a warning', async () => {
    await active.push('acme/api', 'v1.0');
    const done = await job({ TAG_GLOB: '["^v.*$", "v*"]' });
    expect(done.stdout).toContain('WARNING: the tag pattern ^v.*$ looks like a regular expression');
    expect(done.stdout).not.toContain('the tag pattern v* looks');
  });
});

function creationBody(): unknown {
  const created = standby.quay.requests.findLast(({ method, path }) => method === 'POST' && path.endsWith('/mirror'));
  return JSON.parse(created?.body ?? '{}');
}
