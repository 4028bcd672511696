import { join, resolve } from 'node:path';
import { makeFolder } from '../layout/durable.ts';
import { createLayout, isLayout, requireLayout } from '../layout/index-file.ts';
import { JournaledIndex } from '../layout/journaled-index.ts';
import { sweepParts } from '../layout/leftovers.ts';
import { SerialByKey } from '../layout/serial.ts';
import { isRepositoryName, type RepositoryName } from '../oci/names.ts';
import { BlobPool } from './blob-pool.ts';
import { fault } from './fault.ts';
import { folderOf, nameOfLayout, repositoriesIn } from './folders.ts';
import { hold } from './hold.ts';
import { StoredRepository } from './repository.ts';
import { UploadSessions } from './upload-sessions.ts';

export interface StorageOptions {
  readonly root: string;
  /** The name under which a root that is a layout itself is served. Default: the folder's own, where it is a valid name. */
  readonly layoutName?: string;
  /** Nothing is going to be written. */
  readonly readOnly?: boolean;
}

/**
 * Everything that a registry keeps, in one folder that it alone writes to (see the room's README for the format). A root
 * that is a layout itself is one repository.
 */
export class Storage {
  readonly pool: BlobPool;
  readonly uploads: UploadSessions;
  readonly #options: StorageOptions;
  readonly #root: string;
  /** Set where the root is a layout. */
  readonly #only: RepositoryName | undefined;
  readonly #locks: AsyncDisposable[];
  readonly #open = new Map<RepositoryName, StoredRepository>();
  readonly #lanes = new SerialByKey();

  constructor(options: StorageOptions, only: RepositoryName | undefined, lock: AsyncDisposable) {
    const { root } = options;
    this.#options = options;
    this.#root = root;
    this.#only = only;
    this.#locks = [lock];
    this.pool = new BlobPool(root);
    this.uploads = new UploadSessions(join(root, only === undefined ? 'uploads' : '.tranship-uploads'));
  }

  static async open(options: StorageOptions): Promise<Storage> {
    const folder = resolve(options.root);
    await makeFolder(folder);
    const single = await isLayout(folder);
    if (single) await requireLayout(folder);
    const lock = await hold(folder, options);
    return new Storage(
      { ...options, root: folder },
      single ? nameForLayout(folder, options.layoutName) : undefined,
      lock,
    );
  }

  async find(name: RepositoryName): Promise<StoredRepository | undefined> {
    return this.#open.get(name) ?? this.#lanes.run(name, () => this.#load(name, false));
  }

  /** The repository, made where there is none. A root that is a layout takes no other. */
  async obtain(name: RepositoryName): Promise<StoredRepository> {
    const found = this.#open.get(name) ?? (await this.#lanes.run(name, () => this.#load(name, true)));
    if (found === undefined) throw fault(404, 'NAME_UNKNOWN', 'only one repository is served here', { name });
    return found;
  }

  /** Every repository, in ASCII order. */
  async names(): Promise<readonly RepositoryName[]> {
    if (this.#only !== undefined) return [this.#only];
    return repositoriesIn(this.#root);
  }

  async close(): Promise<void> {
    for (const repository of this.#open.values()) await repository.close();
    for (const lock of this.#locks.reverse()) await lock[Symbol.asyncDispose]();
  }

  async #load(name: RepositoryName, create: boolean): Promise<StoredRepository | undefined> {
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    if (this.#only !== undefined && name !== this.#only) return undefined;
    const dir = this.#only === undefined ? join(this.#root, 'repositories', folderOf(name)) : this.#root;
    if (!(await isLayout(dir))) {
      if (!create) return undefined;
      await makeFolder(dir);
      await createLayout(dir);
    }
    await requireLayout(dir);
    await sweepParts(dir);
    const repository = new StoredRepository(name, dir, await this.#indexOf(dir), this.pool);
    this.#open.set(name, repository);
    return repository;
  }

  /** Locked until the end: what somebody else wrote into the layout meanwhile would be lost with the next writing of the index. */
  async #indexOf(dir: string): Promise<JournaledIndex> {
    if (this.#only !== undefined) return JournaledIndex.open(dir);
    const lock = await hold(dir, this.#options);
    try {
      const index = await JournaledIndex.open(dir);
      this.#locks.push(lock);
      return index;
    } catch (error) {
      await lock[Symbol.asyncDispose]();
      throw error;
    }
  }
}

function nameForLayout(folder: string, wanted: string | undefined): RepositoryName {
  if (wanted !== undefined && !isRepositoryName(wanted)) throw new Error(`"${wanted}" is not a repository name`);
  return wanted ?? nameOfLayout(folder);
}
