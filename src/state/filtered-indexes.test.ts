import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestOf } from '../oci/digest.ts';
import { openFilteredIndexes } from './filtered-indexes.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tranship-filtered-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const index = digestOf(Buffer.from('index'));
const filtered = digestOf(Buffer.from('filtered'));

test('what was noted is found by the next run, for the same index, choice and configuration alone', async () => {
  const record = await openFilteredIndexes(folder, '/etc/a.yaml');
  record.note(index, 'linux/arm64', filtered);
  await record.save();
  const next = await openFilteredIndexes(folder, '/etc/a.yaml');
  expect(next.find(index, 'linux/arm64')).toBe(filtered);
  expect(next.find(index, 'linux/amd64')).toBeUndefined();
  expect(next.find(filtered, 'linux/arm64')).toBeUndefined();
  expect((await openFilteredIndexes(folder, '/etc/b.yaml')).find(index, 'linux/arm64')).toBeUndefined();
});

test('without anything new no file is written', async () => {
  await (await openFilteredIndexes(folder, 'a')).save();
  expect(await readdir(folder)).toEqual([]);
});

test.each(['', '{', '[]', '{"sha256:short linux/arm64": "sha256:short"}', 'null'])(
  'a file that holds %s counts as none, and is replaced',
  async (text) => {
    const record = await openFilteredIndexes(folder, 'a');
    record.note(index, 'linux/arm64', filtered);
    await record.save();
    const [name = ''] = await readdir(join(folder, 'filtered'));
    await writeFile(join(folder, 'filtered', name), text);
    const broken = await openFilteredIndexes(folder, 'a');
    expect(broken.find(index, 'linux/arm64')).toBeUndefined();
    broken.note(index, 'linux/arm64', filtered);
    await broken.save();
    expect((await openFilteredIndexes(folder, 'a')).find(index, 'linux/arm64')).toBe(filtered);
  },
);

test('a folder that cannot be written is told of', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  const record = await openFilteredIndexes(file, 'a');
  record.note(index, 'linux/arm64', filtered);
  await expect(record.save()).rejects.toMatchObject({ code: 'E_STATE' });
});
