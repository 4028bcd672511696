import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  present,
  readAll,
  type SampleManifest,
  sampleBlob,
  sampleImage,
  sampleIndex,
  sourceOf,
  tag,
  tempFolder,
} from '../../test/kit/embedded-samples.ts';
import { digestOf } from '../oci/digest.ts';
import { mediaTypes } from '../oci/media-type.ts';
import { supports } from '../oci/ports.ts';
import { blobPath } from './blob-files.ts';
import { openLayout } from './layout.ts';

type Layout = Awaited<ReturnType<typeof openLayout>>;

async function push(layout: Layout, image: SampleManifest, ...tags: string[]): Promise<void> {
  for (const { descriptor, bytes } of image.blobs) await layout.pushBlob(descriptor, sourceOf(bytes));
  await layout.pushManifest(image, tags.map(tag));
}

async function indexOf(
  dir: string,
): Promise<{ manifests: { digest: string; annotations?: Record<string, string> }[] }> {
  return JSON.parse(await readFile(join(dir, 'index.json'), 'utf8'));
}

describe('a layout that is written', () => {
  test('holds what was pushed, byte for byte', async () => {
    await using folder = await tempFolder();
    const image = sampleImage('one');
    await push(await openLayout(folder.path, { mode: 'create' }), image, 'v1');
    const again = await openLayout(folder.path);
    const found = await again.fetchManifest(tag('v1'));
    expect(Buffer.from(found.bytes)).toEqual(image.bytes);
    expect(found.descriptor).toEqual(image.descriptor);
    for (const { descriptor, bytes } of image.blobs) {
      expect(await readAll(await again.openBlob(descriptor, 0))).toEqual(bytes);
      expect(await readAll(await again.openBlob(descriptor, 3))).toEqual(bytes.subarray(3));
    }
  });

  test('has every ability that a place can have but mounts', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    expect((['tags', 'digests', 'referrers', 'delete'] as const).every((ability) => supports(layout, ability))).toBe(
      true,
    );
    expect(supports(layout, 'mount')).toBe(false);
  });

  test('holds only the files that a layout has', async () => {
    await using folder = await tempFolder();
    const image = sampleImage('one');
    await push(await openLayout(folder.path, { mode: 'create' }), image, 'v1');
    const blobs = [image.descriptor, ...image.blobs.map(({ descriptor }) => descriptor)];
    const names = blobs.map(({ digest }) => digest.replace('sha256:', 'blobs/sha256/')).sort();
    expect(await folder.files()).toEqual([...names, 'index.json', 'oci-layout']);
  });

  test('can be a folder that does not exist yet, several levels deep', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(join(folder.path, 'a', 'b'), { mode: 'create' });
    expect(await Array.fromAsync(layout.listTags())).toEqual([]);
  });

  test('takes sha512 content', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const { descriptor, bytes } = sampleBlob('long name', 'sha512');
    await layout.pushBlob(descriptor, sourceOf(bytes));
    expect(await readAll(await layout.openBlob(descriptor, 0))).toEqual(bytes);
  });

  test('takes a blob of no bytes', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const { descriptor, bytes } = sampleBlob('');
    await layout.pushBlob(descriptor, sourceOf(bytes));
    expect(await layout.hasBlob(descriptor)).toBe(true);
    expect(await readAll(await layout.openBlob(descriptor, 0))).toEqual(bytes);
  });

  test('takes a blob of many buffers', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const { descriptor, bytes } = sampleBlob(Buffer.alloc(5_000_001, 'abcdefg'));
    await layout.pushBlob(descriptor, sourceOf(bytes, 300_000));
    expect((await readAll(await layout.openBlob(descriptor, 1))).equals(bytes.subarray(1))).toBe(true);
  });

  test('does not read a source again for what it holds', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const { descriptor, bytes } = sampleBlob('once');
    await layout.pushBlob(descriptor, sourceOf(bytes));
    const before = await stat(blobPath(folder.path, descriptor.digest));
    const second = sourceOf(bytes);
    await layout.pushBlob(descriptor, second);
    expect(second.opened).toBe(0);
    expect((await stat(blobPath(folder.path, descriptor.digest))).ino).toBe(before.ino);
  });

  test.each([
    ['cut short', 'whole', false],
    ['changed in a byte', 'whole_content', true],
  ])('replaces a blob that somebody %s', async (_, damaged, looksThere) => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const { descriptor, bytes } = sampleBlob('whole content');
    await layout.pushBlob(descriptor, sourceOf(bytes));
    await writeFile(blobPath(folder.path, descriptor.digest), damaged);
    expect(await layout.hasBlob(descriptor)).toBe(looksThere);
    await layout.pushBlob(descriptor, sourceOf(bytes));
    expect(await readAll(await layout.openBlob(descriptor, 0))).toEqual(bytes);
  });

  test.each([
    ['other bytes', Buffer.from('elephant!'), 'E_DIGEST_MISMATCH'],
    ['fewer bytes', Buffer.from('short'), 'E_SIZE_MISMATCH'],
    ['more bytes', Buffer.from('nine bytes and more'), 'E_SIZE_MISMATCH'],
  ])('refuses %s than the digest names, and keeps nothing of them', async (_, wrong, code) => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const { descriptor } = sampleBlob('nine byte');
    await expect(layout.pushBlob(descriptor, sourceOf(wrong))).rejects.toMatchObject({ code, failure: 'failed' });
    expect(await folder.files()).toEqual(['index.json', 'oci-layout']);
  });

  test('keeps nothing of a push that was stopped', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const { descriptor, bytes } = sampleBlob('a'.repeat(100));
    const stop = new AbortController();
    const source = {
      open: async () =>
        (async function* () {
          yield { bytes: bytes.subarray(0, 10), release: () => undefined };
          stop.abort();
          yield { bytes: bytes.subarray(10), release: () => undefined };
        })(),
    };
    await expect(layout.pushBlob(descriptor, source, { signal: stop.signal })).rejects.toThrow('aborted');
    expect(await folder.files()).toEqual(['index.json', 'oci-layout']);
  });

  test('gives back every chunk, also of a push that fails', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const held = { count: 0 };
    const source = {
      open: async () =>
        (async function* () {
          for (let at = 0; at < 3; at++) {
            held.count++;
            yield { bytes: Buffer.from('abc'), release: () => void held.count-- };
          }
        })(),
    };
    await expect(layout.pushBlob(sampleBlob('abcabd').descriptor, source)).rejects.toMatchObject({
      code: 'E_SIZE_MISMATCH',
    });
    expect(held.count).toBe(0);
  });

  test('takes the same blob from several pushes at once', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const { descriptor, bytes } = sampleBlob('shared by all'.repeat(1000));
    await Promise.all(Array.from({ length: 8 }, () => layout.pushBlob(descriptor, sourceOf(bytes))));
    expect(await readAll(await layout.openBlob(descriptor, 0))).toEqual(bytes);
    expect((await folder.files()).filter((name) => name.includes('.part'))).toEqual([]);
  });
});

