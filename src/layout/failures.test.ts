import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../../test/kit/embedded-samples.ts';
import { asReadFailure, asWriteFailure, isAbsent } from './failures.ts';

function systemError(code: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: so it was, ${syscall}`), { code, syscall });
}

describe('what a file system says of a write', () => {
  test.each([
    ['ENOSPC', 'E_DISK_FULL', 'unwritable'],
    ['EDQUOT', 'E_DISK_FULL', 'unwritable'],
    ['EFBIG', 'E_DISK_FULL', 'unwritable'],
    ['EROFS', 'E_READ_ONLY', 'unwritable'],
    ['EACCES', 'E_FILE_DENIED', 'failed'],
    ['EPERM', 'E_FILE_DENIED', 'failed'],
    ['ENOTDIR', 'E_FILE_DENIED', 'failed'],
    ['ELOOP', 'E_LAYOUT_UNSAFE', 'refused'],
    ['EIO', 'E_FILE_FAILED', 'failed'],
    ['EMFILE', 'E_FILE_FAILED', 'temporary'],
    ['ESTALE', 'E_FILE_FAILED', 'temporary'],
  ])('%s is %s, %s', (code, expected, failure) => {
    const cause = systemError(code, 'write');
    expect(asWriteFailure(cause, '/layout')).toMatchObject({ code: expected, failure, subject: '/layout', cause });
  });

  test('names what to do where too many files are open', () => {
    expect(asWriteFailure(systemError('EMFILE', 'open'), 'x')).toMatchObject({
      hint: expect.stringContaining('--jobs'),
    });
  });
});

describe('what is no word of a file system', () => {
  test.each([
    ['a cut connection', systemError('ECONNRESET', 'read')],
    ['a broken pipe', systemError('EPIPE', 'write')],
    ['a failure of a call that is not about files', systemError('EIO', 'connect')],
    ['a mistake of the program', new TypeError('x is not a function')],
    ['a word', 'stop'],
  ])('comes back as it is: %s', (_, error) => {
    expect(asWriteFailure(error, 'x')).toBe(error);
    expect(asReadFailure(error, 'x')).toBe(error);
  });
});

test('what is not there is absent, also below what is no folder; what may not be read is not absent', async () => {
  await using folder = await tempFolder();
  const file = join(folder.path, 'file');
  await writeFile(file, '');
  const missing = await readFile(join(folder.path, 'other')).catch((error: unknown) => error);
  const below = await open(join(file, 'below')).catch((error: unknown) => error);
  expect([isAbsent(missing), isAbsent(below)]).toEqual([true, true]);
  expect([isAbsent(systemError('EACCES', 'open')), isAbsent('ENOENT')]).toEqual([false, false]);
});
