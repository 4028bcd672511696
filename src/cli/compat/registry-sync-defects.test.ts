/** What registry-sync did wrong and must not come back: the defects that need more than one line of the other tests. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openAzureStage } from '../../../test/kit/azure-stage.ts';
import { tranship } from '../../../test/kit/command-line.ts';
import { argumentsAs } from '../called-as.ts';

const crawl = ['crawl', '--registry-name=acme', '--namespace=giantswarm'];

test('a registry that answers 429 is asked again after the pause that it wants', async () => {
  await using stage = await openAzureStage();
  await stage.acr.push('giantswarm/app', ['1.0']);
  let refusals = 0;
  stage.acr.intercept = ({ path }) =>
    path.endsWith('/_tags') && refusals++ === 0
      ? { status: 429, headers: { 'retry-after': '0' }, document: {} }
      : undefined;
  const done = await stage.run(crawl);
  expect([done.code, refusals], done.stderr).toEqual([0, 2]);
  expect(await stage.file('tags.csv')).toContain('giantswarm,app,1.0,');
});

test('a token that is refused ends with the refusal, and nothing is asked with a token that is none', async () => {
  await using stage = await openAzureStage();
  await stage.acr.push('giantswarm/app', ['1.0']);
  const done = await stage.run(crawl, { SOURCE_PASSWORD: 'wrong-word' });
  expect(done.code).toBe(1);
  expect(done.stderr).toMatch(/E_(?:AUTH|LOGIN|UNAUTHORIZED|DENIED)|refused/);
  expect(done.stderr).not.toContain('Traceback');
  expect(stage.acr.asked().filter((line) => line.includes('_catalog') && line.includes('None'))).toEqual([]);
});

test('a repository without a namespace is its own, whatever was crawled before it', async () => {
  await using stage = await openAzureStage();
  await stage.acr.push('giantswarm/app', ['1.0']);
  await stage.acr.push('plain', ['v1']);
  const crawled = await stage.run(['crawl', '--registry-name=acme', '--namespace=']);
  expect(crawled.code, crawled.stderr).toBe(0);
  expect((await stage.file('tags.csv')).split('\r\n').filter((row) => row.includes('plain'))).toEqual([
    expect.stringMatching(/^,plain,v1,/),
  ]);
  const only = await stage.run([...crawl, '--repository=app']);
  expect(only.code).toBe(0);
  expect(await stage.file('repositories.csv')).toBe('namespace,name\r\ngiantswarm,app\r\n');
  await stage.run(['crawl', '--registry-name=acme', '--namespace=']);
  const synced = await stage.run([
    'sync',
    '--source-registry-name=acme',
    `--target-registry=${stage.target.host}`,
    '--target-namespace=mirror',
  ]);
  expect(synced.code, synced.stderr).toBe(0);
  expect(stage.target.seen(/^PUT \/v2\/mirror\/plain\/manifests\/v1/)).toHaveLength(1);
});

test('any Azure registry by its name, and by its whole address with a hint', async () => {
  await using stage = await openAzureStage();
  await stage.acr.push('giantswarm/app', ['1.0']);
  const done = await stage.run(['crawl', '--registry-name=acme.azurecr.io', '--namespace=giantswarm']);
  expect(done.code, done.stderr).toBe(0);
  expect(await stage.file('tags.csv')).toContain('giantswarm,app,1.0,');
});

test('--skip-private leaves out what needs a login, and only when it is asked for', async () => {
  await using stage = await openAzureStage();
  await stage.acr.push('giantswarm/app', ['1.0']);
  expect((await stage.run(crawl)).code).toBe(0);
  expect(await stage.file('repositories.csv')).toContain('giantswarm,app');
  const skipped = await stage.run([...crawl, '--skip-private=true']);
  expect(await stage.file('repositories.csv')).not.toContain('giantswarm,app');
  expect(skipped.code).toBe(1);
});

test('`crawl` and `sync` by themselves are this program, as the CronJob calls them', async () => {
  expect(argumentsAs('/opt/names/crawl', ['--workdir=/data'])).toEqual([
    'compat',
    'registry-sync',
    'crawl',
    '--workdir=/data',
  ]);
  expect(argumentsAs('/opt/names/sync', [])).toEqual(['compat', 'registry-sync', 'sync']);
  expect(argumentsAs('/usr/bin/tranship', ['sync'])).toEqual(['sync']);
  await using stage = await openAzureStage();
  const names = join(stage.work.path, 'names');
  expect((await tranship(['compat', 'link', names])).code).toBe(0);
  expect(await readdir(names)).toEqual(expect.arrayContaining(['crawl', 'sync', 'registry-sync', 'run-reposync']));
});

test('only the folder of the CSV files is written to (the chart has no other that may be)', async () => {
  await using stage = await openAzureStage();
  await stage.acr.push('giantswarm/app', ['1.0']);
  const home = join(stage.work.path, 'home');
  await mkdir(home);
  await writeFile(join(home, 'mark'), '');
  const workdir = join(stage.work.path, 'data');
  await mkdir(workdir);
  const done = await stage.run([...crawl, `--workdir=${workdir}`], {}, { home });
  expect(done.code, done.stderr).toBe(0);
  expect(await readdir(home)).toEqual(['mark']);
});
