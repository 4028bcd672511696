import type { CallOptions } from '../oci/ports.ts';
import { asWriteFailure } from './failures.ts';
import { indexStamp, readIndex, writeIndex } from './index-file.ts';
import { Journal, replayJournal } from './journal.ts';
import type { IndexChange, LayoutIndex } from './layout-index.ts';
import { lockFolder } from './lock.ts';
import { Serial } from './serial.ts';

/** A layout's index as others may change it at any time: read again when the file is another, changed under the lock. */
export class IndexOnDisk {
  readonly #dir: string;
  readonly #lockWaitMs: number | undefined;
  readonly #lane = new Serial();
  #pending: IndexChange[] = [];
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

  /** Returns once `index.json` holds the change. Changes that wait together are written together. */
  async change(change: IndexChange, options: CallOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    this.#pending.push(change);
    await this.#lane.run(() => this.#write(options));
  }

  async #write({ signal }: CallOptions): Promise<void> {
    if (this.#pending.length === 0) return;
    const wait = this.#lockWaitMs === undefined ? {} : { waitMs: this.#lockWaitMs };
    await using _lock = await lockFolder(this.#dir, { ...wait, signal });
    const changes = this.#pending.splice(0);
    const index = await readIndex(this.#dir);
    const journaled = await replayJournal(this.#dir, index);
    for (const change of changes) index.apply(change);
    try {
      await writeIndex(this.#dir, index);
    } catch (error) {
      throw asWriteFailure(error, this.#dir);
    }
    if (journaled) await new Journal(this.#dir).remove();
    const stamp = await indexStamp(this.#dir);
    this.#cached = stamp === undefined ? undefined : { stamp, index };
  }
}
