/** What `--prune` removes between two Quays, and all that it must not. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../../test/kit/fake-clock.ts';
import { type Pair, startQuayPair } from '../../../test/kit/quay-pair.ts';
import { Secret } from '../../kit/secret.ts';
import { isTranshipError } from '../../oci/errors.ts';
import { openPair } from './pair.ts';
import { listFrom } from './pair-request.ts';
import { type PairOutcome, type PairSyncInput, syncPair } from './pair-sync.ts';

const day = 86_400_000;
const week = 7 * day;
const repository = 'payments/api';
const tags = Array.from({ length: 20 }, (_, at) => `v${at}`);

let pair: Pair;
let folder: string;
let clock: FakeClock;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tranship-pair-prune-'));
  clock = new FakeClock(new Date());
  pair = await startQuayPair();
  await pair.source.organization('payments');
  await pair.source.repository(repository);
  pair.source.push(repository, tags);
});
afterEach(async () => {
  await pair[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const pruned = { prune: { afterMs: week } };

async function sync(more: PairSyncInput = pruned): Promise<PairOutcome> {
  pair.clearLogs();
  const { source, destination } = pair;
  await using open = await openPair(
    {
      source: { server: source.quay.url, token: new Secret(source.token) },
      destinations: [{ server: destination.quay.url, token: new Secret(destination.token) }],
    },
    { clock },
  );
  return await syncPair(open, { stateFolder: folder, ...more });
}

async function later(time: number, more?: PairSyncInput): Promise<PairOutcome> {
  clock.advance(time);
  return sync(more);
}

const gone = (tag: string) => pair.source.api('DELETE', `/repository/${repository}/tag/${tag}`);
const there = async () => [...(await pair.destination.tags(repository)).keys()].sort();
const without = (...left: readonly string[]) => tags.filter((tag) => !left.includes(tag)).sort();
const deletions = () => pair.destination.quay.writes.filter(({ method }) => method === 'DELETE');

describe('a tag that is gone from the source', () => {
  test('is removed once two listings so far apart did not hold it, and not before', async () => {
    await sync();
    await gone('v3');
    expect((await later(day)).notes.gone.size).toBe(1);
    expect((await later(week - 1)).report.totals.pruned).toBe(0);
    expect(await there()).toEqual(without());
    expect((await later(1)).report.totals.pruned).toBe(1);
    expect(await there()).toEqual(without('v3'));
    await later(week);
    expect(deletions()).toEqual([]);
  });

  test('stays without --prune however long it is gone', async () => {
    await sync({});
    await gone('v3');
    for (let at = 0; at < 3; at += 1) await later(2 * week, {});
    expect(await there()).toEqual(without());
  });

  test('stays in a dry run, which shows it', async () => {
    await sync();
    await gone('v3');
    await later(day);
    const { plan } = await later(week, { ...pruned, dryRun: true });
    expect(plan.totals.prune).toBe(1);
    expect(pair.destination.quay.writes).toEqual([]);
  });

  test('stays where the record of earlier runs is lost: the waiting starts anew', async () => {
    await sync();
    await gone('v3');
    await later(day);
    await rm(folder, { recursive: true });
    await later(week);
    expect(await there()).toEqual(without());
  });

  test('stays where somebody moved it at the destination', async () => {
    await sync();
    await gone('v3');
    await later(day);
    pair.destination.push(repository, ['v3'], 'moved there');
    await later(week);
    expect(await there()).toEqual(without());
  });

  test('stays where it came back in time', async () => {
    await sync();
    await gone('v3');
    await later(day);
    pair.source.push(repository, ['v3']);
    await later(day);
    await gone('v3');
    await later(week - 2 * day);
    expect(await there()).toEqual(without());
  });

  test('goes with no more than a tenth of the tags in one run', async () => {
    await sync();
    for (const tag of ['v1', 'v2', 'v3', 'v4', 'v5']) await gone(tag);
    await later(day);
    expect((await later(week)).report.totals.pruned).toBe(2);
    expect((await there()).length).toBe(18);
    // The next run has eighteen, of which one is a tenth.
    expect((await later(day)).report.totals.pruned).toBe(1);
  });

  test('stays where another image of the run failed', async () => {
    await sync();
    await gone('v3');
    await later(day);
    pair.source.push(repository, ['v21'], 'new');
    await pair.destination.api('PUT', `/repository/${repository}/changestate`, { state: 'READ_ONLY' });
    await later(week);
    expect(await there()).toEqual(without());
    expect(deletions()).toEqual([]);
  });
});

describe('what is not ours to remove', () => {
  test('a tag that was pushed at the destination stays, also once the policy turns', async () => {
    await sync();
    pair.destination.push(repository, ['hotfix']);
    await later(day);
    await later(day);
    for (const policy of ['refuse', 'source-wins', 'newer-wins', 'keep-both'] as const) {
      await later(2 * week, { ...pruned, policy });
      expect(await there()).toContain('hotfix');
    }
    expect(deletions()).toEqual([]);
  });

  test('a tag whose image was kept under a second name stays under it', async () => {
    await sync();
    pair.destination.push(repository, ['v3'], 'theirs');
    pair.source.push(repository, ['v3'], 'ours');
    await later(day, { ...pruned, policy: 'keep-both' });
    for (let at = 0; at < 3; at += 1) await later(week, { ...pruned, policy: 'keep-both' });
    expect((await there()).filter((tag) => tag.includes('diverged'))).toHaveLength(1);
  });

  test('repositories and organisations that only the destination has stay with every tag', async () => {
    await sync();
    await pair.destination.repository('payments/own');
    pair.destination.push('payments/own', ['v1']);
    await pair.destination.organization('theirs');
    await pair.destination.repository('theirs/app');
    pair.destination.push('theirs/app', ['v1']);
    await pair.source.repository('payments/second');
    pair.source.push('payments/second', tags);
    await later(day);
    await pair.source.api('DELETE', '/repository/payments/second');
    for (let at = 0; at < 3; at += 1) await later(week);
    expect((await pair.destination.tags('payments/own')).size).toBe(1);
    expect((await pair.destination.tags('theirs/app')).size).toBe(1);
    expect((await pair.destination.tags('payments/second')).size).toBe(tags.length);
  });

  test('what the run is not about stays: another repository, tags that a list does not name', async () => {
    await sync();
    await gone('v3');
    await pair.source.repository('payments/web');
    pair.source.push('payments/web', ['v1']);
    await later(day);
    await later(week, { ...pruned, include: [{ glob: 'payments/web' }] });
    expect(await there()).toEqual(without());
    const list = listFrom([`${repository}:v4`]);
    await later(week, { ...pruned, list });
    await later(week, { ...pruned, list });
    expect(deletions().filter(({ path }) => !path.includes('v3'))).toEqual([]);
  });
});

describe('a source in trouble', () => {
  test('that shows an empty repository removes nothing', async () => {
    await sync();
    for (const tag of tags) await gone(tag);
    for (let at = 0; at < 3; at += 1) await later(week);
    expect(await there()).toEqual(without());
  });

  test('that shows no repository at all ends the run, and removes nothing', async () => {
    await sync();
    await pair.source.api('DELETE', `/repository/${repository}`);
    for (let at = 0; at < 3; at += 1)
      expect(await later(week).catch((error: unknown) => isTranshipError(error) && error.code)).toBeTypeOf('string');
    expect(await there()).toEqual(without());
  });

  test('whose listing fails in the middle removes nothing and forgets nothing', async () => {
    await sync();
    await gone('v3');
    await later(day);
    await pair.source.quay.close();
    await expect(later(week)).rejects.toThrow();
    expect(await there()).toEqual(without());
  });
});
