/** Keeps a run from using up the pulls that a source counts: it stops before the last, so that people can still pull. */
import type { CallOptions } from '../../oci/ports.ts';
import type { Tally } from './tally.ts';
import type { PullQuota, SyncWorld } from './world.ts';

/** Manifests of one image that are reckoned with: an index of some platforms, and what is attached. */
const pullsOfAnImage = 8;

/** At most so many pulls, and at most a quarter of what is left, are kept back for images under way. */
const mostKeptBack = 32;

export function pullsLeftText({ remaining, limit }: PullQuota): string {
  return `${remaining} of ${limit} pulls are left.`;
}

export class PullGate {
  readonly #world: SyncWorld;
  readonly #tally: Tally;
  readonly #turns = new Map<string, Promise<boolean>>();
  /** Images that may be begun before the registry is asked again; absent = nothing is counted there. */
  readonly #budgets = new Map<string, number>();
  readonly #free = new Set<string>();

  constructor(world: SyncWorld, tally: Tally) {
    this.#world = world;
    this.#tally = tally;
  }

  /** Whether another image may be begun. Asking costs a request now and then, and no pull. */
  admits(registry: string, options: CallOptions): Promise<boolean> {
    if (this.#world.pullsLeft === undefined || this.#free.has(registry)) return Promise.resolve(true);
    const before = this.#turns.get(registry) ?? Promise.resolve(true);
    const turn = before.then(() => this.#take(registry, options));
    this.#turns.set(registry, turn);
    return turn;
  }

  async #take(registry: string, options: CallOptions): Promise<boolean> {
    if (this.#free.has(registry)) return true;
    const known = this.#budgets.get(registry);
    const budget = known !== undefined && known > 0 ? known : await this.#ask(registry, known === undefined, options);
    if (budget === undefined) return true;
    this.#budgets.set(registry, budget - 1);
    return budget > 0;
  }

  /** A registry that does not answer the question counts nothing that we could respect. */
  async #ask(registry: string, isFirst: boolean, options: CallOptions): Promise<number | undefined> {
    const quota = await this.#world.pullsLeft?.(registry, options).catch(() => undefined);
    if (quota === undefined) {
      this.#free.add(registry);
      return undefined;
    }
    const { remaining } = quota;
    if (isFirst) this.#tally.warn('W_PULL_QUOTA', pullsLeftText(quota), registry);
    const keptBack = Math.min(mostKeptBack, Math.floor(remaining / 4));
    return Math.floor((remaining - keptBack) / pullsOfAnImage);
  }
}
