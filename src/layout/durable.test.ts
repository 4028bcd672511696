import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeFolder } from './durable.ts';
import { openLayout } from './layout.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'durable-'));
});
afterEach(() => rm(root, { recursive: true }));

describe('a folder', () => {
  test('is made with its parents, by several at once', async () => {
    const path = join(root, 'a', 'b', 'c');
    await Promise.all([makeFolder(path), makeFolder(path), makeFolder(join(root, 'a', 'b', 'd'))]);
    expect((await stat(path)).isDirectory()).toBe(true);
    await makeFolder(path);
  });

  test('is refused where a file stands', async () => {
    await writeFile(join(root, 'file'), '');
    await expect(makeFolder(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(join(root, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  test.runIf(process.platform === 'linux')(
    'that a file system never makes is an error at once, not a wait',
    async () => {
      await expect(makeFolder('/proc/none/below')).rejects.toMatchObject({ code: 'ENOENT' });
    },
  );
});

describe('a layout', () => {
  test.runIf(process.platform === 'linux')('in a place that takes no files is refused with the place', async () => {
    await expect(openLayout('/proc/none', { mode: 'create' })).rejects.toMatchObject({
      code: 'E_FILE_DENIED',
      subject: '/proc/none',
    });
  });

  test('below a file is refused with the place', async () => {
    await writeFile(join(root, 'file'), '');
    const path = join(root, 'file', 'images');
    await expect(openLayout(path, { mode: 'create' })).rejects.toMatchObject({ code: 'E_FILE_DENIED', subject: path });
  });
});
