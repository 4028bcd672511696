import { Batches } from './batches.ts';
import { readIndex, writeIndex } from './index-file.ts';
import { Journal, replayJournal } from './journal.ts';
import type { IndexChange, LayoutIndex } from './layout-index.ts';

/** The journal goes into `index.json` when it has grown to this many bytes and to about the size of the index itself. */
const journalBytes = 4 * 1024 * 1024;

/** Roughly what one entry takes in `index.json`. */
const entryBytes = 250;

/**
 * A layout's index for someone who holds the layout's lock and changes it often: a change costs one append, and changes
 * that come together share it.
 */
export class JournaledIndex {
  readonly index: LayoutIndex;
  readonly #dir: string;
  readonly #journal: Journal;
  readonly #batches = new Batches<IndexChange>((changes) => this.#write(changes));
  #written: boolean;

  constructor(dir: string, index: LayoutIndex, written: boolean) {
    this.#dir = dir;
    this.index = index;
    this.#journal = new Journal(dir);
    this.#written = written;
  }

  /** Reads the index, and puts into it what a crashed predecessor left in the journal. */
  static async open(dir: string): Promise<JournaledIndex> {
    const index = await readIndex(dir);
    const replayed = await replayJournal(dir, index);
    const journaled = new JournaledIndex(dir, index, !replayed);
    await journaled.close();
    return journaled;
  }

  /** Returns once the change is durable and seen by readers of `index`. */
  commit(change: IndexChange): Promise<void> {
    return this.#batches.add(change);
  }

  /** Puts everything into `index.json`. */
  close(): Promise<void> {
    return this.#batches.between(() => this.#compact());
  }

  async #write(changes: readonly IndexChange[]): Promise<void> {
    await this.#journal.append(changes);
    this.#written = false;
    for (const change of changes) this.index.apply(change);
    if (this.#journal.size > Math.max(journalBytes, this.index.size * entryBytes)) await this.#compact();
  }

  async #compact(): Promise<void> {
    if (this.#written) return;
    await writeIndex(this.#dir, this.index);
    await this.#journal.remove();
    this.#written = true;
  }
}
