import { execFileSync } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
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
import { type Archive, openArchive } from './archive.ts';
import { tarEnd, tarHeader, tarPadding } from './tar-write.ts';

async function push(archive: Archive, image: SampleManifest, ...tags: string[]): Promise<void> {
  for (const { descriptor, bytes } of image.blobs) await archive.pushBlob(descriptor, sourceOf(bytes));
  await archive.pushManifest(image, tags.map(tag));
}

async function written(file: string, ...images: SampleManifest[]): Promise<void> {
  await using archive = await openArchive(file, { mode: 'create' });
  for (const [at, image] of images.entries()) await push(archive, image, `v${at}`);
  await archive.commit();
}

describe('an archive', () => {
  test('holds what was pushed, byte for byte', async () => {
    await using folder = await tempFolder();
    const file = join(folder.path, 'a.tar');
    const image = sampleImage('one');
    await written(file, image);
    await using archive = await openArchive(file);
    expect(Buffer.from((await archive.fetchManifest(tag('v0'))).bytes)).toEqual(image.bytes);
    for (const { descriptor, bytes } of image.blobs) {
      expect(await readAll(await archive.openBlob(descriptor, 0))).toEqual(bytes);
      expect(await readAll(await archive.openBlob(descriptor, 5))).toEqual(bytes.subarray(5));
    }
    expect(await folder.files()).toEqual(['a.tar']);
  });

  test('takes names too long for a plain header: sha512', async () => {
    await using folder = await tempFolder();
    const file = join(folder.path, 'a.tar');
    const { descriptor, bytes } = sampleBlob('sha512 content', 'sha512');
    await using archive = await openArchive(file, { mode: 'create' });
    await archive.pushBlob(descriptor, sourceOf(bytes));
    await push(archive, sampleImage('one'), 'v1');
    await archive.commit();
    await using again = await openArchive(file);
    expect(await readAll(await again.openBlob(descriptor, 0))).toEqual(bytes);
  });

  test('has the same bytes whatever the order of the pushes', async () => {
    await using folder = await tempFolder();
    const [one, two] = [sampleImage('one'), sampleImage('two')];
    const files = [join(folder.path, 'a.tar'), join(folder.path, 'b.tar')];
    for (const [at, file] of files.entries()) {
      await using archive = await openArchive(file, { mode: 'create' });
      const blobs = [...one.blobs, ...two.blobs];
      for (const { descriptor, bytes } of at === 0 ? blobs : blobs.reverse()) {
        await archive.pushBlob(descriptor, sourceOf(bytes));
      }
      await archive.pushManifest(one, [tag('one')]);
      await archive.pushManifest(two, [tag('two')]);
      await archive.commit();
    }
    expect(await readFile(present(files[0]))).toEqual(await readFile(present(files[1])));
  });

  test('keeps what it held when something is added', async () => {
    await using folder = await tempFolder();
    const file = join(folder.path, 'a.tar');
    const [old, added] = [sampleImage('old'), sampleImage('new')];
    await written(file, old);
    await using archive = await openArchive(file, { mode: 'create' });
    expect(await archive.hasBlob(present(old.blobs[0]).descriptor)).toBe(true);
    await push(archive, added, 'next');
    await archive.commit();
    await using again = await openArchive(file);
    expect(await Array.fromAsync(again.listTags())).toEqual(['next', 'v0']);
    expect(await readAll(await again.openBlob(present(old.blobs[1]).descriptor, 0))).toEqual(
      present(old.blobs[1]).bytes,
    );
  });

  test('stays as it was without a commit', async () => {
    await using folder = await tempFolder();
    const file = join(folder.path, 'a.tar');
    await written(file, sampleImage('old'));
    const before = await readFile(file);
    {
      await using archive = await openArchive(file, { mode: 'create' });
      await push(archive, sampleImage('new'), 'next');
    }
    expect(await readFile(file)).toEqual(before);
    expect(await folder.files()).toEqual(['a.tar']);
  });

  test.each(['new', 'old'])(
    'of two that write to one %s file at the same time, the second loses nothing of the first',
    async (age) => {
      await using folder = await tempFolder();
      const file = join(folder.path, 'a.tar');
      if (age === 'old') await written(file, sampleImage('old'));
      await using first = await openArchive(file, { mode: 'create' });
      await using second = await openArchive(file, { mode: 'create' });
      await push(first, sampleImage('first'), 'first');
      await push(second, sampleImage('second'), 'second');
      await first.commit();
      await expect(second.commit()).rejects.toMatchObject({ code: 'E_LOCKED', failure: 'temporary', subject: file });
      await second[Symbol.asyncDispose]();
      await using archive = await openArchive(file);
      expect(await archive.resolve(tag('first'))).toBeDefined();
      expect(await folder.files()).toEqual(['a.tar']);
    },
  );

  test('is not written when nothing changed', async () => {
    await using folder = await tempFolder();
    const file = join(folder.path, 'a.tar');
    await written(file, sampleImage('old'));
    const before = await stat(file);
    await using archive = await openArchive(file, { mode: 'create' });
    await archive.commit();
    expect((await stat(file)).ino).toBe(before.ino);
  });

  test('shows what was pushed before it is committed', async () => {
    await using folder = await tempFolder();
    await using archive = await openArchive(join(folder.path, 'a.tar'), { mode: 'create' });
    const [image, signature] = [sampleImage('image'), sampleImage('sig', { subject: sampleImage('image').descriptor })];
    await push(archive, image, 'v1');
    await push(archive, signature);
    expect(await readAll(await archive.openBlob(present(image.blobs[0]).descriptor, 0))).toEqual(
      present(image.blobs[0]).bytes,
    );
    expect((await archive.listReferrers(image.descriptor.digest)).map(({ digest }) => digest)).toEqual([
      signature.descriptor.digest,
    ]);
    expect((await archive.sole()).digest).toBe(image.descriptor.digest);
  });

  test('lists an index and not its children, which it still has', async () => {
    await using folder = await tempFolder();
    const file = join(folder.path, 'a.tar');
    await using archive = await openArchive(file, { mode: 'create' });
    const child = sampleImage('child');
    await push(archive, child);
    await archive.pushManifest(sampleIndex([child]), [tag('multi')]);
    await archive.commit();
    await using again = await openArchive(file);
    expect((await again.resolve(child.descriptor.digest))?.size).toBe(child.bytes.length);
    expect(await Array.fromAsync(again.listTagsWithDigests())).toHaveLength(1);
  });

  test('loses a deleted tag and a deleted manifest', async () => {
    await using folder = await tempFolder();
    const file = join(folder.path, 'a.tar');
    const [one, two] = [sampleImage('one'), sampleImage('two')];
    await written(file, one, two);
    await using archive = await openArchive(file);
    await archive.deleteTag(tag('v0'));
    await archive.deleteManifest(two.descriptor.digest);
    await archive.commit();
    await using again = await openArchive(file);
    expect(await Array.fromAsync(again.listTags())).toEqual([]);
    await expect(again.deleteTag(tag('v0'))).rejects.toMatchObject({ code: 'E_MANIFEST_UNKNOWN' });
  });

  test('refuses a blob of another digest and keeps nothing of it', async () => {
    await using folder = await tempFolder();
    {
      await using archive = await openArchive(join(folder.path, 'a.tar'), { mode: 'create' });
      const pushing = archive.pushBlob(sampleBlob('abc').descriptor, sourceOf(Buffer.from('abd')));
      await expect(pushing).rejects.toMatchObject({ code: 'E_DIGEST_MISMATCH' });
    }
    expect(await folder.files()).toEqual([]);
  });
});

