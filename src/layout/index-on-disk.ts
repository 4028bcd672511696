import type { CallOptions } from '../oci/ports.ts';
import { Batches } from './batches.ts';
import { asWriteFailure } from './failures.ts';
import { createLayout, indexStamp, isLayout, readIndex, writeIndex } from './index-file.ts';
import { Journal, replayJournal } from './journal.ts';
import { type IndexChange, LayoutIndex } from './layout-index.ts';
import { lockFolder } from './lock.ts';

export interface IndexOnDiskOptions {
  readonly lockWaitMs?: number | undefined;
  readonly mayVanish?: boolean;
}

/**
 * A layout's index as others may change it at any time: read again when the file is another, changed under the lock. While
 * nobody else writes, {@link IndexOnDisk.read} gives the same object.
 */
export class IndexOnDisk {
  readonly #dir: string;
  readonly #lockWaitMs: number | undefined;
  readonly #mayVanish: boolean;
  readonly #batches = new Batches<IndexChange>((changes) => this.#write(changes));
  #cached: { readonly stamp: string; readonly index: LayoutIndex } | undefined;

  /** `mayVanish`: whoever made the layout may take it away again unused (see `unmakeLayout`); then it is made anew for a change. */
  constructor(dir: string, { lockWaitMs, mayVanish = false }: IndexOnDiskOptions = {}) {
    this.#dir = dir;
    this.#lockWaitMs = lockWaitMs;
    this.#mayVanish = mayVanish;
  }

  async read(): Promise<LayoutIndex> {
    const stamp = await indexStamp(this.#dir);
    if (stamp !== undefined && this.#cached?.stamp === stamp) return this.#cached.index;
    if (stamp === undefined && this.#mayVanish && !(await isLayout(this.#dir))) return new LayoutIndex();
    const index = await readIndex(this.#dir);
    const journaled = await replayJournal(this.#dir, index);
    this.#cached = stamp === undefined || journaled ? undefined : { stamp, index };
    return index;
  }

  async #remember(index: LayoutIndex): Promise<void> {
    const stamp = await indexStamp(this.#dir);
    this.#cached = stamp === undefined ? undefined : { stamp, index };
  }

  /** Returns once `index.json` holds the change. Changes that wait together are written together. */
  async change(change: IndexChange, { signal }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    await this.#batches.add(change);
  }

  async #write(changes: readonly IndexChange[]): Promise<void> {
    await using _lock = await lockFolder(this.#dir, this.#lockWaitMs === undefined ? {} : { waitMs: this.#lockWaitMs });
    if (this.#mayVanish && !(await isLayout(this.#dir))) await createLayout(this.#dir);
    const index = await this.read();
    const journaled = this.#cached === undefined;
    this.#cached = undefined;
    for (const change of changes) index.apply(change);
    try {
      await writeIndex(this.#dir, index);
      if (journaled) await new Journal(this.#dir).remove();
    } catch (error) {
      throw asWriteFailure(error, this.#dir);
    }
    await this.#remember(index);
  }
}
