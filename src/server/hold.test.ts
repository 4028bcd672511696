import { expect, test } from 'vitest';
import { tempFolder } from '../../test/kit/embedded-samples.ts';
import { lockFolder } from '../layout/lock.ts';
import { TranshipError } from '../oci/errors.ts';
import { hold } from './hold.ts';

const refusing = (code: `E_${string}`) => () => Promise.reject(new TranshipError(code, 'unwritable', 'No.'));

test('a registry that only reads can be on a disk that takes no files', async () => {
  await using _held = await hold('/medium', { readOnly: true, lock: refusing('E_READ_ONLY') });
});

test.each([
  { readOnly: false, code: 'E_READ_ONLY' },
  { readOnly: true, code: 'E_DISK_FULL' },
  { readOnly: true, code: 'E_LOCKED' },
] as const)('read-only: $readOnly, $code is an error', async ({ readOnly, code }) => {
  await expect(hold('/medium', { readOnly, lock: refusing(code) })).rejects.toMatchObject({ code });
});

test('elsewhere nobody else gets it meanwhile', async () => {
  await using folder = await tempFolder();
  {
    await using _held = await hold(folder.path, { readOnly: true });
    await expect(lockFolder(folder.path, { waitMs: 0 })).rejects.toMatchObject({ code: 'E_LOCKED' });
  }
  await using _mine = await lockFolder(folder.path, { waitMs: 0 });
});
