import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type AzureStage, azureTarget, openAzureStage } from '../../../test/kit/azure-stage.ts';
import { tranship } from '../../../test/kit/command-line.ts';
import { send } from '../../../test/kit/corpus/push.ts';
import { pushSample } from '../../../test/kit/push-sample.ts';

const users = { crawler: 'source-word' };
const target = azureTarget;
const openStage = openAzureStage;

const crawl = ['crawl', '--registry-name=acme', '--namespace=giantswarm'];

function syncTo({ target: { host } }: AzureStage): readonly string[] {
  return [
    'sync',
    '--source-registry-name=acme',
    '--namespace=giantswarm',
    `--target-registry-name=${host}`,
    '--target-namespace=mirror',
  ];
}

test('crawl writes both files byte for byte: CR LF, Azure’s times, its order, only the namespace', async () => {
  await using stage = await openStage({ users, now: () => Date.parse('2026-05-10T12:34:56.123Z') });
  const alpine = await stage.acr.push('giantswarm/alpine', ['3.18', 'latest']);
  const deep = await stage.acr.push('giantswarm/deep/er', ['v1']);
  await stage.acr.push('other/alpine', ['x']);
  await stage.acr.push('plain', ['x']);
  const done = await stage.run(crawl);
  expect(done.code, done.stderr).toBe(0);
  expect(await stage.file('repositories.csv')).toBe('namespace,name\r\ngiantswarm,alpine\r\ngiantswarm,deep/er\r\n');
  const time = '2026-05-10T12:34:56.1230000Z';
  expect(await stage.file('tags.csv')).toBe(
    [
      'namespace,repo_name,name,created_on,last_updated_on,digest',
      `giantswarm,alpine,3.18,${time},${time},${alpine}`,
      `giantswarm,alpine,latest,${time},${time},${alpine}`,
      `giantswarm,deep/er,v1,${time},${time},${deep}`,
      '',
    ].join('\r\n'),
  );
  expect(done.stderr).toContain('INFO:__main__:Found 2 repositories.\n');
  expect(done.stderr).toContain('INFO:__main__:Repository giantswarm/alpine: saving tag 3.18 for syncing\n');
  expect(done.stderr).toContain('INFO:__main__:Found 3 tags in total.\n');
  expect(await stage.work.files()).toEqual(['repositories.csv', 'tags.csv']);
});

