/** Folders of OCI layouts in the place of registries, for disks that are carried. */
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tranship } from '../../test/kit/command-line.ts';
import { startEmbedded } from '../../test/kit/embedded.ts';
import { tempFolder } from '../../test/kit/embedded-samples.ts';
import { pushSample } from '../../test/kit/push-sample.ts';

async function workplace() {
  const stack = new AsyncDisposableStack();
  const source = stack.use(await startEmbedded());
  const folder = stack.use(await tempFolder());
  const v1 = await pushSample(source, 'apps/web', 'v1', undefined);
  await pushSample(source, 'apps/api', 'v1', undefined);
  await pushSample(source, 'apps/api', 'v2', undefined);
  const write = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder.path, name), text);
    return join(folder.path, name);
  };
  const file = await write(
    'out.yaml',
    `version: 1
registries: {a: {url: "${source.host}"}, disk: {layout: ./disk}}
stages:
  - from: {registry: a, repositories: ["apps/*"]}
    to: [{registry: disk, repository: "mirror/{name}"}]
`,
  );
  return { source, file, folder: folder.path, v1, write, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test('a plan shows what a disk would get, and makes nothing', async () => {
  await using at = await workplace();
  const planned = await tranship(['plan', '-c', at.file]);
  expect(planned.code, planned.stderr).toBe(0);
  expect(planned.stdout).toContain('3 to copy');
  expect(planned.stdout).toContain('oci:./disk/mirror');
  expect(await readdir(at.folder)).toEqual(['out.yaml']);
});

test('a disk is filled, stays as it is the second time, and is read on the other side', async () => {
  await using at = await workplace();
  const filled = await tranship(['sync', '-c', at.file]);
  expect(filled.code, filled.stderr).toBe(0);
  const again = await tranship(['plan', '-c', at.file, '--exit-code']);
  expect(again.code, again.stdout).toBe(0);

  await using inside = await startEmbedded();
  const file = await at.write(
    'in.yaml',
    `version: 1
registries: {disk: {layout: disk}, b: {url: "${inside.host}"}}
stages: [{from: {registry: disk, repositories: ["mirror/**"]}, to: [{registry: b, repository: "dr/{name}"}]}]
`,
  );
  const read = await tranship(['sync', '-c', file]);
  expect(read.code, read.stderr).toBe(0);
  expect((await tranship(['digest', `${inside.host}/dr/web:v1`])).stdout.trim()).toBe(at.v1);
  const verified = await tranship(['verify', '-c', file]);
  expect(verified.code, verified.stderr).toBe(0);
});

test('`tranship serve` serves what a sync put there', async () => {
  await using at = await workplace();
  await tranship(['sync', '-c', at.file]);
  await using served = await startEmbedded({ root: join(at.folder, 'disk') });
  expect((await tranship(['digest', `${served.host}/mirror/web:v1`])).stdout.trim()).toBe(at.v1);
});

test('a blob that two repositories share takes its room once', async () => {
  await using at = await workplace();
  await tranship(['sync', '-c', at.file]);
  const path = (repository: string) =>
    join(at.folder, 'disk', 'repositories', `mirror+${repository}`, 'blobs', 'sha256', at.v1.slice(7));
  const blobs = await readdir(join(path('web'), '..'));
  const shared = blobs.filter((name) => name !== at.v1.slice(7));
  const links = await Promise.all(shared.map(async (name) => (await stat(join(path('web'), '..', name))).nlink));
  expect(Math.max(...links)).toBe(2);
});

test('a folder that is served at the time is not written to', async () => {
  await using at = await workplace();
  await tranship(['sync', '-c', at.file]);
  await using _served = await startEmbedded({ root: join(at.folder, 'disk') });
  await pushSample(at.source, 'apps/api', 'v3', undefined);
  const refused = await tranship(['sync', '-c', at.file]);
  expect(refused.code).not.toBe(0);
  expect(refused.stdout + refused.stderr).toContain('E_LOCKED');
}, 40_000);

test('a folder of other things is refused, and nothing is put into it', async () => {
  await using at = await workplace();
  const file = await at.write(
    'tranship.yaml',
    `version: 1
registries: {a: {url: "${at.source.host}"}, disk: {layout: .}}
stages: [{from: {registry: a, repository: apps/web}, to: [{registry: disk}]}]
`,
  );
  const refused = await tranship(['sync', '-c', file]);
  expect(refused.code).toBe(1);
  expect(refused.stdout + refused.stderr).toContain('E_NOT_A_LAYOUT');
  expect((await readdir(at.folder)).toSorted()).toEqual(['out.yaml', 'tranship.yaml']);
});

test('a folder that is one layout is one repository, called like it', async () => {
  await using at = await workplace();
  const copied = await tranship(['copy', `${at.source.host}/apps/web:v1`, `oci:${join(at.folder, 'web')}:v1`]);
  expect(copied.code, copied.stderr).toBe(0);
  await using inside = await startEmbedded();
  const read = (repository: string) => `version: 1
registries: {disk: {layout: web}, b: {url: "${inside.host}"}}
stages: [{from: {registry: disk, repository: ${repository}}, to: [{registry: b}]}]
`;
  const right = await tranship(['sync', '-c', await at.write('right.yaml', read('web'))]);
  expect(right.code, right.stderr).toBe(0);
  expect((await tranship(['digest', `${inside.host}/web:v1`])).stdout.trim()).toBe(at.v1);
  const wrong = await tranship(['sync', '-c', await at.write('wrong.yaml', read('api'))]);
  expect(wrong.stdout + wrong.stderr).toContain('E_TOO_FEW_TAGS');
  const full = await tranship([
    'sync',
    '-c',
    await at.write(
      'full.yaml',
      `version: 1
registries: {a: {url: "${at.source.host}"}, disk: {layout: web}}
stages: [{from: {registry: a, repository: apps/api}, to: [{registry: disk, repository: api}]}]
`,
    ),
  ]);
  expect(full.stdout + full.stderr).toContain('Its one repository is called web');
});
