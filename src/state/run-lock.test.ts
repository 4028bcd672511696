/** Between the judgement that a lock is abandoned and its removal another run may be quicker. */
import type * as files from 'node:fs/promises';
import { mkdtempDisposable, open, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { fileNameOf } from './files.ts';
import { lockRun } from './run-lock.ts';

vi.mock('node:fs/promises', { spy: true });

test('a lock that another run has taken over meanwhile is left to it', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'tranship-'));
  const path = join(folder.path, 'locks', `${fileNameOf('a')}.lock`);
  const mine = await lockRun(folder.path, 'a');
  const quicker = await readFile(path, 'utf8');
  await mine[Symbol.asyncDispose]();
  await writeFile(path, quicker.replace(/"began":"[^"]*"/, '"began":"long ago"'));

  const { open: really } = await vi.importActual<typeof files>('node:fs/promises');
  vi.mocked(open).mockImplementation(async (file, flags, mode) => {
    if (String(file).endsWith('.guard')) await writeFile(path, quicker);
    return really(file, flags, mode);
  });
  await expect(lockRun(folder.path, 'a')).rejects.toMatchObject({ code: 'E_LOCKED' });
  expect(await readFile(path, 'utf8')).toBe(quicker);
});
