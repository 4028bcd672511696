import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sampleBlob, sampleImage, sourceOf, tag, tempFolder } from '../../test/kit/embedded-samples.ts';
import { openArchive } from './archive.ts';
import { openLayout } from './layout.ts';
import { sweepParts, sweepStaging } from './leftovers.ts';
import { fateOf, fateOfMark, ownMark } from './owner.ts';

const hour = 60 * 60 * 1000;

/** A mark like ours of a process of this machine that is no more. */
async function markOfDead(): Promise<string> {
  const [place, , started] = (await ownMark()).split('-');
  return `${place}-999999999-${started}`;
}

const elsewhere = 'ffffffff-7-123';

/** Starts a process that stores half an image in `place`, tells so, and stays. */
async function halfway(opening: string): Promise<() => Promise<void>> {
  const script = `
    import { ${opening.split('(')[0]} } from ${JSON.stringify(join(import.meta.dirname, opening.startsWith('openA') ? 'archive.ts' : 'layout.ts'))};
    const place = await ${opening};
    const digest = 'sha256:' + '0'.repeat(64);
    async function* stream() {
      yield { bytes: Buffer.from('begun'), release: () => console.log('halfway') };
      await new Promise((resolve) => setTimeout(resolve, 600_000));
    }
    await place.pushBlob({ mediaType: 'x', digest, size: 100 }, { open: async () => stream() });`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script]);
  await once(child.stdout, 'data');
  return async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
}

describe('what a killed run left', () => {
  test('in a layout is removed by the next one at once, and while it lives it is not', async () => {
    await using folder = await tempFolder();
    const kill = await halfway(`openLayout(${JSON.stringify(folder.path)}, { mode: 'create' })`);
    const parts = async () => (await folder.files()).filter((name) => name.endsWith('.part'));
    await openLayout(folder.path, { mode: 'create' });
    expect(await parts()).toHaveLength(1);
    await kill();
    await openLayout(folder.path, { mode: 'create' });
    expect(await parts()).toEqual([]);
  });

  test('beside an archive is removed by the next one at once, and while it lives it is not', async () => {
    await using folder = await tempFolder();
    const [file, other] = [join(folder.path, 'a.tar'), join(folder.path, 'b.tar')];
    const kill = await halfway(`openArchive(${JSON.stringify(file)}, { mode: 'create' })`);
    await openArchive(other, { mode: 'create' });
    expect(await readdir(folder.path)).toEqual([expect.stringMatching(/^\.tranship-archive-/)]);
    await kill();
    await openArchive(other, { mode: 'create' });
    expect(await readdir(folder.path)).toEqual([]);
  });
});

describe('what looks like a leftover', () => {
  test('of another machine is one only when nothing was written for long', async () => {
    await using folder = await tempFolder();
    const [staging, part] = [`.tranship-archive-${elsewhere}-abc`, `.tranship-${elsewhere}-0a.part`];
    await mkdir(join(folder.path, staging));
    await writeFile(join(folder.path, staging, 'packed'), 'x');
    await writeFile(join(folder.path, part), 'x');
    const soon = Date.now() + hour / 12;
    await sweepStaging(folder.path, soon);
    await sweepParts(folder.path, soon);
    expect((await readdir(folder.path)).sort()).toEqual([part, staging].sort());
    await utimes(join(folder.path, staging), 1, 1);
    await sweepStaging(folder.path, Date.now() + 23 * hour);
    await sweepParts(folder.path, Date.now() + hour);
    expect(await readdir(folder.path)).toEqual([staging]);
    await sweepStaging(folder.path, Date.now() + 25 * hour);
    expect(await readdir(folder.path)).toEqual([]);
  });

  test.each([
    '.tranship-archive-x',
    '.tranship-archive-999999999-ab',
    'tranship-archive-ffffffff-999999999-1-ab',
    '.tranship-ffffffff-999999999-1-zz.part.txt',
    'notes',
  ])('and is called %s is not ours', async (name) => {
    await using folder = await tempFolder();
    await writeFile(join(folder.path, name), 'x');
    await utimes(join(folder.path, name), 1, 1);
    await sweepStaging(folder.path);
    await sweepParts(folder.path);
    expect(await readdir(folder.path)).toEqual([name]);
  });

  test('in a folder that is not there is none', async () => {
    await sweepStaging('/nonexistent/folder');
    await sweepParts('/nonexistent/folder');
  });
});

test('a process is known by its number and its start', async () => {
  expect(await fateOfMark(await ownMark())).toBe('alive');
  expect(await fateOfMark(await markOfDead())).toBe('gone');
  expect(await fateOfMark(`${(await ownMark()).replace(/-[^-]*$/, '')}-1`)).toBe('gone');
  expect(await fateOfMark(elsewhere)).toBe('elsewhere');
  expect(await fateOf({ host: 'elsewhere.example.com', space: '', pid: process.pid, started: '1' })).toBe('elsewhere');
});

describe('a layout that was made for nothing', () => {
  test('goes, with the folders that were made for it and no others', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(join(folder.path, 'new', 'deep', 'er'), { mode: 'create' });
    const broken = { open: () => Promise.reject(new Error('the source broke')) };
    await expect(layout.pushBlob(sampleBlob('x').descriptor, broken)).rejects.toThrow('the source broke');
    await layout.discardIfUnused();
    expect(await readdir(folder.path)).toEqual([]);
  });

  test('goes, and the folder of the user stays', async () => {
    await using folder = await tempFolder();
    await (await openLayout(folder.path, { mode: 'create' })).discardIfUnused();
    expect(await readdir(folder.path)).toEqual([]);
  });

  test.each(['blob', 'manifest', 'file'] as const)('stays once it holds a %s', async (what) => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const { descriptor, bytes } = sampleBlob('x');
    if (what === 'blob') await layout.pushBlob(descriptor, sourceOf(bytes));
    if (what === 'manifest') await layout.pushManifest(sampleImage('one'), [tag('v1')]);
    if (what === 'file') await writeFile(join(folder.path, 'note'), '');
    await layout.discardIfUnused();
    expect(await readdir(folder.path)).toEqual(expect.arrayContaining(['index.json', 'oci-layout']));
    await openLayout(folder.path);
  });

  test('is made by one of many that open it at once, and has what all of them store', async () => {
    await using folder = await tempFolder();
    const dir = join(folder.path, 'new');
    const names = Array.from({ length: 12 }, (_, at) => `v${at}`);
    const openers = names.map(async (name) => {
      const layout = await openLayout(dir, { mode: 'create' });
      await layout.pushManifest(sampleImage(name), [tag(name)]);
    });
    await Promise.all(openers);
    expect((await Array.fromAsync((await openLayout(dir)).listTags())).sort()).toEqual(names.sort());
  });

  test('is there again for who opened it before it went', async () => {
    await using folder = await tempFolder();
    const dir = join(folder.path, 'new');
    const maker = await openLayout(dir, { mode: 'create' });
    const other = await openLayout(dir, { mode: 'create' });
    await maker.discardIfUnused();
    expect(await Array.fromAsync(other.listTags())).toEqual([]);
    const { descriptor, bytes } = sampleBlob('x');
    await other.pushBlob(descriptor, sourceOf(bytes));
    await other.pushManifest(sampleImage('one'), [tag('v1')]);
    expect(await Array.fromAsync((await openLayout(dir)).listTags())).toEqual(['v1']);
  });

  test('stays when it was there before', async () => {
    await using folder = await tempFolder();
    await openLayout(folder.path, { mode: 'create' });
    await (await openLayout(folder.path, { mode: 'create' })).discardIfUnused();
    await openLayout(folder.path);
  });
});