describe('tags of a layout', () => {
  test('several name one manifest, and one moves without the others', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const [one, two] = [sampleImage('one'), sampleImage('two')];
    await push(layout, one, 'v1', 'latest');
    await push(layout, two, 'latest');
    expect((await layout.resolve(tag('v1')))?.digest).toBe(one.descriptor.digest);
    expect((await layout.resolve(tag('latest')))?.digest).toBe(two.descriptor.digest);
    expect(await Array.fromAsync(layout.listTags())).toEqual(['latest', 'v1']);
    expect(await Array.fromAsync(layout.listTagsWithDigests())).toEqual([
      { tag: 'latest', digest: two.descriptor.digest, mediaType: mediaTypes.ociManifest, size: two.bytes.length },
      { tag: 'v1', digest: one.descriptor.digest, mediaType: mediaTypes.ociManifest, size: one.bytes.length },
    ]);
  });

  test('a deleted one is gone, its manifest stays', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const image = sampleImage('one');
    await push(layout, image, 'v1');
    await layout.deleteTag(tag('v1'));
    expect(await layout.resolve(tag('v1'))).toBeUndefined();
    expect((await layout.resolve(image.descriptor.digest))?.digest).toBe(image.descriptor.digest);
    await expect(layout.deleteTag(tag('v1'))).rejects.toMatchObject({ code: 'E_MANIFEST_UNKNOWN' });
  });

  test('a deleted manifest takes its tags along', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const image = sampleImage('one');
    await push(layout, image, 'v1', 'v2');
    await layout.deleteManifest(image.descriptor.digest);
    expect(await Array.fromAsync(layout.listTags())).toEqual([]);
    expect(await layout.resolve(image.descriptor.digest)).toBeUndefined();
  });

  test('pushed all at once by two openers are all there', async () => {
    await using folder = await tempFolder();
    const layouts = [await openLayout(folder.path, { mode: 'create' }), await openLayout(folder.path)];
    const images = Array.from({ length: 40 }, (_, at) => sampleImage(`image ${at}`));
    await Promise.all(images.map((image, at) => push(layouts[at % 2] as Layout, image, `t${at}`)));
    expect((await Array.fromAsync(present(layouts[0]).listTags())).length).toBe(40);
    expect((await indexOf(folder.path)).manifests.length).toBe(40);
    expect(await folder.files()).not.toContain('.tranship-lock');
  });

  test('that another program adds are seen', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    await push(layout, sampleImage('one'), 'v1');
    const index = await indexOf(folder.path);
    const more = { ...index.manifests[0], annotations: { 'org.opencontainers.image.ref.name': 'other' } };
    await writeFile(join(folder.path, 'new'), JSON.stringify({ ...index, manifests: [...index.manifests, more] }));
    await rename(join(folder.path, 'new'), join(folder.path, 'index.json'));
    expect(await Array.fromAsync(layout.listTags())).toEqual(['other', 'v1']);
  });
});

