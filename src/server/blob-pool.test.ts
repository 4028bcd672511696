import { copyFile, link, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { tempFolder } from '../../test/kit/embedded-samples.ts';
import { blobPath } from '../layout/blob-files.ts';
import { makeFolder } from '../layout/durable.ts';
import { digestOf } from '../oci/digest.ts';
import { BlobPool } from './blob-pool.ts';

vi.mock('node:fs/promises', { spy: true });

afterEach(() => {
  vi.mocked(link).mockClear();
  vi.mocked(copyFile).mockClear();
});

const bytes = Buffer.from('a blob');
const digest = digestOf(bytes);
const refuse = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));

/** A pool with one blob, and a layout that has it not yet. */
async function filled() {
  const folder = await tempFolder();
  const layout = join(folder.path, 'layout');
  await makeFolder(layout);
  const pool = new BlobPool(folder.path);
  await makeFolder(join(folder.path, 'blobs', 'sha256'));
  await writeFile(blobPath(folder.path, digest), bytes);
  return { folder, layout, pool, held: () => readFile(blobPath(layout, digest)) };
}

describe('a blob of the pool', () => {
  test.each(['EXDEV', 'EMLINK', 'EPERM'])('is copied into a layout where no link can be made: %s', async (code) => {
    const { folder, layout, pool, held } = await filled();
    await using _folder = folder;
    vi.mocked(link).mockImplementationOnce(refuse(code));
    expect(await pool.share(digest, layout)).toBe(true);
    expect(await held()).toEqual(bytes);
    expect(await readdir(layout)).toEqual(['blobs']);
  });

  test('has no name before its copy is whole', async () => {
    const { folder, layout, pool, held } = await filled();
    await using _folder = folder;
    vi.mocked(link).mockImplementationOnce(refuse('EXDEV'));
    vi.mocked(copyFile).mockImplementationOnce(async (_from, to) => {
      await writeFile(to, bytes.subarray(0, 3));
      await refuse('ENOSPC')();
    });
    await expect(pool.share(digest, layout)).rejects.toMatchObject({ code: 'ENOSPC' });
    await expect(held()).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readdir(layout)).toEqual(['blobs']);
  });

  test('is not copied where a link failed for another reason', async () => {
    const { folder, layout, pool, held } = await filled();
    await using _folder = folder;
    vi.mocked(link).mockImplementationOnce(refuse('EIO'));
    await expect(pool.share(digest, layout)).rejects.toMatchObject({ code: 'EIO' });
    await expect(held()).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
