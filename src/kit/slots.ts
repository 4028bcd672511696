/**
 * A few things that come and go all the time, in a place that stays the same. A `Set` with such a traffic is copied again and
 * again, and each old copy that V8 has moved to its old space keeps what was in it until the next full collection.
 */
export class Slots<T> implements Iterable<T> {
  readonly #held: (T | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#held.length - this.#free.length;
  }

  /** Takes `value` in. The returned function lets go of it; further calls do nothing. */
  add(value: T & {}): () => void {
    const slot = this.#free.pop() ?? this.#held.length;
    let isIn = true;
    this.#held[slot] = value;
    return () => {
      if (!isIn) return;
      isIn = false;
      this.#held[slot] = undefined;
      this.#free.push(slot);
    };
  }

  /** In no particular order. What is let go of meanwhile is left out. */
  *[Symbol.iterator](): Generator<T> {
    for (const value of this.#held) if (value !== undefined) yield value;
  }
}
