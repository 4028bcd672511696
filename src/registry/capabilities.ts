import type { Product } from './product.ts';

const MiB = 1024 * 1024;

/**
 * What a registry can do. Each has a value that works everywhere ({@link safeDefaults}); better ones are earned by the
 * product, by what the registry showed in this run, or by the user's word, each outranking the one before.
 */
export interface Capabilities {
  /** The largest blob, in bytes, that goes up as one PUT with body; -1 for none. */
  readonly singlePutLimit: number;
  /** Bytes of one PATCH; `undefined` = the whole blob in one, which is what every registry meets daily. */
  readonly patchChunk: number | undefined;
  /** Whether a cut PATCH may go on where the upload's status says. The final digest does not prove it on Quay. */
  readonly resume: boolean;
  readonly mount: boolean;
  /** Whether one PUT by digest may name several tags; `undefined` = not tried yet. */
  readonly tagParameters: boolean | undefined;
  /** Whether there is a referrers API; `undefined` = not asked yet. */
  readonly referrersApi: boolean | undefined;
  /** Whether HEAD of a manifest answers with its digest and size. */
  readonly headManifests: boolean;
  /** Whether manifests of one repository must go up one after another. */
  readonly serialManifests: boolean;
  /** The `n` of a tag listing; `undefined` = the registry's own. */
  readonly tagPageSize: number | undefined;
}

export const safeDefaults: Capabilities = {
  singlePutLimit: 8 * MiB,
  patchChunk: undefined,
  resume: true,
  mount: true,
  tagParameters: undefined,
  referrersApi: undefined,
  headManifests: true,
  serialManifests: false,
  tagPageSize: 1000,
};

/** What is known of a product from measurements and its documents. */
const ofProduct: Partial<Record<Product, Partial<Capabilities>>> = {
  acr: { resume: false, tagParameters: false },
  'docker-hub': { tagParameters: false, tagPageSize: 100 },
  ecr: { resume: false, tagParameters: false },
  'ecr-public': { resume: false, tagParameters: false },
  gcp: { resume: false, mount: false, tagParameters: false },
  ghcr: { resume: false, tagParameters: false, referrersApi: false },
  gitea: { resume: false, tagParameters: false, serialManifests: true },
  gitlab: { tagParameters: false },
  pulp: { tagParameters: false, serialManifests: true },
  quay: { resume: false, tagParameters: false, serialManifests: true, tagPageSize: 100 },
};

/** One registry's capabilities, which change while it is used. */
export class Abilities {
  readonly #given: Partial<Capabilities>;
  readonly #learned: { -readonly [K in keyof Capabilities]?: Capabilities[K] } = {};
  readonly #onDowngrade: (what: keyof Capabilities, why: string) => void;
  product: Product | undefined;

  constructor(
    product: Product | undefined,
    given: Partial<Capabilities>,
    onDowngrade: (what: keyof Capabilities, why: string) => void,
  ) {
    this.product = product;
    this.#given = given;
    this.#onDowngrade = onDowngrade;
  }

  get now(): Capabilities {
    const known = this.product === undefined ? {} : ofProduct[this.product];
    return { ...safeDefaults, ...known, ...this.#learned, ...this.#given };
  }

  /** What this run found out, to be handed in again another time. */
  get learned(): Partial<Capabilities> {
    return { ...this.#learned };
  }

  learn<K extends keyof Capabilities>(what: K, value: Capabilities[K]): void {
    if (this.now[what] !== value) this.#learned[what] = value;
  }

  /** Learns that something does not go, and says so. */
  downgrade<K extends keyof Capabilities>(what: K, value: Capabilities[K], why: string): void {
    if (this.now[what] === value) return;
    this.learn(what, value);
    this.#onDowngrade(what, why);
  }
}
