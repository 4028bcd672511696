import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../../test/kit/embedded-samples.ts';
import { blobPath } from '../layout/blob-files.ts';
import { makeFolder } from '../layout/durable.ts';
import { digestOf } from '../oci/digest.ts';
import { BlobPool } from './blob-pool.ts';

const bytes = Buffer.from('a blob');
const digest = digestOf(bytes);
const refuse = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));

/** A pool with one blob, and a layout that has it not yet, where no link can be made. */
async function filled(why: string, copy = copyFile) {
  const folder = await tempFolder();
  const layout = join(folder.path, 'layout');
  await makeFolder(layout);
  const pool = new BlobPool(folder.path, { link: refuse(why), copyFile: copy });
  await makeFolder(join(folder.path, 'blobs', 'sha256'));
  await writeFile(blobPath(folder.path, digest), bytes);
  return { folder, layout, pool, held: () => readFile(blobPath(layout, digest)) };
}

describe('a blob of the pool', () => {
  test.each(['EXDEV', 'EMLINK', 'EPERM'])('is copied into a layout where no link can be made: %s', async (code) => {
    const { folder, layout, pool, held } = await filled(code);
    await using _folder = folder;
    expect(await pool.share(digest, layout)).toBe(true);
    expect(await held()).toEqual(bytes);
    expect(await readdir(layout)).toEqual(['blobs']);
  });

  test('has no name before its copy is whole', async () => {
    const { folder, layout, pool, held } = await filled('EXDEV', async (_from, to) => {
      await writeFile(to, bytes.subarray(0, 3));
      await refuse('ENOSPC')();
    });
    await using _folder = folder;
    await expect(pool.share(digest, layout)).rejects.toMatchObject({ code: 'ENOSPC' });
    await expect(held()).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readdir(layout)).toEqual(['blobs']);
  });

  test('is not copied where a link failed for another reason', async () => {
    const { folder, layout, pool, held } = await filled('EIO');
    await using _folder = folder;
    await expect(pool.share(digest, layout)).rejects.toMatchObject({ code: 'EIO' });
    await expect(held()).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