describe('what a layout lists', () => {
  test('is the index alone, whose children can still be had by their digests', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const [amd, arm] = [sampleImage('amd64'), sampleImage('arm64')];
    const index = sampleIndex([amd, arm]);
    await push(layout, amd);
    await push(layout, arm);
    await layout.pushManifest(index, [tag('multi')]);
    expect((await indexOf(folder.path)).manifests.map(({ digest }) => digest)).toEqual([index.descriptor.digest]);
    expect(await layout.resolve(arm.descriptor.digest)).toEqual(arm.descriptor);
    expect((await (await openLayout(folder.path)).sole()).digest).toBe(index.descriptor.digest);
  });

  test('may name a child of a kind that nobody knows, which is kept as it is', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const bytes = Buffer.from('{"what":"ever"}');
    const odd = { mediaType: 'application/vnd.example.future+json', digest: digestOf(bytes), size: bytes.length };
    await layout.pushManifest({ descriptor: odd, bytes }, []);
    await layout.pushManifest(sampleIndex([{ ...sampleImage('odd'), descriptor: odd }]), [tag('index')]);
    expect(await readFile(blobPath(folder.path, odd.digest), 'utf8')).toBe('{"what":"ever"}');
    expect((await indexOf(folder.path)).manifests).toHaveLength(1);
  });

  test('keeps a child that has a tag of its own', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const child = sampleImage('child');
    await push(layout, child, 'child');
    await layout.pushManifest(sampleIndex([child]), [tag('index')]);
    expect(await Array.fromAsync(layout.listTags())).toEqual(['child', 'index']);
  });

  test('names who refers to a manifest, whether found on disk or pushed just now', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const image = sampleImage('image');
    const first = sampleImage('signature', {
      subject: image.descriptor,
      artifactType: 'application/x.signature',
      annotations: { by: 'ana' },
    });
    const second = sampleImage('sbom', { subject: image.descriptor });
    await push(layout, image, 'v1');
    await push(layout, first);
    const { digest, size, mediaType } = first.descriptor;
    const found = { digest, size, mediaType, artifactType: 'application/x.signature', annotations: { by: 'ana' } };
    expect(await layout.listReferrers(image.descriptor.digest)).toEqual([found]);
    await push(layout, second);
    const both = await layout.listReferrers(image.descriptor.digest);
    expect(both).toContainEqual(found);
    expect(both).toContainEqual({ ...second.descriptor, artifactType: mediaTypes.ociConfig });
    await layout.deleteManifest(digest);
    expect((await layout.listReferrers(image.descriptor.digest)).map((one) => one.digest)).toEqual([
      second.descriptor.digest,
    ]);
    expect(await layout.listReferrers(first.descriptor.digest)).toEqual([]);
  });
});

