import { Serial } from './serial.ts';

/**
 * Writes items in batches: what arrives while one batch is being written goes into the next. Everyone learns how the
 * batch went that holds the own item.
 */
export class Batches<T> {
  readonly #lane = new Serial();
  readonly #write: (items: readonly T[]) => Promise<void>;
  #waiting: { readonly items: T[]; readonly done: Promise<void> } | undefined;

  constructor(write: (items: readonly T[]) => Promise<void>) {
    this.#write = write;
  }

  add(item: T): Promise<void> {
    this.#waiting ??= this.#openBatch();
    this.#waiting.items.push(item);
    return this.#waiting.done;
  }

  /** Runs something between two batches. */
  between<R>(job: () => Promise<R>): Promise<R> {
    return this.#lane.run(job);
  }

  #openBatch(): { readonly items: T[]; readonly done: Promise<void> } {
    const items: T[] = [];
    const done = this.#lane.run(() => {
      this.#waiting = undefined;
      return this.#write(items);
    });
    return { items, done };
  }
}
