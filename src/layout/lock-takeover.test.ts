/** Between the judgement that a lock is abandoned and its removal somebody else may be quicker. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { tempFolder } from '../../test/kit/embedded-samples.ts';
import { lockFolder } from './lock.ts';
import { describeOwner } from './owner.ts';

test('a lock that another process has taken over meanwhile is left to it', async () => {
  await using folder = await tempFolder();
  // A pipe in the place of the lock says something else each time that it is read.
  const path = join(folder.path, '.tranship-lock');
  execFileSync('mkfifo', [path]);
  const alive = await describeOwner();
  const locking = lockFolder(folder.path, { waitMs: 0 }).catch((error: unknown) => error);
  await writeFile(path, JSON.stringify({ ...alive, pid: 999_999_999 }));
  await vi.waitUntil(() => existsSync(`${path}-takeover`));
  await writeFile(path, JSON.stringify(alive));
  expect(await locking).toMatchObject({ code: 'E_LOCKED' });
  expect(await folder.files()).toEqual(['.tranship-lock']);
});
