import { AdaptiveLimiter } from '../kit/limiter.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type ContentReader, type ContentWriter, supports } from '../oci/ports.ts';
import { blobsInFlight, heldBack, smallBlobsInFlight } from './limits.ts';
import { RegistryBlobs } from './registry-blobs.ts';
import { RepositoryLedger } from './repository-ledger.ts';

export interface LedgerOptions {
  /** Blobs in flight in the whole run, of the small ones and of the others. */
  readonly blobsInFlight?: number;
}

/**
 * What one run knows of its destinations: which blobs are where, and which are on their way. It makes each distinct blob travel
 * once per registry, and is only ever a belief: the destination decides, and `forget` corrects.
 */
export class Ledger {
  readonly #slots: AdaptiveLimiter;
  readonly #smallSlots: AdaptiveLimiter;
  readonly #repositories = new Map<string, RepositoryLedger>();
  readonly #registries: { readonly member: ContentWriter; readonly shared: RegistryBlobs }[] = [];
  readonly #remembered = new Map<string, unknown>();

  constructor(options: LedgerOptions = {}) {
    this.#slots = new AdaptiveLimiter(options.blobsInFlight ?? blobsInFlight);
    this.#smallSlots = new AdaptiveLimiter(options.blobsInFlight ?? smallBlobsInFlight);
  }

  /** Bounds the blobs in flight, and with them the read buffers. Small ones do not wait behind large ones. */
  slotsFor({ size }: Descriptor): AdaptiveLimiter {
    return size <= heldBack ? this.#smallSlots : this.#slots;
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
    const known = this.#remembered.get(source.location);
    if (known) return known as Promise<T>;
    const made = make();
    this.#remembered.set(source.location, made);
    made.catch(() => this.#remembered.delete(source.location));
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
