import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestOf } from '../oci/digest.ts';
import { openQuayRecord } from './quay-record.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tranship-record-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const written = { digest: digestOf(Buffer.from('image')), at: 12 };

test('what was noted is found by the next run, for the same pair alone', async () => {
  const record = await openQuayRecord(folder, 'a.example.com', 'b.example.com');
  record.note('o/r', 'v1', written);
  await record.save();
  expect((await openQuayRecord(folder, 'a.example.com', 'b.example.com')).find('o/r', 'v1')).toEqual(written);
  expect((await openQuayRecord(folder, 'b.example.com', 'a.example.com')).find('o/r', 'v1')).toBeUndefined();
});

test('without anything noted no file is made', async () => {
  await (await openQuayRecord(folder, 'a.example.com', 'b.example.com')).save();
  expect(await readdir(folder)).toEqual([]);
});

test.each(['', '{', '[]', '{"o/r:v1": {"digest": "sha256:short", "at": 1}}'])(
  'a file that holds %s counts as none',
  async (text) => {
    const record = await openQuayRecord(folder, 'a.example.com', 'b.example.com');
    record.note('o/r', 'v1', written);
    await record.save();
    const [name = ''] = await readdir(join(folder, 'quay'));
    await writeFile(join(folder, 'quay', name), text);
    expect((await openQuayRecord(folder, 'a.example.com', 'b.example.com')).find('o/r', 'v1')).toBeUndefined();
  },
);
