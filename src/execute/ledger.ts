import { AdaptiveLimiter } from '../kit/limiter.ts';
import type { Digest } from '../oci/digest.ts';
import { type ContentReader, type ContentWriter, supports } from '../oci/ports.ts';
import { blobsInFlight } from './limits.ts';
import { RepositoryLedger } from './repository-ledger.ts';

export interface LedgerOptions {
  /** Blobs in flight in the whole run. */
  readonly blobsInFlight?: number;
}

/**
 * What one run knows of its destinations: which blobs are where, and which are on their way. It makes each distinct blob travel
 * once per registry, and is only ever a belief: the destination decides, and `forget` corrects.
 */
export class Ledger {
  /** Bounds the blobs in flight, and with them the read buffers. */
  readonly slots: AdaptiveLimiter;
  readonly #repositories = new Map<string, RepositoryLedger>();
  readonly #registries: { readonly member: ContentWriter; readonly shared: RegistryBlobs }[] = [];
  readonly #attachmentTags = new Map<string, unknown>();

  constructor(options: LedgerOptions = {}) {
    this.slots = new AdaptiveLimiter(options.blobsInFlight ?? blobsInFlight);
  }

  /** Of the repository (or layout) that `place` stands for; two objects with one location are one repository. */
  repository(place: ContentWriter): RepositoryLedger {
    const known = this.#repositories.get(place.location);
    if (known) return known;
    const made = new RepositoryLedger(place, this.#registryOf(place));
    this.#repositories.set(place.location, made);
    return made;
  }

  /** A value kept for `source` during the run, made by the first who asks. A failed one is asked for again. */
  remember<T>(source: ContentReader, make: () => Promise<T>): Promise<T> {
    const known = this.#attachmentTags.get(source.location);
    if (known) return known as Promise<T>;
    const made = make();
    this.#attachmentTags.set(source.location, made);
    made.catch(() => this.#attachmentTags.delete(source.location));
    return made;
  }

  #registryOf(place: ContentWriter): RegistryBlobs {
    if (!supports(place, 'mount')) return new RegistryBlobs();
    const known = this.#registries.find(({ member }) => place.canMountFrom(member));
    if (known) return known.shared;
    const made = { member: place, shared: new RegistryBlobs() };
    this.#registries.push(made);
    return made.shared;
  }
}

/** Which repository of one registry holds a blob, and in which it arrives now. */
export class RegistryBlobs {
  readonly #holders = new Map<Digest, ContentWriter>();
  readonly #arriving = new Map<Digest, Promise<void>>();

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
