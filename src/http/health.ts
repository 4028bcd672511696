import type { Clock } from '../kit/clock.ts';
import { Breaker } from './breaker.ts';
import { limits } from './limits.ts';
import type { Vain } from './trouble.ts';

export interface HealthOptions {
  readonly host: string;
  readonly clock: Clock;
  /** Told when somebody has to wait. */
  onWait(milliseconds: number, reason: string): void;
}

interface AskOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * How a host is doing, as a whole and at each kind of request (`PUT uploads`) by itself: some answer every question and take no
 * upload, and what they do well must not hide what they never do.
 */
export class Health {
  readonly #options: HealthOptions;
  readonly #whole: Breaker;
  /** Kinds are few: a method and one of a handful of words each. */
  readonly #tasks = new Map<string, Breaker>();
  #isReached = false;
  #successes = 0;

  constructor(options: HealthOptions) {
    this.#options = options;
    this.#whole = new Breaker(options);
  }

  /** Whether a connection ever stood. */
  get isReached(): boolean {
    return this.#isReached;
  }

  /** Requests that went well so far. */
  get successes(): number {
    return this.#successes;
  }

  /** Resolves when a request may go out; rejects where it is not worth waiting. The leave must be used, see {@link Leave}. */
  async leave(task: string, options: AskOptions): Promise<Leave> {
    const mine = this.#tasks.get(task) ?? this.#newTask(task);
    const probes: Breaker[] = [];
    try {
      for (const breaker of [this.#whole, mine]) {
        if (!breaker.isClosed && (await breaker.admit(options))) probes.push(breaker);
      }
    } catch (error) {
      for (const breaker of probes) breaker.abandoned();
      throw error;
    }
    return new Leave(this.#whole, mine, { probes, now: () => this.#options.clock.now(), health: this });
  }

  /** Throws where the host is given up, and nobody is to ask it now. */
  refuseGivenUp(): void {
    this.#whole.refuseGivenUp();
  }

  notReached(startedAt: number, why: string): void {
    this.#whole.failed({ startedAt, why, isThrottled: false, ...this.patience });
  }

  /** How long and how often it is asked in vain. */
  get patience(): Pick<Vain, 'patience' | 'tries'> {
    const tries = this.#successes > 0 ? limits.patienceTries : 1;
    return { patience: this.#isReached ? limits.patience : limits.unreachedPatience, tries };
  }

  spoke(): void {
    this.#isReached = true;
  }

  succeeded(): void {
    this.#isReached = true;
    this.#successes += 1;
  }

  #newTask(task: string): Breaker {
    const breaker = new Breaker({ ...this.#options, task });
    this.#tasks.set(task, breaker);
    return breaker;
  }
}

interface LeaveParts {
  /** Those for which this request is the one that was let through to see. */
  readonly probes: readonly Breaker[];
  readonly now: () => number;
  readonly health: Health;
}

/** The leave to ask a host for something. Exactly one of `answered`, `failed`, `throttled`, `broke` and `dropped` is called first. */
export class Leave {
  readonly #whole: Breaker;
  readonly #task: Breaker;
  readonly #parts: LeaveParts;
  /** Once it is let out. */
  #startedAt: number;
  #isAnswered = false;

  constructor(whole: Breaker, task: Breaker, parts: LeaveParts) {
    this.#whole = whole;
    this.#task = task;
    this.#parts = parts;
    this.#startedAt = parts.now();
  }

  get startedAt(): number {
    return this.#startedAt;
  }

  /** It goes out now, after what else there was to wait for. */
  goesOut(): void {
    this.#startedAt = this.#parts.now();
  }

  /** The host did what it was asked for, or said why not; `completed` follows unless the rest of its answer gets lost. */
  answered(): void {
    this.#isAnswered = true;
    this.#parts.health.succeeded();
    this.#whole.succeeded();
    this.#task.spoke();
  }

  completed(): void {
    if (this.#isAnswered) this.#task.succeeded();
  }

  /** `isReached`: there was a connection. May follow `answered`, for a body that breaks off. */
  failed(why: string, isReached: boolean): void {
    if (isReached) this.#parts.health.spoke();
    const vain = { startedAt: this.#startedAt, why, isThrottled: false, ...this.#parts.health.patience };
    for (const breaker of [this.#whole, this.#task]) breaker.failed(vain, this.#parts.probes.includes(breaker));
  }

  throttled(why: string): void {
    this.#answeredInVain({ why, isThrottled: true, patience: limits.throttlePatience });
  }

  /** The host says that it failed, which it may say of one thing for ever and of all others never: nobody else waits for that. */
  broke(why: string): void {
    this.#answeredInVain({ why, isThrottled: false });
  }

  /** It came to nothing for reasons that are not the host's. */
  dropped(): void {
    for (const breaker of this.#parts.probes) breaker.abandoned();
  }

  #answeredInVain(answer: Pick<Vain, 'why' | 'isThrottled'> & Partial<Vain>): void {
    const { health, probes } = this.#parts;
    health.spoke();
    const vain = { startedAt: this.#startedAt, ...health.patience, ...answer };
    for (const breaker of [this.#whole, this.#task]) breaker.answeredInVain(vain, probes.includes(breaker));
  }
}
