import type { Digest } from '../oci/digest.ts';
import type { ContentWriter } from '../oci/ports.ts';
import type { RegistryBlobs } from './registry-blobs.ts';

/** Whether a repository may hold blobs already. In a new one nothing is asked for, because nothing can be there. */
export type Novelty = 'new' | 'existing';

/** What the run knows of one destination repository. */
export class RepositoryLedger {
  readonly place: ContentWriter;
  readonly registry: RegistryBlobs;
  readonly #held = new Set<Digest>();
  readonly #arriving = new Map<Digest, Promise<unknown>>();
  /** Repositories that a mount from was refused: not tried again in this run. */
  readonly #unmountable = new Set<string>();
  #novelty: Promise<Novelty> | undefined;

  constructor(place: ContentWriter, registry: RegistryBlobs) {
    this.place = place;
    this.registry = registry;
  }

  holds(digest: Digest): boolean {
    return this.#held.has(digest);
  }

  note(digest: Digest): void {
    this.#held.add(digest);
    this.registry.holds(digest, this.place);
    this.registry.pulse.beat();
  }

  /** The destination contradicted: neither this nor any other belief about the content is kept. */
  forget(digest: Digest): void {
    this.#held.delete(digest);
    this.registry.forget(digest, this.place);
  }

  arriving(digest: Digest): Promise<unknown> | undefined {
    return this.#arriving.get(digest);
  }

  /** Does `work`, which brings `digest` here, while all others wait for it. */
  async lead<T>(digest: Digest, work: () => Promise<T>): Promise<T> {
    const arrival = work();
    this.#arriving.set(digest, arrival);
    try {
      const outcome = await arrival;
      this.note(digest);
      return outcome;
    } finally {
      this.#arriving.delete(digest);
    }
  }

  mayMountFrom(location: string): boolean {
    return !this.#unmountable.has(location);
  }

  mountRefused(location: string): void {
    this.#unmountable.add(location);
  }

  /** Found out once, by the first who asks. Where that fails, the next one asks. */
  async novelty(findOut: () => Promise<Novelty>): Promise<Novelty> {
    while (this.#novelty) {
      const known = await this.#novelty.catch(() => undefined);
      if (known) return known;
    }
    const answer = findOut();
    this.#novelty = answer;
    try {
      return await answer;
    } catch (error) {
      this.#novelty = undefined;
      throw error;
    }
  }
}
