import { TranshipError } from '../oci/errors.ts';
import type { Target } from './target.ts';

/** How long nothing may get on at a destination, in milliseconds: longer than it takes to notice that a connection stalled. */
const standstillMs = 40_000;
/** A registry may be silent while it puts a large blob in its place. */
const commitMsPerGigabyte = 20_000;
const lookEveryMs = 1000;

/**
 * Leaves behind which of an image's destinations stands still while others are done. It fails there for a reason that passes, and with
 * further images before it is asked: so it holds no place in the run that the others could use. For whoever tries again what failed
 * so, at the end and by itself, with all the patience that a host gets.
 */
export class Stragglers implements Disposable {
  readonly #left: Set<Target>;
  #timer: NodeJS.Timeout | undefined;

  constructor(targets: readonly Target[]) {
    this.#left = new Set(targets);
    const still = targets.filter(({ repository }) => repository.registry.pulse.isLeftBehind);
    if (still.length === targets.length) return;
    for (const target of still) target.fail(leftBehind(target));
  }

  /** From the first that is done on, the others have to get on. */
  ended(target: Target): void {
    this.#left.delete(target);
    if (this.#left.size === 0) this[Symbol.dispose]();
    else if (!target.failure && this.#timer === undefined) this.#watch();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #watch(): void {
    const since = performance.now();
    this.#timer = setInterval(() => {
      for (const target of this.#left) this.#look(target, since);
    }, lookEveryMs);
  }

  #look(target: Target, since: number): void {
    const { pulse } = target.repository.registry;
    const stillMs = performance.now() - Math.max(since, pulse.beatAt);
    const patienceMs = standstillMs + (target.largest / 1e9) * commitMsPerGigabyte;
    if (stillMs < patienceMs && !pulse.isLeftBehind) return;
    pulse.isLeftBehind = true;
    target.fail(leftBehind(target));
  }
}

function leftBehind({ place }: Target): TranshipError {
  const message = `${place.location} stands still, so the other destinations go on without it.`;
  return new TranshipError('E_LEFT_BEHIND', 'temporary', message, {
    side: 'destination',
    subject: place.location,
    hint: 'It is tried again at the end.',
  });
}
