import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { TagName } from '../oci/names.ts';
import type { ContentWriter } from '../oci/ports.ts';
import type { BlobOutcome, Event } from '../report/events.ts';
import type { CopyDestination } from './copy.ts';
import type { GraphNode } from './graph.ts';
import type { Novelty, RepositoryLedger } from './repository-ledger.ts';

/** An event of one copy, before it is stamped. */
export type CopyEvent = DistributiveOmit<Extract<Event, { copy: string }>, 'at' | 'copy'>;

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** One destination while an image is copied to it. It fails by itself, and the others go on. */
export class Target {
  readonly id: string;
  readonly place: ContentWriter;
  readonly tags: readonly TagName[];
  readonly observed: Digest | null | undefined;
  readonly hasTags: boolean | undefined;
  readonly repository: RepositoryLedger;
  /** Fires when the run is stopped or this destination failed: its other transfers need not go on. */
  readonly signal: AbortSignal;
  readonly emit: (event: CopyEvent) => void;
  novelty: Novelty = 'existing';
  /** The graph that this destination gets. */
  root: GraphNode | undefined;
  /** Whether the image or a tag was stored. */
  wrote = false;
  /** Referrers that were stored. */
  referrers = 0;
  readonly #stop = new AbortController();
  readonly #settled = new Map<Digest, BlobOutcome>();
  readonly #bytes: Record<BlobOutcome, number> = { copied: 0, mounted: 0, present: 0 };
  readonly #seen = new Map<TagName, Digest | undefined>();
  readonly #planned = new Map<Digest, number>();
  #aim: Digest | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(
    destination: CopyDestination,
    context: {
      readonly id: string;
      readonly repository: RepositoryLedger;
      readonly emit: (event: CopyEvent) => void;
      readonly signal: AbortSignal | undefined;
    },
  ) {
    this.id = context.id;
    this.place = destination.place;
    this.tags = destination.tags;
    this.observed = destination.observed;
    this.hasTags = destination.hasTags;
    this.repository = context.repository;
    this.emit = context.emit;
    this.signal = context.signal ? AbortSignal.any([context.signal, this.#stop.signal]) : this.#stop.signal;
  }

  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  get bytes(): Readonly<Record<BlobOutcome, number>> {
    return this.#bytes;
  }

  /** What the tags shall name. */
  get aim(): Digest | undefined {
    return this.#aim;
  }

  aimAt(digest: Digest): void {
    this.#aim = digest;
  }

  /** What the first tag named before. */
  get previous(): Digest | undefined {
    const [tag] = this.tags;
    return tag === undefined ? undefined : this.#seen.get(tag);
  }

  sawTag(tag: TagName, digest: Digest | undefined): void {
    this.#seen.set(tag, digest);
  }

  /** The tags that name something else, or nothing. */
  get outdatedTags(): readonly TagName[] {
    return this.tags.filter((tag) => this.#seen.get(tag) !== this.#aim);
  }

  /** Whether there is something to do; what goes without tags has to be looked for first. */
  get isOutdated(): boolean {
    return this.tags.length === 0 || this.outdatedTags.length > 0;
  }

  /** Bytes of the largest blob that the copy consists of. */
  get largest(): number {
    return this.#planned.values().reduce((most, size) => Math.max(most, size), 0);
  }

  /** Adds to what the copy consists of, and tells the new totals. */
  plan(blobs: readonly Descriptor[]): void {
    for (const { digest, size } of blobs) this.#planned.set(digest, size);
    const bytes = [...this.#planned.values()].reduce((sum, size) => sum + size, 0);
    if (this.#aim) this.emit({ type: 'copy-planned', digest: this.#aim, blobs: this.#planned.size, bytes });
  }

  /** The first failure counts; what follows from it does not. */
  fail(error: unknown): void {
    if (this.#failure) return;
    this.#failure = { error };
    this.#stop.abort(error);
  }

  settled(digest: Digest): BlobOutcome | undefined {
    return this.#settled.get(digest);
  }

  settle(blob: Descriptor, outcome: BlobOutcome): void {
    this.#settled.set(blob.digest, outcome);
    this.#bytes[outcome] += blob.size;
    this.emit({ type: 'blob-finished', digest: blob.digest, size: blob.size, outcome });
  }
}

/** Does `work` for every target that has not failed. What it throws fails that target alone. */
export async function forEachLive(targets: readonly Target[], work: (target: Target) => Promise<void>): Promise<void> {
  await Promise.all(eachLive(targets, work).values());
}

/** The same, with the end of each by itself: none waits for another. */
export function eachLive(
  targets: readonly Target[],
  work: (target: Target) => Promise<void>,
): ReadonlyMap<Target, Promise<void>> {
  const live = targets.filter((target) => !target.failure);
  return new Map(live.map((target) => [target, failingAlone(target, work)]));
}

/** What `work` throws is the failure of this target and of nobody else. */
export async function failingAlone(target: Target, work: (target: Target) => Promise<unknown>): Promise<void> {
  try {
    await work(target);
  } catch (error) {
    target.fail(error);
  }
}
