/**
 * Runs jobs one after another, in the order they came. A job that fails fails alone.
 */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(job: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(job, job);
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  /** Resolves once everything that was begun has ended. */
  async idle(): Promise<void> {
    await this.#last;
  }
}

/** One {@link Serial} a key, kept only while something runs. */
export class SerialByKey {
  readonly #lanes = new Map<string, { lane: Serial; users: number }>();

  async run<T>(key: string, job: () => Promise<T>): Promise<T> {
    const entry = this.#lanes.get(key) ?? { lane: new Serial(), users: 0 };
    this.#lanes.set(key, entry);
    entry.users++;
    try {
      return await entry.lane.run(job);
    } finally {
      if (--entry.users === 0) this.#lanes.delete(key);
    }
  }
}

/**
 * Joins callers of one costly act: whoever calls while it runs waits for one further run that began after the call. So the
 * act is done for everyone, at most twice at a time. Meant for `fsync` of a folder and the like.
 */
export class Shared {
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  readonly #act: () => Promise<void>;

  constructor(act: () => Promise<void>) {
    this.#act = act;
  }

  run(): Promise<void> {
    if (this.#running === undefined) return this.#begin();
    this.#next ??= this.#running.then(
      () => this.#begin(),
      () => this.#begin(),
    );
    return this.#next;
  }

  #begin(): Promise<void> {
    this.#next = undefined;
    const mine = this.#act().finally(() => {
      if (this.#running === mine) this.#running = undefined;
    });
    this.#running = mine;
    return mine;
  }
}
