import { readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tranship } from '../../test/kit/command-line.ts';
import { startEmbedded } from '../../test/kit/embedded.ts';
import { tempFolder } from '../../test/kit/embedded-samples.ts';
import { pushSample } from '../../test/kit/push-sample.ts';
import { argumentsAs, linkedNames } from './called-as.ts';

test('what a crawl wrote down is copied by digest, also where the tag has moved since', async () => {
  await using source = await startEmbedded();
  await using target = await startEmbedded();
  await using folder = await tempFolder();
  const before = await pushSample(source, 'team/app', 'v1', undefined, 'before');
  await pushSample(source, 'other/app', 'v1', undefined);
  const crawled = await tranship(['crawl', `${source.host}/team`]);
  expect(crawled.code, crawled.stderr).toBe(0);
  expect(crawled.stdout).toBe(
    `namespace,repo_name,name,created_on,last_updated_on,digest,registry\r\nteam,app,v1,,,${before},${source.host}\r\n`,
  );
  await pushSample(source, 'team/app', 'v1', undefined, 'now');
  const file = join(folder.path, 'tags.csv');
  await writeFile(file, crawled.stdout);
  const synced = await tranship(['sync', '--from', file, '--to', `${target.host}/mirror`]);
  expect(synced.code, synced.stderr).toBe(0);
  const there = await tranship(['digest', `${target.host}/mirror/team/app:v1`]);
  expect(there.stdout).toBe(`${before}\n`);
  await writeFile(file, `${crawled.stdout}team,app,v9,,,,${source.host}\r\n`);
  const partly = await tranship(['sync', '--from', file, '--to', `${target.host}/mirror`]);
  expect(partly.code).toBe(3);
  // A file of tags is no configuration.
  expect(partly.stderr).not.toContain('sync -c');
});

test('a repository that cannot be listed keeps no other from being written down', async () => {
  await using source = await startEmbedded();
  for (const name of ['team/a', 'team/b', 'team/c']) await pushSample(source, name, 'v1', undefined);
  source.personality.answer = ({ url = '' }) => (url.includes('team/b/tags') ? { status: 403, body: '{}' } : undefined);
  const { code, stdout, stderr } = await tranship(['crawl', source.host]);
  expect(code).toBe(3);
  expect(stdout.split('\r\n').map((line) => line.split(',')[1])).toEqual(['repo_name', 'a', 'c', undefined]);
  expect(stderr).toMatch(/team\/b.*\n.*\n2 repositories, 2 tags, 1 failure/);
  const json = await tranship(['crawl', source.host, '-o', 'json']);
  expect(JSON.parse(json.stdout)).toMatchObject({ tags: [{}, {}], failures: [{ subject: `${source.host}/team/b` }] });
});

test('as JSON a crawl is one document', async () => {
  await using source = await startEmbedded();
  const digest = await pushSample(source, 'team/app', 'v1', undefined);
  const { stdout } = await tranship(['crawl', source.host, '-o', 'json']);
  expect(JSON.parse(stdout)).toEqual({
    apiVersion: 'tranship/v1',
    kind: 'Crawl',
    tags: [{ registry: source.host, repository: 'team/app', tag: 'v1', digest }],
  });
});

test.each([
  ['--from without --to', ['sync', '--from', 'x.csv'], '--from needs a destination'],
  ['a file that is not there', ['sync', '--from', 'x.csv', '--to', 'dr.example.com'], 'E_CSV'],
])('%s is told, and nothing is done', async (_, args, text) => {
  const done = await tranship(args);
  expect([done.code, done.stderr]).toEqual([2, expect.stringContaining(text)]);
});

test.each([
  ['team,app,v1,sha256:77aa', '"sha256:77aa" in the row of "team/app:v1" is no digest'],
  ['team,app,-x,', '"-x" in the row of "team/app:-x" is no tag'],
  ['team,App,v1,', '"team/App" in the row of "team/App:v1" is no name of a repository'],
])('a row that cannot be meant is told with what is wrong in it: %s', async (row, words) => {
  await using folder = await tempFolder();
  const file = join(folder.path, 'tags.csv');
  await writeFile(file, `namespace,repo_name,name,digest\nteam,app,v2,\n${row}\n`);
  const done = await tranship(['sync', '--from', file, '--source', 'a.example.com', '--to', 'b.example.com']);
  expect([done.code, done.stderr]).toEqual([2, expect.stringContaining(words)]);
});

test('a program that is called by an original’s name is the original', () => {
  expect(argumentsAs('/opt/names/crawl', ['--workdir=/data'])).toEqual([
    'compat',
    'registry-sync',
    'crawl',
    '--workdir=/data',
  ]);
  expect(argumentsAs('/opt/names/run-reposync', ['--help'])).toEqual(['compat', 'run-reposync', '--help']);
  expect(argumentsAs('/usr/bin/tranship', ['sync'])).toEqual(['sync']);
  expect(argumentsAs('toString', ['x'])).toEqual(['x']);
});

test('links are made once and found again; what is something else is not replaced', async () => {
  await using folder = await tempFolder();
  const names = join(folder.path, 'names');
  for (const round of [1, 2]) {
    const done = await tranship(['compat', 'link', names]);
    expect([round, done.code, done.stdout.trim().split('\n').length]).toEqual([
      round,
      0,
      Object.keys(linkedNames).length,
    ]);
  }
  expect(await readlink(join(names, 'run-reposync'))).toContain('node');
  const other = join(folder.path, 'other');
  await tranship(['compat', 'link', other]);
  const taken = join(folder.path, 'taken');
  await tranship(['compat', 'link', taken]);
  await using second = await tempFolder();
  await writeFile(join(second.path, 'sync'), 'mine');
  const refused = await tranship(['compat', 'link', second.path]);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('E_LINK')]);
  expect(await readFile(join(second.path, 'sync'), 'utf8')).toBe('mine');
});

test('a list of tags may be larger than any configuration is', async () => {
  await using source = await startEmbedded();
  await using target = await startEmbedded();
  await using folder = await tempFolder();
  const digest = await pushSample(source, 'apps/web', 'v1', undefined);
  const remark = 'x'.repeat(2 ** 20);
  const path = join(folder.path, 'tags.csv');
  await writeFile(
    path,
    `namespace,repo_name,name,digest,registry,remark\r\napps,web,v1,${digest},${source.host},${remark}\r\n`,
  );
  const done = await tranship(['sync', '--from', path, '--to', target.host]);
  expect(done.code, done.stderr).toBe(0);
  expect((await tranship(['digest', `${target.host}/apps/web:v1`])).stdout.trim()).toBe(digest);
});