/** A tar of these files; a header can be given instead of a name. */
function tar(...files: [string | Buffer, string][]): Buffer {
  const parts = files.flatMap(([name, text]) => {
    const body = Buffer.from(text);
    return [typeof name === 'string' ? tarHeader(name, body.length) : name, body, tarPadding(body.length)];
  });
  return Buffer.concat([...parts, tarEnd]);
}

/** The header of a file with some bytes changed and the sum put right. */
function header(name: string, size: number, change: (header: Buffer) => void): Buffer {
  const bytes = tarHeader(name, size);
  change(bytes);
  bytes.write(' '.repeat(8), 148, 'latin1');
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
}

function ofType(name: string, type: string): Buffer {
  return header(name, 0, (bytes) => bytes.write(type, 156, 'latin1'));
}

const layoutFiles: [string, string][] = [
  ['oci-layout', '{"imageLayoutVersion":"1.0.0"}'],
  ['index.json', '{"schemaVersion":2,"manifests":[]}'],
];

async function opened(bytes: Buffer): Promise<string[]> {
  await using folder = await tempFolder();
  await writeFile(join(folder.path, 'a.tar'), bytes);
  await using archive = await openArchive(join(folder.path, 'a.tar'));
  return await Array.fromAsync(archive.listTags());
}