describe('a reference without a tag', () => {
  test('means the only image', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const image = sampleImage('one');
    await push(layout, image, 'v1');
    expect((await layout.sole()).digest).toBe(image.descriptor.digest);
  });

  test('means the only image that has signatures beside it', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const image = sampleImage('one');
    await push(layout, image, 'v1');
    await push(layout, sampleImage('signature'), `${image.descriptor.digest.replace(':', '-')}.sig`);
    await push(layout, sampleImage('fallback'), image.descriptor.digest.replace(':', '-'));
    expect((await layout.sole()).digest).toBe(image.descriptor.digest);
  });

  test('means the only image that something refers to, with or without a tag', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const image = sampleImage('one');
    const signature = sampleImage('signature', { subject: image.descriptor });
    await push(layout, signature);
    await push(layout, sampleImage('countersignature', { subject: signature.descriptor }));
    await push(layout, image);
    expect((await layout.sole()).digest).toBe(image.descriptor.digest);
    await push(layout, sampleImage('two'));
    await expect(layout.sole()).rejects.toMatchObject({ code: 'E_LAYOUT_AMBIGUOUS' });
  });

  test('is refused where there are several, naming them', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    await push(layout, sampleImage('one'), 'v1');
    await push(layout, sampleImage('two'), 'v2');
    await expect(layout.sole()).rejects.toMatchObject({
      code: 'E_LAYOUT_AMBIGUOUS',
      hint: 'Name one of its tags: v1, v2',
    });
  });

  test('is refused where there is none', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    await expect(layout.sole()).rejects.toMatchObject({ code: 'E_MANIFEST_UNKNOWN' });
  });
});

describe('a place that is no layout', () => {
  test.each([
    ['a folder that is not there', 'absent', 'there is no such folder'],
    ['an empty folder', '', 'the folder has no file oci-layout'],
  ])('%s', async (_, name, why) => {
    await using folder = await tempFolder();
    const opening = openLayout(join(folder.path, name));
    await expect(opening).rejects.toMatchObject({ code: 'E_NOT_A_LAYOUT', failure: 'failed' });
    await expect(opening).rejects.toThrow(why);
  });

  test('a file', async () => {
    await using folder = await tempFolder();
    await writeFile(join(folder.path, 'file'), 'hello');
    await expect(openLayout(join(folder.path, 'file'))).rejects.toMatchObject({ code: 'E_NOT_A_LAYOUT' });
    await expect(openLayout(join(folder.path, 'file'), { mode: 'create' })).rejects.toMatchObject({
      code: 'E_NOT_A_LAYOUT',
    });
  });

  test('a folder with something else in it is not taken for a new one', async () => {
    await using folder = await tempFolder();
    await writeFile(join(folder.path, 'thesis.txt'), 'precious');
    await expect(openLayout(folder.path, { mode: 'create' })).rejects.toMatchObject({ code: 'E_NOT_A_LAYOUT' });
    expect(await folder.files()).toEqual(['thesis.txt']);
  });

  test('a layout of a version to come', async () => {
    await using folder = await tempFolder();
    await openLayout(folder.path, { mode: 'create' });
    await writeFile(join(folder.path, 'oci-layout'), '{"imageLayoutVersion":"2.0.0"}');
    await expect(openLayout(folder.path)).rejects.toThrow('"2.0.0"');
  });

  test('a layout whose index is gone or no index', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    await writeFile(join(folder.path, 'index.json'), '{"manifests": 7}');
    await expect(layout.resolve(tag('v1'))).rejects.toMatchObject({ code: 'E_LAYOUT_DAMAGED' });
    await writeFile(join(folder.path, 'index.json'), 'no json at all');
    await expect(layout.resolve(tag('v1'))).rejects.toMatchObject({ code: 'E_LAYOUT_DAMAGED' });
    await rename(join(folder.path, 'index.json'), join(folder.path, 'elsewhere'));
    await expect(layout.resolve(tag('v1'))).rejects.toMatchObject({ code: 'E_NOT_A_LAYOUT' });
  });
});

