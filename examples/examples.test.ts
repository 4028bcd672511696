import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedRegistry, startEmbedded } from '../test/kit/embedded.ts';
import { fill } from '../test/kit/filled.ts';
import { copyWithin } from './abort.ts';
import { copyEverywhere } from './copy.ts';
import { copyCounted } from './custom-transport.ts';
import { describeRepository } from './read-registry.ts';
import { keepInStep } from './sync.ts';

let source: EmbeddedRegistry;
let target: EmbeddedRegistry;
let folder: string;

beforeAll(async () => {
  source = await startEmbedded();
  target = await startEmbedded();
  folder = await mkdtemp(join(tmpdir(), 'tranship-examples-'));
  await fill(source, 'corpus/busybox', 'corpus/multi');
});
afterAll(async () => {
  await source[Symbol.asyncDispose]();
  await target[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test('copy.ts copies to a registry and a layout', async () => {
  const destinations = [`${target.host}/copied:1`, `oci:${join(folder, 'layout')}:1`];
  const items = await copyEverywhere(`${source.host}/corpus/busybox:1.0`, destinations);
  expect(items.map(({ destination }) => destination)).toEqual(destinations);
  expect(items.map(({ outcome }) => outcome.ok && outcome.outcome)).toEqual(['copied', 'copied']);
  expect(new Set(items.map(({ outcome }) => outcome.ok && outcome.digest)).size).toBe(1);
});

test('abort.ts gives up at its deadline and leaves no tag', async () => {
  await using slow = await startEmbedded({ personality: { latencyMs: 200 } });
  expect(await copyWithin(100, `${source.host}/corpus/busybox:1.0`, `${slow.host}/late:1`)).toBe(false);
  expect(await copyWithin(20_000, `${source.host}/corpus/busybox:1.0`, `${slow.host}/late:1`)).toBe(true);
});

test('custom-transport.ts counts what goes over its own transport', async () => {
  const counts = await copyCounted(`${source.host}/corpus/busybox:1.0`, `${target.host}/counted:1`);
  expect([...counts.keys()].toSorted()).toEqual([source.host, target.host].toSorted());
  expect(counts.get(target.host)).toBeGreaterThan(2);
});

test('read-registry.ts lists and measures', async () => {
  const { tags, first } = await describeRepository(`${source.host}/corpus/busybox`);
  expect(tags).toEqual(['1.0', 'latest']);
  expect(first?.platforms).toEqual(['linux/amd64']);
  expect(first?.totalSize).toBeGreaterThan(first?.manifestBytes ?? 0);
});

test('sync.ts plans, syncs, and has nothing to do the second time', async () => {
  const config = join(folder, 'tranship.yaml');
  await writeFile(
    config,
    `version: 1
registries:
  here: {url: "http://${source.host}"}
  there: {url: "http://${target.host}"}
stages:
  - id: all
    from: {registry: here, repository: corpus/busybox}
    to: [{registry: there, repository: "kept/{name}"}]
`,
  );
  expect(await keepInStep(config)).toEqual(['2 to copy', '2 copied', '2 the same']);
});
