/** Between the judgement that a lock is abandoned and its removal another run may be quicker. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtempDisposable, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { fileNameOf } from './files.ts';
import { lockRun } from './run-lock.ts';

test('a lock that another run has taken over meanwhile is left to it', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'tranship-'));
  const name = `${fileNameOf('a')}.lock`;
  const path = join(folder.path, 'locks', name);
  const mine = await lockRun(folder.path, 'a');
  const alive = await readFile(path, 'utf8');
  await mine[Symbol.asyncDispose]();

  // A pipe in the place of the lock says something else each time that it is read.
  execFileSync('mkfifo', [path]);
  const locking = lockRun(folder.path, 'a').catch((error: unknown) => error);
  await writeFile(path, alive.replace(/"began":"[^"]*"/, '"began":"long ago"'));
  await vi.waitUntil(() => existsSync(`${path}.guard`));
  await writeFile(path, alive);
  await vi.waitUntil(() => !existsSync(`${path}.guard`));
  await writeFile(path, alive);
  expect(await locking).toMatchObject({ code: 'E_LOCKED' });
  expect(await readdir(join(folder.path, 'locks'))).toEqual([name]);
});
