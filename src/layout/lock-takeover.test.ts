/** Between the judgement that a lock is abandoned and its removal somebody else may be quicker. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { tempFolder } from '../../test/kit/embedded-samples.ts';
import { lockFolder } from './lock.ts';
import type * as files from './open-file.ts';
import { openFile } from './open-file.ts';
import { describeOwner } from './owner.ts';

vi.mock('./open-file.ts', { spy: true });

test('a lock that another process has taken over meanwhile is left to it', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, '.tranship-lock');
  const me = await describeOwner();
  const quicker = JSON.stringify(me);
  await writeFile(path, JSON.stringify({ ...me, pid: 999_999_999 }));
  const { openFile: open } = await vi.importActual<typeof files>('./open-file.ts');
  vi.mocked(openFile).mockImplementation(async (file, flags, mode) => {
    if (file.endsWith('-takeover')) await writeFile(path, quicker);
    return open(file, flags, mode);
  });
  await expect(lockFolder(folder.path, { waitMs: 50 })).rejects.toMatchObject({ code: 'E_LOCKED' });
  expect(await readFile(path, 'utf8')).toBe(quicker);
});
