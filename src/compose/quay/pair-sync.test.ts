/** What keeping two Quays equal costs, with as many repositories and tags as a team has. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Pair, startQuayPair } from '../../../test/kit/quay-pair.ts';
import { eachBounded } from '../../kit/bounded.ts';
import { Secret } from '../../kit/secret.ts';
import { openPair } from './pair.ts';
import { syncPair } from './pair-sync.ts';

const organizations = Array.from({ length: 5 }, (_, at) => `team-${at}`);
const repositories = organizations.flatMap((name) => Array.from({ length: 12 }, (_, at) => `${name}/app-${at}`));
const tags = Array.from({ length: 50 }, (_, at) => `v${at}`);

let pair: Pair;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tranship-pair-'));
  pair = await startQuayPair();
  for (const name of organizations) await pair.source.organization(name);
  await eachBounded(repositories, 8, async (name) => {
    await pair.source.repository(name);
    pair.source.push(name, tags);
  });
}, 120_000);
afterAll(async () => {
  await pair[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function sync() {
  pair.clearLogs();
  const { source, destination } = pair;
  await using open = await openPair(
    {
      source: { server: source.quay.url, token: new Secret(source.token) },
      destinations: [{ server: destination.quay.url, token: new Secret(destination.token) }],
    },
    {},
  );
  return await syncPair(open, { stateFolder: folder });
}

const requests = () => [...pair.source.quay.requests, ...pair.destination.quay.requests];

test('sixty repositories with three thousand tags come over by discovery; then nothing costs more than three requests a repository', async () => {
  const first = await sync();
  expect(first.exitCode).toBe(0);
  expect(first.report.totals).toMatchObject({ copied: 3000, failed: 0 });

  const second = await sync();
  expect(second.exitCode).toBe(0);
  expect(second.report.totals).toMatchObject({ copied: 0, updated: 0, same: 3000 });
  expect(pair.destination.quay.writes).toEqual([]);
  expect(requests().filter(({ path }) => path.includes('/manifests/'))).toEqual([]);
  expect(requests().length).toBeLessThanOrEqual(3 * repositories.length);
  // Two listings a repository, one page each; the rest is found out once for all.
  expect(requests().length).toBeLessThanOrEqual(2 * repositories.length + 40);
}, 120_000);

test('the next run finds a moved tag, a deleted one, a new repository, a new organisation and what was pushed at the destination', async () => {
  const { source, destination } = pair;
  const [moved] = source.push('team-0/app-0', ['v0'], 'moved');
  await source.api('DELETE', '/repository/team-0/app-1/tag/v1');
  await source.repository('team-1/app-new');
  source.push('team-1/app-new', ['v1']);
  await source.organization('team-new');
  await source.repository('team-new/app');
  source.push('team-new/app', ['v1']);
  const [theirs] = destination.push('team-2/app-0', ['v0'], 'theirs');

  const run = await sync();
  expect(run.exitCode).toBe(3);
  expect(run.report.totals).toMatchObject({ copied: 2, updated: 1, blocked: 1 });
  expect([...run.notes.gone]).toEqual([`${destination.quay.host}/team-0/app-1:v1`]);
  expect(run.refused).toBe(1);
  expect((await destination.tags('team-0/app-0')).get('v0')).toMatchObject({ manifest_digest: moved });
  expect((await destination.tags('team-2/app-0')).get('v0')).toMatchObject({ manifest_digest: theirs });
  expect((await destination.tags('team-new/app')).size).toBe(1);
  expect((await destination.tags('team-1/app-new')).size).toBe(1);
}, 120_000);
