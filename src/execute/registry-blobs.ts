import type { Digest } from '../oci/digest.ts';
import type { ContentWriter } from '../oci/ports.ts';
import { Pulse } from './pulse.ts';

/** Mounts that a registry may refuse, without taking one, before it is no longer asked. */
const mostRefusals = 3;

/** Which repository of one registry holds a blob, and in which it arrives now. */
export class RegistryBlobs {
  readonly pulse = new Pulse();
  readonly #holders = new Map<Digest, ContentWriter>();
  readonly #arriving = new Map<Digest, Promise<void>>();
  #refused = 0;
  #taken = 0;

  /** Some registries never mount; waiting for another repository's upload would only cost time there. */
  get mountsAreWorthwhile(): boolean {
    return this.#taken > 0 || this.#refused < mostRefusals;
  }

  countMount(taken: boolean): void {
    if (taken) this.#taken += 1;
    else this.#refused += 1;
  }

  holderOf(digest: Digest): ContentWriter | undefined {
    return this.#holders.get(digest);
  }

  arriving(digest: Digest): Promise<void> | undefined {
    return this.#arriving.get(digest);
  }

  /** `arrival` brings the blob into `place`. Never rejects: followers look at what is known afterwards. */
  lead(digest: Digest, place: ContentWriter, arrival: Promise<unknown>): void {
    const settled = arrival.then(
      () => void this.#holders.set(digest, place),
      () => undefined,
    );
    this.#arriving.set(digest, settled);
    void settled.then(() => this.#arriving.delete(digest));
  }

  holds(digest: Digest, place: ContentWriter): void {
    if (!this.#holders.has(digest)) this.#holders.set(digest, place);
  }

  forget(digest: Digest, place: ContentWriter): void {
    if (this.#holders.get(digest) === place) this.#holders.delete(digest);
  }
}
