import type { CallOptions } from '../oci/ports.ts';
import { Batches } from './batches.ts';
import { asWriteFailure } from './failures.ts';
import { indexStamp, readIndex, writeIndex } from './index-file.ts';
import { Journal, replayJournal } from './journal.ts';
import type { IndexChange, LayoutIndex } from './layout-index.ts';
import { lockFolder } from './lock.ts';

/**
 * A layout's index as others may change it at any time: read again when the file is another, changed under the lock. While
 * nobody else writes, {@link IndexOnDisk.read} gives the same object.
 */
export class IndexOnDisk {
  readonly #dir: string;
  readonly #lockWaitMs: number | undefined;
  readonly #batches = new Batches<IndexChange>((changes) => this.#write(changes));
  #cached: { readonly stamp: string; readonly index: LayoutIndex } | undefined;

  constructor(dir: string, lockWaitMs?: number) {
    this.#dir = dir;
    this.#lockWaitMs = lockWaitMs;
  }

  async read(): Promise<LayoutIndex> {
    const stamp = await indexStamp(this.#dir);
    if (stamp !== undefined && this.#cached?.stamp === stamp) return this.#cached.index;
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
