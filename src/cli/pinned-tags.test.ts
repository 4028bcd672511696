/** Tags that a configuration gives a digest: `v1@sha256:…`. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tranship } from '../../test/kit/command-line.ts';
import { type EmbeddedRegistry, startEmbedded } from '../../test/kit/embedded.ts';
import { tempFolder } from '../../test/kit/embedded-samples.ts';
import { pushSample } from '../../test/kit/push-sample.ts';

async function workplace(tags: (digests: { old: string; now: string }) => string) {
  const stack = new AsyncDisposableStack();
  const source = stack.use(await startEmbedded());
  const target = stack.use(await startEmbedded());
  const folder = stack.use(await tempFolder());
  const old = await pushSample(source, 'apps/web', 'v1', undefined, 'as it was');
  const now = await pushSample(source, 'apps/web', 'v1', undefined, 'as it is');
  await pushSample(source, 'apps/web', 'v2', undefined);
  const file = join(folder.path, 'tranship.yaml');
  await writeFile(
    file,
    `version: 1
registries: {a: {url: "${source.host}"}, b: {url: "${target.host}"}}
stages:
  - from: {registry: a, repository: apps/web}
    tags: ${tags({ old, now })}
    to: [{registry: b}]
`,
  );
  return { source, target, file, folder: folder.path, old, now, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function digestOf({ host }: EmbeddedRegistry, tag: string): Promise<string> {
  return (await tranship(['digest', `${host}/apps/web:${tag}`])).stdout.trim();
}

test('a pinned tag gets the content of its digest, although the source tag has moved on, and stays so', async () => {
  await using at = await workplace(({ old }) => `["v1@${old}"]`);
  const first = await tranship(['sync', '-c', at.file]);
  expect(first.code, first.stderr).toBe(0);
  expect(await digestOf(at.target, 'v1')).toBe(at.old);
  at.target.requests.length = 0;
  const again = await tranship(['sync', '-c', at.file]);
  expect(again.code, again.stderr).toBe(0);
  expect(at.target.seen(/^(?:PUT|POST|PATCH)/)).toEqual([]);
});

test('a name that the source does not have may stand for a digest that it has, beside rules over its listing', async () => {
  await using at = await workplace(({ old }) => `["v*", "released@${old}", "v1@${old}"]`);
  const done = await tranship(['sync', '-c', at.file]);
  expect(done.code, done.stderr).toBe(0);
  expect(await digestOf(at.target, 'released')).toBe(at.old);
  expect(await digestOf(at.target, 'v1')).toBe(at.old);
  expect(await digestOf(at.target, 'v2')).toMatch(/^sha256:/);
});

test('a saved plan with a pinned tag is applied, not refused because the tag has moved on', async () => {
  await using at = await workplace(({ old }) => `["v1@${old}"]`);
  const saved = join(at.folder, 'plan.json');
  const planned = await tranship(['plan', '-c', at.file, '--save', saved]);
  expect(planned.code, planned.stderr).toBe(0);
  const applied = await tranship(['apply', saved, '-c', at.file]);
  expect(applied.code, applied.stderr).toBe(0);
  expect(await digestOf(at.target, 'v1')).toBe(at.old);
});

test('a digest that the source does not have is a failure that names it', async () => {
  const absent = `sha256:${'0'.repeat(64)}`;
  await using at = await workplace(() => `["v1@${absent}"]`);
  const done = await tranship(['sync', '-c', at.file]);
  expect(done.code).toBe(1);
  expect(done.stderr + done.stdout).toContain(absent);
  expect(done.stderr + done.stdout).toMatch(/source/);
});
