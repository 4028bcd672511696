import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startEmbedded } from '../../test/kit/embedded.ts';
import { fill } from '../../test/kit/filled.ts';
import { copy } from './copy.ts';
import { openSession } from './session.ts';

describe('a folder that cannot be written to', () => {
  test.each([
    ['an image', false],
    ['a repository', true],
  ])('is the failure of that destination alone where %s goes to several', async (_what, allTags) => {
    await using source = await startEmbedded();
    await using good = await startEmbedded();
    await using folder = await mkdtempDisposable(join(tmpdir(), 'tranship-'));
    await fill(source, 'corpus/busybox');
    await writeFile(join(folder.path, 'file'), '');
    await using session = await openSession();
    const [tag] = [...(await tagsOf(session, `${source.host}/corpus/busybox`))];
    const name = (place: string) => (allTags ? place : `${place}:${tag}`);
    const items = await copy(session, {
      source: name(`${source.host}/corpus/busybox`),
      destinations: [name(`oci:${join(folder.path, 'file', 'layout')}`), name(`${good.host}/app`)],
      allTags,
    });
    const toGood = items.filter(({ destination }) => destination.startsWith(good.host));
    const toBad = items.filter(({ destination }) => !destination.startsWith(good.host));
    expect(toGood.map(({ outcome }) => outcome.ok)).toEqual(toGood.map(() => true));
    expect(toBad).toHaveLength(toGood.length);
    for (const { outcome } of toBad) expect(outcome).toMatchObject({ ok: false, error: { side: 'destination' } });
  });

  test('refuses a copy that goes nowhere else, and a folder of other things any copy', async () => {
    await using source = await startEmbedded();
    await using folder = await mkdtempDisposable(join(tmpdir(), 'tranship-'));
    await writeFile(join(folder.path, 'file'), '');
    await using session = await openSession();
    const from = `${source.host}/app:v1`;
    const nowhere = `oci:${join(folder.path, 'file', 'layout')}:v1`;
    await expect(copy(session, { source: from, destinations: [nowhere] })).rejects.toMatchObject({
      side: 'destination',
    });
    const destinations = [`oci:${folder.path}:v1`, `${source.host}/copied:v1`];
    await expect(copy(session, { source: from, destinations })).rejects.toMatchObject({ code: 'E_NOT_A_LAYOUT' });
  });
});

async function tagsOf(session: Awaited<ReturnType<typeof openSession>>, text: string): Promise<readonly string[]> {
  const [host = '', ...path] = text.split('/');
  const place = await session.open({ kind: 'registry', host, repository: path.join('/') as never }, 'read');
  return Array.fromAsync(place.listTags());
}