test('crawl, then sync through the same folder: every platform and digest arrives, and again costs no write', async () => {
  await using stage = await openStage({ users: {} });
  const digest = await pushSample(stage.acr, 'giantswarm/app', '1.0', undefined);
  const none = { SOURCE_USERNAME: 'any', SOURCE_PASSWORD: 'thing' };
  expect((await stage.run(crawl, none)).code).toBe(0);
  const first = await stage.run(syncTo(stage), none);
  expect(first.code, first.stderr).toBe(0);
  expect(await stage.file('sync.yaml')).toBe("acme.azurecr.io:\n  images:\n    giantswarm/app:\n    - '1.0'\n");
  expect(stage.target.seen(/^PUT .*\/v2\/mirror\/app\/manifests\//)).toHaveLength(3);
  expect(await stage.file('tags.csv')).toContain(digest);
  stage.target.requests.length = 0;
  expect((await stage.run(syncTo(stage), none)).code).toBe(0);
  expect(stage.target.seen(/^(?:PUT|POST|PATCH)/)).toEqual([]);
});

test('an image that cannot be copied ends sync with 1, and the others arrive', async () => {
  await using stage = await openStage();
  await stage.acr.push('giantswarm/app', ['1.0']);
  await writeFile(
    join(stage.work.path, 'tags.csv'),
    '\uFEFFname,namespace,repo_name,more\ngone,giantswarm,app,x\n\n1.0,giantswarm,app,x\n',
  );
  const done = await stage.run(syncTo(stage));
  expect(done.code).toBe(1);
  expect(done.stderr).toMatch(/mirror\/app:gone: .*\(E_/);
  expect(done.stderr).toContain('Synced: 1 copied, 0 the same, 1 failed.');
});

test('deeper names stay apart; with flat names they would meet, and nothing is written', async () => {
  await using stage = await openStage();
  await stage.acr.push('giantswarm/a/app', ['1.0'], 'a');
  await stage.acr.push('giantswarm/b/app', ['1.0'], 'b');
  await stage.run(crawl);
  const flat = await stage.run([...syncTo(stage), '--flat-names']);
  expect(flat.code).toBe(1);
  expect(flat.stderr).toContain('giantswarm/a/app and giantswarm/b/app would both be copied to mirror/app');
  expect(stage.target.seen(/^(?:PUT|POST|PATCH)/)).toEqual([]);
  expect((await stage.run(syncTo(stage))).code).toBe(0);
  expect(stage.target.seen(/^PUT \/v2\/mirror\/[ab]\/app\/manifests\//)).toHaveLength(2);
});

test('a tag that moved since the crawl is told and copied as it is now; pinned, as it was', async () => {
  await using stage = await openStage();
  const before = await stage.acr.push('giantswarm/app', ['1.0'], 'before');
  await stage.run(crawl);
  const now = await stage.acr.push('giantswarm/app', ['1.0'], 'now');
  const moved = await stage.run(syncTo(stage));
  expect(moved.stderr).toContain(`giantswarm/app:1.0 has moved since the crawl (${before} → ${now})`);
  expect(await digestAt(stage, 'mirror/app', '1.0')).toBe(now);
  const pinned = await stage.run([...syncTo(stage), '--pinned']);
  expect(pinned.code, pinned.stderr).toBe(0);
  expect(await digestAt(stage, 'mirror/app', '1.0')).toBe(before);
});

async function digestAt(stage: AzureStage, repository: string, tag: string): Promise<unknown> {
  const authorization = `Basic ${Buffer.from(`${target.name}:${target.password}`).toString('base64')}`;
  const { headers } = await send({ url: stage.target.url, authorization }, `/v2/${repository}/manifests/${tag}`, {
    method: 'HEAD',
  });
  return headers['docker-content-digest'];
}

test('no secret in anything that is printed, also where a listing is refused', async () => {
  await using stage = await openStage();
  await stage.acr.push('giantswarm/app', ['1.0']);
  stage.acr.intercept = ({ path }) => (path.includes('/app/') ? { status: 403, document: { errors: [] } } : undefined);
  const done = await stage.run(crawl);
  expect(done.code).toBe(1);
  expect(done.stderr).toContain("ERROR:__main__:Error fetching tags for repository 'giantswarm/app': ");
  expect(done.stderr).not.toMatch(/source-word|Bearer|Basic/);
  expect(await stage.work.files()).toEqual(['repositories.csv']);
});

test('variables are asked for in order, before everything else', async () => {
  await using stage = await openStage();
  const missing = async (args: readonly string[], env: Record<string, string>) => (await stage.run(args, env)).stderr;
  expect(await missing(crawl, { SOURCE_USERNAME: '' })).toBe('SOURCE_USERNAME environment variable must be set.\n');
  expect(await missing(crawl, { SOURCE_PASSWORD: '' })).toBe('SOURCE_PASSWORD environment variable must be set.\n');
  expect(await missing(syncTo(stage), { TARGET_PASSWORD: '' })).toBe(
    'TARGET_PASSWORD environment variable must be set.\n',
  );
});

test('no repository: the header alone, and exit 1', async () => {
  await using stage = await openStage();
  await stage.acr.push('other/app', ['1.0']);
  const done = await stage.run(crawl);
  expect(done.code).toBe(1);
  expect(done.stderr).toContain('No repositories found.');
  expect(await stage.file('repositories.csv')).toBe('namespace,name\r\n');
});

test('expressions fit at the beginning, as Python has it; ages count in days', async () => {
  let now = Date.parse('2026-01-01T00:00:00Z');
  await using stage = await openStage({ users, now: () => now });
  await stage.acr.push('giantswarm/app', ['v1', 'v10'], 'old');
  now = Date.now();
  await stage.acr.push('giantswarm/app', ['v11', 'w1'], 'new');
  await stage.acr.push('giantswarm/web', ['v1'], 'web');
  const tags = async (...more: string[]) => {
    await stage.run([...crawl, ...more]);
    return (await stage.file('tags.csv'))
      .split('\r\n')
      .slice(1, -1)
      .map((line) => line.split(',').slice(1, 3).join(':'));
  };
  expect(await tags('--repository', 'app', '--tag-regex', 'v1')).toEqual(['app:v1', 'app:v10', 'app:v11']);
  expect(await tags('--repository-regex=ap', '--tag-regex', String.raw`(?P<n>v1)\Z`)).toEqual(['app:v1']);
  expect(await tags('--tag-max-age', '30')).toEqual(['app:v11', 'app:w1', 'web:v1']);
  expect(await tags('--tag-min-age', '30')).toEqual(['app:v1', 'app:v10']);
});

test.each([
  [['crawl', '--unknown'], 2, 'No such option: --unknown'],
  [['crawl', '--registry-name=acme', '--tag-min-age', 'soon'], 2, 'not a number of days'],
  [
    ['crawl', '--registry-name=acme', '--repository=a', '--repository-regex=b'],
    1,
    'Only one of --repository or --repository-regex can be set.',
  ],
  [['crawl', '--registry-name=acme', '--tag-regex=(?=a)'], 2, 'E_PYTHON_REGEX'],
  [['crawl'], 1, 'Invalid registry name.'],
  [['sync'], 1, 'Invalid source registry name.'],
  [['sing'], 2, "No such command 'sing'"],
] as const)('%j ends with %i', async (args, code, text) => {
  const env = { SOURCE_USERNAME: 'a', SOURCE_PASSWORD: 'b', TARGET_USERNAME: 'c', TARGET_PASSWORD: 'd' };
  const done = await tranship(['compat', 'registry-sync', ...args], { env });
  expect(done.stderr).toContain(text);
  expect(done.code).toBe(code);
});

test('without a command: the help, and exit 2', async () => {
  const done = await tranship(['compat', 'registry-sync']);
  expect([done.code, done.stderr]).toEqual([2, expect.stringContaining('Commands:')]);
});
