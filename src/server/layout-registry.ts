/** A folder of OCI layouts in the place of a registry: what `tranship serve` serves, so a disk can be carried and served elsewhere. */
import { readdir } from 'node:fs/promises';
import { makeFolder } from '../layout/durable.ts';
import { isLayout } from '../layout/index-file.ts';
import { lockFolder } from '../layout/lock.ts';
import { TranshipError } from '../oci/errors.ts';
import type { RepositoryName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import { BlobPool } from './blob-pool.ts';
import { nameOfLayout, repositoriesIn } from './folders.ts';
import { LayoutRepository } from './layout-repository.ts';

/** Another run may be about to end; a server is not. */
const lockWaitMs = 5_000;

/** What stands in the folder of a registry on disk. */
const own: ReadonlySet<string> = new Set(['repositories', 'blobs', 'uploads']);

export class LayoutRegistry implements AsyncDisposable {
  /** How messages name it: `oci:./usb`. */
  readonly location: string;
  readonly root: string;
  readonly pool: BlobPool;
  readonly #repositories = new Map<RepositoryName, LayoutRepository>();
  #lock: Promise<AsyncDisposable> | undefined;

  constructor(location: string, root: string) {
    this.location = location;
    this.root = root;
    this.pool = new BlobPool(root);
  }

  /** The same object each time. Nothing is read yet, and nothing made before something is written. */
  repository(name: RepositoryName): LayoutRepository {
    const known = this.#repositories.get(name) ?? new LayoutRepository(this, name);
    this.#repositories.set(name, known);
    return known;
  }

  async *repositories(): AsyncGenerator<RepositoryName> {
    const only = await this.only();
    if (only !== undefined) return yield only;
    yield* await repositoriesIn(this.root);
  }

  /** The one repository there is, where the folder is a layout itself. */
  async only(): Promise<RepositoryName | undefined> {
    return (await isLayout(this.root)) ? nameOfLayout(this.root) : undefined;
  }

  /**
   * Makes the folder ready to be written to, and keeps a running `tranship serve` away from it, which keeps what is in it in
   * memory. Throws `E_NOT_A_LAYOUT` for a folder of other things, `E_LOCKED` where somebody else has it.
   */
  async take(options: CallOptions = {}): Promise<void> {
    const taken = this.#lock ?? this.#taken(options);
    this.#lock = taken;
    // What failed may be tried again.
    taken.catch(() => {
      if (this.#lock === taken) this.#lock = undefined;
    });
    await taken;
  }

  async #taken(options: CallOptions): Promise<AsyncDisposable> {
    await makeFolder(this.root);
    const others = (await readdir(this.root)).filter((name) => !name.startsWith('.tranship-') && !own.has(name));
    if (others.length > 0)
      throw new TranshipError('E_NOT_A_LAYOUT', 'failed', 'The folder holds other things.', {
        side: 'destination',
        subject: this.location,
        hint: 'Name an empty folder, one that does not exist yet, or one of `tranship serve`.',
      });
    return lockFolder(this.root, { ...options, waitMs: lockWaitMs });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // One that failed was told to whoever wanted it.
    const lock = await this.#lock?.catch(() => undefined);
    await lock?.[Symbol.asyncDispose]();
  }
}