describe('a layout made by an enemy', () => {
  test('with a link for a blob gives nothing away', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const secret = join(folder.path, 'secret');
    await writeFile(secret, 'do not copy');
    const { descriptor } = sampleBlob('do not copy');
    await mkdir(join(folder.path, 'blobs', 'sha256'), { recursive: true });
    await symlink(secret, blobPath(folder.path, descriptor.digest));
    await expect(layout.openBlob(descriptor, 0)).rejects.toMatchObject({ code: 'E_LAYOUT_UNSAFE', failure: 'refused' });
    await expect(layout.hasBlob(descriptor)).rejects.toMatchObject({ code: 'E_LAYOUT_UNSAFE' });
  });

  test.each(['blobs', 'blobs/sha256'])('with a link for the folder %s is refused', async (name) => {
    await using folder = await tempFolder();
    await using elsewhere = await tempFolder();
    await openLayout(folder.path, { mode: 'create' });
    if (name !== 'blobs') await mkdir(join(folder.path, 'blobs'));
    await symlink(elsewhere.path, join(folder.path, name));
    await expect(openLayout(folder.path)).rejects.toMatchObject({ code: 'E_LAYOUT_UNSAFE' });
  });

  test.each(['index.json', 'oci-layout'])('with a link for %s is refused', async (name) => {
    await using folder = await tempFolder();
    await openLayout(folder.path, { mode: 'create' });
    await rename(join(folder.path, name), join(folder.path, 'target'));
    await symlink('target', join(folder.path, name));
    const using = openLayout(folder.path).then((layout) => layout.resolve(tag('v1')));
    await expect(using).rejects.toMatchObject({ code: 'E_LAYOUT_UNSAFE' });
  });

  test.each(['index.json', 'oci-layout', '.tranship-journal'])(
    'with a pipe for %s is refused, not waited for',
    async (name) => {
      await using folder = await tempFolder();
      await openLayout(folder.path, { mode: 'create' });
      await rm(join(folder.path, name), { force: true });
      execFileSync('mkfifo', [join(folder.path, name)]);
      const using = openLayout(folder.path).then((layout) => layout.resolve(tag('v1')));
      await expect(using).rejects.toMatchObject({ code: 'E_LAYOUT_UNSAFE' });
    },
  );

  test('with a pipe for a blob is refused, not waited for', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const { descriptor } = sampleBlob('never comes');
    await mkdir(join(folder.path, 'blobs', 'sha256'), { recursive: true });
    execFileSync('mkfifo', [blobPath(folder.path, descriptor.digest)]);
    await expect(layout.openBlob(descriptor, 0)).rejects.toMatchObject({ code: 'E_LAYOUT_UNSAFE' });
  });

  test.each(['../../etc/passwd', 'sha256:../../x', 'sha256:ABC'])('with the digest %s is refused', async (digest) => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const entry = { mediaType: mediaTypes.ociManifest, digest, size: 1 };
    await writeFile(join(folder.path, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
    await expect(layout.resolve(tag('v1'))).rejects.toMatchObject({ code: 'E_LAYOUT_DAMAGED' });
  });

  test('with a manifest of other content than its name is refused', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const image = sampleImage('one');
    await push(layout, image, 'v1');
    await writeFile(blobPath(folder.path, image.descriptor.digest), Buffer.from(sampleImage('two').bytes));
    await expect(layout.fetchManifest(tag('v1'))).rejects.toMatchObject({ code: 'E_LAYOUT_DAMAGED' });
  });

  test('with a blob of another size than its descriptor is refused', async () => {
    await using folder = await tempFolder();
    const layout = await openLayout(folder.path, { mode: 'create' });
    const { descriptor, bytes } = sampleBlob('content');
    await layout.pushBlob(descriptor, sourceOf(bytes));
    await expect(layout.openBlob({ ...descriptor, size: 3 }, 0)).rejects.toMatchObject({ code: 'E_LAYOUT_DAMAGED' });
  });
});
