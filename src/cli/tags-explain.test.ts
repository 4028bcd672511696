import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tranship } from '../../test/kit/command-line.ts';
import { type EmbeddedRegistry, startEmbedded } from '../../test/kit/embedded.ts';
import { fill } from '../../test/kit/filled.ts';

let source: EmbeddedRegistry;
let folder: string;
let config: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tranship-explain-'));
  source = await startEmbedded();
  await fill(source, 'corpus/referrers');
  config = join(folder, 'tranship.yaml');
  await writeFile(
    config,
    `version: 1
registries:
  here: {url: "http://${source.host}"}
  there: {url: "http://127.0.0.1:1"}
stages:
  - id: releases
    from: {registry: here, repositories: ["corpus/*"]}
    tags: {include: [{semver: ">=1.0"}], exclude: ["*.sig"], at-least: 0}
    to: [{registry: there, repository: "{path}"}]
`,
  );
});
afterAll(async () => {
  await source[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const run = (...argv: readonly string[]) => tranship(argv, { home: folder });

test('every tag is told with the rule that keeps or drops it', async () => {
  const listed = await run('tags', `${source.host}/corpus/referrers`);
  const { code, stdout } = await run(
    'tags',
    `${source.host}/corpus/referrers`,
    '--explain',
    '-c',
    config,
    '-o',
    'json',
  );
  expect(code).toBe(0);
  const { items } = JSON.parse(stdout) as {
    items: { tag: string; kept: boolean; stage: string; rule?: { name: string } }[];
  };
  expect(items.map(({ tag }) => tag).toSorted()).toEqual(listed.stdout.trim().split('\n').toSorted());
  expect(new Set(items.map(({ stage }) => stage))).toEqual(new Set(['releases']));
  expect(
    items.filter(({ tag }) => tag.endsWith('.sig')).every(({ kept, rule }) => !kept && rule?.name === 'exclude[0]'),
  ).toBe(true);
});

test('as a table, one line a tag', async () => {
  const { stdout } = await run('tags', `${source.host}/corpus/referrers`, '--explain', '-c', config);
  expect(stdout.split('\n')[0]).toMatch(/^TAG +IS +STAGE +RULE +BECAUSE IT$/);
});

test('a repository that no stage reads from is a mistake of the command line', async () => {
  const { code, stderr } = await run('tags', `${source.host}/elsewhere/app`, '--explain', '-c', config);
  expect(code).toBe(2);
  expect(stderr).toContain('E_NO_STAGE');
});
