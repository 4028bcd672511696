import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../../test/kit/embedded-samples.ts';
import { BatchWriter } from './batch-writer.ts';

/** A file of which each write takes a few bytes only, as a disk that fills up or a network file system may. */
function reluctant(handle: FileHandle): FileHandle {
  const few = 1000;
  const partly = {
    writev: (pieces: Buffer[], at: number) => handle.write(Buffer.concat(pieces).subarray(0, few), 0, few, at),
    write: (bytes: Buffer, from: number, length: number, at: number) =>
      handle.write(bytes, from, Math.min(length, few), at),
  };
  return partly as unknown as FileHandle;
}

test('a body arrives whole where each write takes a part of it', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'file');
  await using handle = await open(path, 'w');
  const writer = new BatchWriter(reluctant(handle), 0);
  const pieces = Array.from({ length: 40 }, (_, at) => Buffer.alloc(64 * 1024, at));
  for (const piece of pieces) await writer.add(piece);
  await writer.flush();
  expect(writer.written).toBe(40 * 64 * 1024);
  expect((await readFile(path)).equals(Buffer.concat(pieces))).toBe(true);
});
