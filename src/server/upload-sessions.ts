import { randomBytes } from 'node:crypto';
import { open, readdir, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../layout/durable.ts';
import { isAbsent } from '../layout/failures.ts';
import type { DigestAlgorithm } from '../oci/digest.ts';
import type { RepositoryName } from '../oci/names.ts';
import { folderOf } from './folders.ts';
import { Upload } from './upload.ts';

/** Upload sessions that nobody touched for this long are removed. */
const staleAfterMs = 24 * 60 * 60 * 1000;

/** The upload sessions of all repositories: `<folder>/<repository>/<id>`. */
export class UploadSessions {
  readonly #folder: string;
  readonly #known = new Map<string, Upload>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async begin(name: RepositoryName, algorithm: DigestAlgorithm = 'sha256'): Promise<Upload> {
    const id = randomBytes(16).toString('hex');
    const upload = new Upload(id, join(this.#folder, folderOf(name), id), algorithm);
    // A sweep may take the empty folder away in between.
    await createFile(upload.path).catch((error: unknown) => {
      if (!isAbsent(error)) throw error;
      return createFile(upload.path);
    });
    this.#known.set(upload.path, upload);
    return upload;
  }

  /** `id` must be one that the router has checked. */
  async find(name: RepositoryName, id: string): Promise<Upload | undefined> {
    const path = join(this.#folder, folderOf(name), id);
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const found = await stat(path).catch(ignoreAbsent);
    if (found === undefined) return undefined;
    const upload = new Upload(id, path);
    this.#known.set(path, upload);
    return upload;
  }

  /** To be called once a session's file is gone. */
  forget(upload: Upload): void {
    this.#known.delete(upload.path);
  }

  /** Removes what clients left behind. */
  async sweep(now: number): Promise<void> {
    for (const repository of await list(this.#folder)) {
      const folder = join(this.#folder, repository);
      for (const id of await list(folder)) {
        const path = join(folder, id);
        const found = await stat(path).catch(ignoreAbsent);
        if (found === undefined || now - found.mtimeMs <= staleAfterMs) continue;
        await unlink(path).catch(ignoreAbsent);
        this.#known.delete(path);
      }
      await rmdir(folder).catch(() => undefined);
    }
  }
}

async function createFile(path: string): Promise<void> {
  await makeFolder(dirname(path));
  await (await open(path, 'wx', 0o600)).close();
}

async function list(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(ignoreAbsent)) ?? [];
}

function ignoreAbsent(error: unknown): undefined {
  if (isAbsent(error)) return undefined;
  throw error;
}
