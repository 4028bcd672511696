import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type MirroredQuay, startMirroredQuay } from '../../../test/kit/mirrored-quay.ts';
import { createHttp } from '../../http/client.ts';
import type { HttpClient } from '../../http/types.ts';
import type { Clock } from '../../kit/clock.ts';
import { Secret } from '../../kit/secret.ts';
import { openQuay, type QuayClient } from '../client.ts';
import { detectFeatures } from '../features.ts';
import { awaitRuns, startRuns } from './jobs.ts';

let side: MirroredQuay;
let http: HttpClient;
let quay: QuayClient;

beforeEach(async () => {
  side = await startMirroredQuay({ workers: 'manual' });
  http = createHttp({ settings: () => ({ plainHttp: true }), env: {}, userAgent: 'test' });
  quay = openQuay({ url: new URL(side.quay.url), token: new Secret(side.token), http });
  await detectFeatures(quay);
  await side.api('PUT', '/organization/acme/robots/mirror', {});
  await side.push('acme/source', 'v1');
  await mirror('copy', 'acme/source');
});

afterEach(async () => {
  await http.close();
  await side.quay.close();
});

async function mirror(name: string, from: string, start = '2030-01-01T00:00:00Z'): Promise<void> {
  await side.api('POST', '/repository', {
    namespace: 'acme',
    repository: name,
    visibility: 'private',
    description: '',
  });
  await side.api('POST', `/repository/acme/${name}/mirror`, {
    external_reference: `${side.quay.host}/${from}`,
    external_registry_username: 'owner',
    external_registry_password: 'canary-pull-password',
    external_registry_config: { verify_tls: false },
    sync_interval: 3600,
    sync_start_date: start,
    root_rule: { rule_kind: 'tag_glob_csv', rule_value: ['*'] },
    robot_username: 'acme+mirror',
    skopeo_timeout_interval: 300,
  });
}

/** A clock whose sleeping lets the workers take one step. */
function workingClock(): Clock & { readonly sleeps: number[] } {
  let time = 0;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => time,
    wall: () => Date.now(),
    async sleep(milliseconds) {
      sleeps.push(milliseconds);
      time += milliseconds;
      await side.quay.stepWorkers();
    },
  };
}

const acme = { organization: 'acme' };

describe('waiting', () => {
  test('looks first: what is done is not waited for', async () => {
    await startRuns(quay, acme);
    await side.quay.runWorkers();
    const clock = workingClock();
    const statuses = await awaitRuns(quay, ['acme/copy'], { clock, timeout: 1000 });
    expect(clock.sleeps).toEqual([]);
    expect(statuses).toMatchObject([{ repository: 'acme/copy', status: 'SUCCESS' }]);
  });

  test('goes on while a mirror is about to run or runs, ever more seldom', async () => {
    await startRuns(quay, acme);
    const clock = workingClock();
    const open: number[] = [];
    await awaitRuns(quay, ['acme/copy'], { clock, timeout: 60_000, tell: (count) => open.push(count) });
    expect(clock.sleeps).toEqual([500, 1000]);
    expect(open).toEqual([1, 1, 0]);
  });

  test('outlasts the tries of a run that fails, and tells why it failed', async () => {
    await mirror('broken', 'acme/absent', '2026-01-01T00:00:00Z');
    await startRuns(quay, { organization: 'acme', repository: 'broken' });
    const clock = workingClock();
    const [status] = await awaitRuns(quay, ['acme/broken'], { clock, timeout: 600_000 });
    expect(status).toMatchObject({ status: 'FAIL', failure: { reason: expect.any(String) as string } });
    // Two looks for each of three tries, and the last one that finds it done.
    expect(clock.sleeps.length).toBeGreaterThanOrEqual(6);
  });

  test('a run ahead of its time that failed is done: it is not tried again before', async () => {
    await mirror('early', 'acme/absent');
    await startRuns(quay, { organization: 'acme', repository: 'early' });
    const clock = workingClock();
    expect(await awaitRuns(quay, ['acme/early'], { clock, timeout: 600_000 })).toMatchObject([{ status: 'FAIL' }]);
    expect(clock.sleeps).toHaveLength(2);
  });

  test('ends at its limit with the names of what is not done', async () => {
    await startRuns(quay, acme);
    const standing = { ...workingClock(), sleep: () => Promise.resolve() };
    let time = 0;
    const clock = { ...standing, now: () => (time += 400) };
    await expect(awaitRuns(quay, ['acme/copy'], { clock, timeout: 1000 })).rejects.toMatchObject({
      code: 'E_QUAY_MIRROR_WAIT',
      failure: 'temporary',
      message: expect.stringContaining('acme/copy SYNC_NOW') as string,
    });
  });
});

test('a mirror that is running is left to its run', async () => {
  await startRuns(quay, acme);
  await side.quay.stepWorkers();
  side.quay.clearLog();
  expect(await startRuns(quay, acme)).toEqual([{ repository: 'acme/copy', result: 'running' }]);
  expect(side.quay.writes).toEqual([]);
});
