import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { type TempFolder, tempFolder } from '../../test/kit/embedded-samples.ts';
import { TranshipError } from '../oci/errors.ts';
import { asReadFailure, asWriteFailure } from './failures.ts';

/** Runs `body` in a process that may write files of 64 KiB at most: the nearest thing to a full disk that every machine has. */
const withLittleRoom = (folder: TempFolder, body: string) => limited('-f 64', folder, body);

/** Runs `body` in a process that a limit of the shell holds for. */
async function limited(limit: string, folder: TempFolder, body: string): Promise<string> {
  const script = `
    import { openLayout } from ${JSON.stringify(join(import.meta.dirname, 'layout.ts'))};
    import { openArchive } from ${JSON.stringify(join(import.meta.dirname, 'archive.ts'))};
    import { sampleBlob, sampleImage, sourceOf, tag } from ${JSON.stringify(join(import.meta.dirname, '../../test/kit/embedded-samples.ts'))};
    const dir = ${JSON.stringify(folder.path)};
    const big = sampleBlob(Buffer.alloc(1_000_000, 1));
    const failed = (error) => console.log(error.code, error.failure);
    ${body}`;
  const child = spawn(
    'sh',
    ['-c', `ulimit ${limit}; exec "$0" "$@"`, process.execPath, '--input-type=module', '-e', script],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return output.trim();
}

describe('a disk without room', () => {
  test('ends a push to a layout as unwritable and leaves nothing of it', async () => {
    await using folder = await tempFolder();
    const said = await withLittleRoom(
      folder,
      `const layout = await openLayout(dir, { mode: 'create' });
       await layout.pushBlob(big.descriptor, sourceOf(big.bytes, 50_000)).catch(failed);`,
    );
    expect(said).toBe('E_DISK_FULL unwritable');
    expect(await folder.files()).toEqual(['index.json', 'oci-layout']);
  });

  test('ends the packing of an archive as unwritable and leaves nothing of it', async () => {
    await using folder = await tempFolder();
    const said = await withLittleRoom(
      folder,
      `{ await using archive = await openArchive(dir + '/a.tar', { mode: 'create' });
         for (let at = 0; at < 4; at++) {
           const part = sampleBlob(Buffer.alloc(30_000, at));
           await archive.pushBlob(part.descriptor, sourceOf(part.bytes, 10_000));
         }
         await archive.pushManifest(sampleImage('one'), [tag('v1')]);
         await archive.commit().catch(failed); }`,
    );
    expect(said).toBe('E_DISK_FULL unwritable');
    expect(await folder.files()).toEqual([]);
  });
});

test('more pushes at once than files may be open wait for their turn', async () => {
  await using folder = await tempFolder();
  const said = await limited(
    '-n 40',
    folder,
    `const layout = await openLayout(dir, { mode: 'create' });
     const push = async (_, at) => {
       const { descriptor, bytes } = sampleBlob('blob ' + at);
       await layout.pushBlob(descriptor, sourceOf(bytes));
     };
     await Promise.all(Array.from({ length: 300 }, push)).then(() => console.log('all'), failed);`,
  );
  expect(said).toBe('all');
  expect((await folder.files()).filter((name) => name.startsWith('blobs/'))).toHaveLength(300);
});

describe('what the system says', () => {
  const system = (code: string, syscall?: string) =>
    Object.assign(new Error(`${code}: something`), { code, ...(syscall && { syscall }) });

  test.each([
    ['ENOSPC', 'E_DISK_FULL', 'unwritable'],
    ['EDQUOT', 'E_DISK_FULL', 'unwritable'],
    ['EROFS', 'E_READ_ONLY', 'unwritable'],
    ['EACCES', 'E_FILE_DENIED', 'failed'],
    ['ELOOP', 'E_LAYOUT_UNSAFE', 'refused'],
  ])('%s while writing is %s', (code, expected, failure) => {
    const error = asWriteFailure(system(code), '/some/file');
    expect(error).toBeInstanceOf(TranshipError);
    expect(error).toMatchObject({ code: expected, failure, subject: '/some/file' });
  });

  test.each([
    ['EIO', 'failed'],
    ['EMFILE', 'temporary'],
    ['ESTALE', 'temporary'],
  ])('%s of a file is E_FILE_FAILED, in the words of the system', (code, failure) => {
    expect(asReadFailure(system(code, 'write'), '/some/file')).toMatchObject({
      code: 'E_FILE_FAILED',
      failure,
      serverSaid: `${code}: something`,
      hint: expect.stringMatching(/./),
    });
  });

  test('anything else stays what it is', () => {
    const errors = [system('EIO'), system('ECONNRESET', 'read'), new TypeError('a bug'), 'no error at all'];
    for (const error of errors) {
      expect(asWriteFailure(error, '/some/file')).toBe(error);
      expect(asReadFailure(error, '/some/file')).toBe(error);
    }
  });
});
