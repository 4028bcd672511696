import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Secret } from '../../src/index.ts';
import { tranship } from '../../test/kit/command-line.ts';
import { type Pair, startQuayPair, startQuaySide } from '../../test/kit/quay-pair.ts';
import { moveImages } from '../quay-sync.ts';

let pair: Pair;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tranship-example-'));
  pair = await startQuayPair();
  for (const [organization, repository, tag] of [
    ['payments', 'api', 'v2.0'],
    ['stores', 'shop', 'latest'],
  ] as const) {
    await pair.source.organization(organization);
    await pair.source.repository(`${organization}/${repository}`);
    pair.source.push(`${organization}/${repository}`, [tag]);
  }
});
afterEach(async () => {
  await pair[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** The file of the example with its hosts and tokens changed, and nothing else. */
async function sample(name: string, changes: Readonly<Record<string, string>>): Promise<string> {
  let text = await readFile(new URL(name, import.meta.url), 'utf8');
  for (const [from, to] of Object.entries(changes)) text = text.replaceAll(from, to);
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const tagsOf = async (repository: string) => [...(await pair.destination.tags(repository)).keys()];

test('quay-sync.yaml', async () => {
  const path = await sample('quay-sync.yaml', {
    'https://quay.dc1.example.com': pair.source.quay.url,
    'https://quay.dc2.example.com': pair.destination.quay.url,
  });
  const env = { ACTIVE_TOKEN: pair.source.token, STANDBY_TOKEN: pair.destination.token };
  expect((await tranship(['quay', 'sync', '-c', path], { env, home: folder })).code).toBe(0);
  expect((await tranship(['quay', 'diff', '-c', path, '--failover', '--exit-code'], { env, home: folder })).code).toBe(
    0,
  );
  expect(await tagsOf('payments/api')).toEqual(['v2.0']);
});

test('sample_config.yaml', async () => {
  const path = await sample('sample_config.yaml', {
    'quay.dc1.example.com': pair.source.quay.url,
    'quay.dc2.example.com': pair.destination.quay.url,
    'a-token-of-the-source': pair.source.token,
    'a-token-of-the-destination': pair.destination.token,
  });
  const flags = ['--config-file', path, '--skip-tls-verify', '--skip-broken-images'];
  expect((await tranship(['compat', 'quay-sync', ...flags], { home: folder })).code).toBe(0);
  expect(await tagsOf('stores/shop')).toEqual(['latest']);
});

test('primary_secondary.yaml', async () => {
  await using backup = await startQuaySide();
  const path = await sample('primary_secondary.yaml', {
    'https://quay.dc1.example.com': pair.source.quay.url,
    'https://quay.dc2.example.com': pair.destination.quay.url,
    'https://quay-backup.example.com': backup.quay.url,
    'a-token-of-the-primary': pair.source.token,
    'a-token-of-the-secondary': pair.destination.token,
    'a-token-of-the-backup': backup.token,
  });
  const { code } = await tranship(['compat', 'quay-sync', '--config-file', path, '--auto-discovery'], { home: folder });
  expect(code).toBe(0);
  expect([...(await backup.tags('payments/api')).keys()]).toEqual(['v2.0']);
});

test('quay-sync.ts', async () => {
  const told = vi.spyOn(console, 'error').mockImplementation(() => {});
  const { source, destination } = pair;
  const outcome = await moveImages(
    { server: source.quay.url, token: new Secret(source.token) },
    { server: destination.quay.url, token: new Secret(destination.token) },
    ['payments/api:v2.0'],
  );
  expect(outcome.exitCode).toBe(0);
  expect(told).toHaveBeenCalledWith(`${destination.quay.host}: repository payments/api done`);
  expect(await tagsOf('payments/api')).toEqual(['v2.0']);
  told.mockRestore();
});
