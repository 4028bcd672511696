import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sampleImage, tag, tempFolder } from '../../test/kit/embedded-samples.ts';
import { createLayout, readIndex } from './index-file.ts';
import { JournaledIndex } from './journaled-index.ts';
import { openLayout } from './layout.ts';

const journal = '.tranship-journal';

async function layoutFolder() {
  const folder = await tempFolder();
  await createLayout(folder.path);
  return folder;
}

function put(name: string, ...names: string[]) {
  const { mediaType, digest, size } = sampleImage(name).descriptor;
  return { do: 'put' as const, entry: { mediaType, digest, size }, names };
}

describe('an index with a journal', () => {
  test('writes changes into the journal, and into the index when it is closed', async () => {
    await using folder = await layoutFolder();
    const index = await JournaledIndex.open(folder.path);
    await index.commit(put('one', 'v1'));
    expect((await readIndex(folder.path)).tags()).toEqual([]);
    expect(await folder.files()).toContain(journal);
    await index.close();
    expect((await readIndex(folder.path)).tags()).toEqual(['v1']);
    expect(await folder.files()).not.toContain(journal);
  });

  test('left without a close gives every change that was confirmed', async () => {
    await using folder = await layoutFolder();
    const crashed = await JournaledIndex.open(folder.path);
    await Promise.all(Array.from({ length: 30 }, (_, at) => crashed.commit(put(`image ${at}`, `t${at}`))));
    await crashed.commit({ do: 'untag', name: 't7' });
    const next = await JournaledIndex.open(folder.path);
    expect(next.index.tags()).toHaveLength(29);
    expect((await readIndex(folder.path)).tags()).toHaveLength(29);
    await crashed.close();
  });

  test('goes on after a line that a crash cut off', async () => {
    await using folder = await layoutFolder();
    const crashed = await JournaledIndex.open(folder.path);
    await crashed.commit(put('one', 'v1'));
    const whole = await readFile(join(folder.path, journal), 'utf8');
    for (let cut = 0; cut < whole.length; cut++) {
      await writeFile(join(folder.path, journal), whole + whole.slice(0, cut).replace('v1', 'v2'));
      const tags = (await openLayout(folder.path)).listTags();
      expect(await Array.fromAsync(tags)).toEqual(['v1']);
    }
    await crashed.close();
  });

  test('keeps what is appended behind the rest of an append that failed', async () => {
    await using folder = await layoutFolder();
    const index = await JournaledIndex.open(folder.path);
    await index.commit(put('one', 'v1'));
    await appendFile(join(folder.path, journal), '{"do":"put","ent');
    await index.commit(put('two', 'v2'));
    expect((await JournaledIndex.open(folder.path)).index.tags()).toEqual(['v1', 'v2']);
    await index.close();
  });

  test('is read by whoever opens the layout, and put away by whoever writes to it', async () => {
    await using folder = await layoutFolder();
    const crashed = await JournaledIndex.open(folder.path);
    await crashed.commit(put('one', 'v1'));
    const layout = await openLayout(folder.path);
    expect(await Array.fromAsync(layout.listTags())).toEqual(['v1']);
    await layout.pushManifest(sampleImage('two'), [tag('v2')]);
    expect((await readIndex(folder.path)).tags()).toEqual(['v1', 'v2']);
    expect(await folder.files()).not.toContain(journal);
    await crashed.close();
  });

  test('puts the journal away by itself when it has grown', async () => {
    await using folder = await layoutFolder();
    const index = await JournaledIndex.open(folder.path);
    const names = Array.from({ length: 2000 }, (_, at) => `tag-number-${String(at).padStart(100, '0')}`);
    for (let round = 0; round < 25; round++) await index.commit(put('one', ...names));
    expect((await readIndex(folder.path)).tags()).toHaveLength(2000);
    await index.close();
  });
});
