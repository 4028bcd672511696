import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { repositoryName } from '../../test/kit/client.ts';
import { sampleImage, sourceOf, tag, tempFolder } from '../../test/kit/embedded-samples.ts';
import { lockFolder } from '../layout/lock.ts';
import { LayoutRegistry } from './layout-registry.ts';

const image = sampleImage('one');

async function push(registry: LayoutRegistry, name: string): Promise<void> {
  const repository = registry.repository(repositoryName(name));
  for (const { descriptor, bytes } of image.blobs) await repository.pushBlob(descriptor, sourceOf(bytes));
  await repository.pushManifest(image, [tag('v1')]);
}

describe('a folder in the place of a registry', () => {
  test('holds nothing before something is written, and makes nothing for being asked', async () => {
    await using folder = await tempFolder();
    await using registry = new LayoutRegistry('oci:disk', join(folder.path, 'disk'));
    const repository = registry.repository(repositoryName('apps/web'));
    expect(await Array.fromAsync(registry.repositories())).toEqual([]);
    expect(await Array.fromAsync(repository.listTags())).toEqual([]);
    expect(await repository.resolve(tag('v1'))).toBeUndefined();
    expect(await repository.hasBlob(image.descriptor)).toBe(false);
    await expect(repository.fetchManifest(tag('v1'))).rejects.toMatchObject({ code: 'E_REPOSITORY_UNKNOWN' });
    expect(await readdir(folder.path)).toEqual([]);
  });

  test('shows what was pushed, repository by repository, and leaves folders of others alone', async () => {
    await using folder = await tempFolder();
    await using registry = new LayoutRegistry('oci:disk', folder.path);
    for (const name of ['b/c', 'a']) await push(registry, name);
    await mkdir(join(folder.path, 'repositories', '.Trash'));
    expect(await Array.fromAsync(registry.repositories())).toEqual(['a', 'b/c']);
    expect((await registry.repository(repositoryName('b/c')).resolve(tag('v1')))?.digest).toBe(image.descriptor.digest);
  });

  test('that was refused for what lay in it takes images once that is gone', async () => {
    await using folder = await tempFolder();
    await writeFile(join(folder.path, 'notes.txt'), 'mine');
    await using registry = new LayoutRegistry('oci:disk', folder.path);
    await expect(push(registry, 'a')).rejects.toMatchObject({ code: 'E_NOT_A_LAYOUT', side: 'destination' });
    await rm(join(folder.path, 'notes.txt'));
    await push(registry, 'a');
    expect(await Array.fromAsync(registry.repositories())).toEqual(['a']);
  });

  test('is let go of at the end, and not before', async () => {
    await using folder = await tempFolder();
    {
      await using registry = new LayoutRegistry('oci:disk', folder.path);
      await push(registry, 'a');
      await expect(lockFolder(folder.path, { waitMs: 0 })).rejects.toMatchObject({ code: 'E_LOCKED' });
    }
    await using _lock = await lockFolder(folder.path, { waitMs: 0 });
  });

  test('links a blob of another of its repositories, and of no other folder', async () => {
    await using folder = await tempFolder();
    await using registry = new LayoutRegistry('oci:disk', join(folder.path, 'one'));
    await using other = new LayoutRegistry('oci:other', join(folder.path, 'two'));
    await push(registry, 'a');
    const [from, to] = [registry.repository(repositoryName('a')), registry.repository(repositoryName('b'))];
    const blob = image.blobs[0]!.descriptor;
    expect([to.canMountFrom(from), to.canMountFrom(to)]).toEqual([true, false]);
    expect(other.repository(repositoryName('a')).canMountFrom(from)).toBe(false);
    expect(await to.mountBlob(blob, from)).toBe(true);
    expect(await to.hasBlob(blob)).toBe(true);
    expect(await from.mountBlob(blob, registry.repository(repositoryName('empty')))).toBe(false);
  });
});