describe('a tar file from elsewhere', () => {
  test('opens with ./ in front of its names, with folders, and with files that mean nothing here', async () => {
    const files = layoutFiles.map(([name, text]): [string, string] => [`./${name}`, text]);
    expect(await opened(tar([ofType('./blobs/', '5'), ''], ...files, ['manifest.json', '[]']))).toEqual([]);
  });

  test('opens with names in a prefix, in GNU form, and with sizes in binary', async () => {
    const [mark, index] = layoutFiles as [[string, string], [string, string]];
    const long = ofType('././@LongLink', 'L');
    long.write('00000000013\0', 124, 'latin1');
    const gnu = header('././@LongLink', 11, (bytes) => bytes.write('L', 156, 'latin1'));
    const binary = header('anything', 0, (bytes) => {
      bytes.fill(0, 124, 136);
      bytes[124] = 0x80;
      bytes.writeUInt32BE(mark[1].length, 132);
    });
    const bytes = tar([gnu, 'oci-layout\0'], [binary, mark[1]], index);
    expect(await opened(bytes)).toEqual([]);
  });

  test.each([
    ['a symbolic link', [ofType('blobs/sha256/x', '2'), '']],
    ['a hard link', [ofType('blobs/sha256/x', '1'), '']],
    ['a device', [ofType('blobs/sha256/x', '3'), '']],
    ['an absolute name', ['/etc/passwd', 'x']],
    ['a name with ..', ['blobs/../../x', 'x']],
    ['a second index.json', ['index.json', '{}']],
    ['a second index.json under another spelling', ['./index.json', '{}']],
  ] as [string, [string | Buffer, string]][])('with %s is refused', async (_, file) => {
    await expect(opened(tar(...layoutFiles, file))).rejects.toMatchObject({
      code: 'E_LAYOUT_UNSAFE',
      failure: 'refused',
    });
  });

  test.each([
    ['', ['layer/layer.tar', 'x']],
    [', links and all', [ofType('layer/layer.tar', '2'), '']],
  ] as [string, [string | Buffer, string]][])(
    'that docker load would take%s is no layout, with what to do',
    async (_, layer) => {
      await expect(opened(tar(layer, ['manifest.json', '[]'], ['repositories', '{}']))).rejects.toMatchObject({
        code: 'E_NOT_A_LAYOUT',
        message: expect.stringContaining('docker load'),
        hint: expect.stringContaining('oci-archive'),
      });
    },
  );

  test('that is cut off is damaged, wherever it was cut', async () => {
    const whole = tar(...layoutFiles, ['blobs/sha256/x', 'content']);
    for (const end of [100, 512, 1000, 1600, 2048, 2100, 2560 + 513]) {
      await expect(opened(whole.subarray(0, end))).rejects.toMatchObject({
        code: expect.stringMatching(/^E_(LAYOUT_DAMAGED|NOT_A_LAYOUT)$/),
      });
    }
  });

  test.each([
    ['gzip', gzipSync(tar(...layoutFiles))],
    ['zstd', zstdCompressSync(tar(...layoutFiles))],
    ['xz', Buffer.from('fd377a585a000004e6d6b446'.padEnd(1024, '0'), 'hex')],
    ['bzip2', Buffer.from('425a683931415926'.padEnd(1024, '0'), 'hex')],
  ])('that is packed with %s says so', async (how, bytes) => {
    await expect(opened(bytes)).rejects.toMatchObject({
      code: 'E_NOT_A_LAYOUT',
      message: expect.stringContaining(how),
    });
  });

  test('that is something else is told as no tar', async () => {
    await expect(opened(Buffer.alloc(4096, 0xc5))).rejects.toThrow('not a tar file');
  });

  test('with a damaged header is damaged', async () => {
    const bytes = tar(...layoutFiles);
    bytes[3] = 0xff;
    await expect(opened(bytes)).rejects.toMatchObject({ code: 'E_LAYOUT_DAMAGED' });
  });

  test.each([
    ['no layout', tar(['hello.txt', 'hi'])],
    ['no index', tar(present(layoutFiles[0]))],
    ['another version', tar(['oci-layout', '{"imageLayoutVersion":"9.0.0"}'], present(layoutFiles[1]))],
    ['nothing', Buffer.alloc(0)],
    ['a line of text', Buffer.from('{}\n')],
  ])('with %s in it is no layout', async (_, bytes) => {
    await expect(opened(bytes)).rejects.toMatchObject({ code: 'E_NOT_A_LAYOUT' });
  });

  test('that is a pipe is refused, not waited for', async () => {
    await using folder = await tempFolder();
    const pipe = join(folder.path, 'pipe.tar');
    execFileSync('mkfifo', [pipe]);
    await expect(openArchive(pipe)).rejects.toMatchObject({ code: 'E_NOT_A_LAYOUT' });
  });

  test('that is not there is no layout', async () => {
    await expect(openArchive('/nowhere/a.tar')).rejects.toMatchObject({ code: 'E_NOT_A_LAYOUT' });
  });

  test('that is a folder is no layout', async () => {
    await using folder = await tempFolder();
    await expect(openArchive(folder.path, { mode: 'create' })).rejects.toMatchObject({ code: 'E_NOT_A_LAYOUT' });
  });
});
