import * as files from 'node:fs/promises';
import { copyFile, lstat, open, unlink } from 'node:fs/promises';
import { blobFolder, blobPath, blobSize, isIntact } from '../layout/blob-files.ts';
import { createPart, makeFolder, syncFolder } from '../layout/durable.ts';
import { isAbsent, systemCode } from '../layout/failures.ts';
import { SerialByKey } from '../layout/serial.ts';
import type { Digest } from '../oci/digest.ts';

/** Where a hard link cannot be made: other file systems, and too many links of one file. */
const copyInstead: ReadonlySet<string> = new Set(['EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS']);

/**
 * The blobs that a registry's repositories share: each stands once in `<root>/blobs`, and a repository that holds it has a
 * hard link to it. So a mount moves no byte, and each repository still is a layout of its own.
 */
export class BlobPool {
  readonly #root: string;
  readonly #files: Pick<typeof files, 'link' | 'copyFile'>;
  readonly #lanes = new SerialByKey();

  /** The file system is handed in by tests of one that makes no links. */
  constructor(root: string, system: Pick<typeof files, 'link' | 'copyFile'> = files) {
    this.#root = root;
    this.#files = system;
  }

  /** Takes a finished, durable file over into the pool and into the layout `into`. The file is gone afterwards. */
  async adopt(file: string, digest: Digest, size: number, into: string, moveTo: MoveFile): Promise<void> {
    await this.#lanes.run(digest, async () => {
      if (await isIntact(this.#root, { digest, size })) await unlink(file);
      else if (await this.has(digest)) await this.#mend(file, digest);
      else {
        await makeFolder(blobFolder(this.#root, digest));
        await moveTo(blobPath(this.#root, digest));
      }
      // What the repository has is the pool's very file, or it may be damaged as well.
      if (!(await isSameFile(blobPath(this.#root, digest), blobPath(into, digest)))) {
        await unlinkIfThere(blobPath(into, digest));
      }
      await this.#link(this.#root, digest, into);
    });
  }

  /** Lets the layout `into` have a blob that the layout `from`, or with none the pool, holds. `false` where that has it not. */
  async share(digest: Digest, into: string, from: string = this.#root): Promise<boolean> {
    return this.#lanes.run(digest, async () => {
      if ((await blobSize(from, digest)) === undefined) return false;
      await this.#link(from, digest, into);
      return true;
    });
  }

  /** Removes a blob from a layout, and from the pool where nobody else holds it. `false` where the layout has it not. */
  async remove(digest: Digest, from: string): Promise<boolean> {
    return this.#lanes.run(digest, async () => {
      if (!(await unlinkIfThere(blobPath(from, digest)))) return false;
      const pooled = await lstat(blobPath(this.#root, digest)).catch(() => undefined);
      if (pooled?.nlink === 1) await unlinkIfThere(blobPath(this.#root, digest));
      await syncFolder(blobFolder(from, digest));
      return true;
    });
  }

  async has(digest: Digest): Promise<boolean> {
    return (await blobSize(this.#root, digest)) !== undefined;
  }

  /** Into the damaged file itself, for that is what the repositories' links are of. */
  async #mend(file: string, digest: Digest): Promise<void> {
    const damaged = blobPath(this.#root, digest);
    await copyFile(file, damaged);
    await using handle = await open(damaged, 'r+');
    await handle.sync();
    await unlink(file);
  }

  async #link(from: string, digest: Digest, into: string): Promise<void> {
    const [source, target] = [blobPath(from, digest), blobPath(into, digest)];
    const size = await blobSize(from, digest);
    const there = await blobSize(into, digest);
    if (there !== undefined && there === size) return;
    if (there !== undefined) await unlinkIfThere(target);
    await makeFolder(blobFolder(into, digest));
    await this.#files.link(source, target).catch((error: unknown) => {
      if (!copyInstead.has(systemCode(error) ?? '')) throw error;
      return this.#copy(source, target, into);
    });
    await syncFolder(blobFolder(into, digest));
  }

  /** Whole and durable before it has its name, as a link would be. */
  async #copy(source: string, target: string, layout: string): Promise<void> {
    await using part = await createPart(layout);
    await this.#files.copyFile(source, part.path);
    await part.commit(target);
  }
}

/** Gives a file its final name, durably. */
export type MoveFile = (target: string) => Promise<void>;

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all([one, other].map((path) => lstat(path).catch(() => undefined)));
  return first !== undefined && first.ino === second?.ino && first.dev === second.dev;
}

async function unlinkIfThere(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}
