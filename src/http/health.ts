import type { Clock } from '../kit/clock.ts';
import { Breaker } from './breaker.ts';
import { limits } from './limits.ts';
import type { Vain } from './trouble.ts';

interface HealthOptions {
  readonly host: string;
  readonly clock: Clock;
  /** Told when somebody has to wait. */
  onWait(milliseconds: number, reason: string): void;
}

interface AskOptions {
  readonly signal?: AbortSignal | undefined;
  readonly awaitsHost?: boolean | undefined;
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
    const goesOut = options.awaitsHost === true || (this.#whole.isClosed && mine.isClosed);
    const probes = goesOut ? none : await admitted([this.#whole, mine], options);
    return new Leave(this, [this.#whole, mine], probes);
  }

  now(): number {
    return this.#options.clock.now();
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

const none: readonly Breaker[] = [];

/** Those for which the request is the one that is let through to see. */
async function admitted(breakers: readonly Breaker[], options: AskOptions): Promise<readonly Breaker[]> {
  const probes: Breaker[] = [];
  try {
    for (const breaker of breakers) if (await breaker.admit(options)) probes.push(breaker);
    return probes;
  } catch (error) {
    for (const breaker of probes) breaker.abandoned();
    throw error;
  }
}

/** The leave to ask a host for something. Exactly one of `answered`, `failed`, `throttled`, `broke` and `dropped` is called first. */
export class Leave {
  readonly #health: Health;
  /** Of the host, and of this kind of request. */
  readonly #breakers: readonly [Breaker, Breaker];
  readonly #probes: readonly Breaker[];
  #startedAt: number;
  #isAnswered = false;

  constructor(health: Health, breakers: readonly [Breaker, Breaker], probes: readonly Breaker[]) {
    this.#health = health;
    this.#breakers = breakers;
    this.#probes = probes;
    this.#startedAt = health.now();
  }

  get startedAt(): number {
    return this.#startedAt;
  }

  /** It goes out now, after what else there was to wait for. */
  goesOut(): void {
    this.#startedAt = this.#health.now();
  }

  /** The host did what it was asked for, or said why not; `completed` follows unless the rest of its answer gets lost. */
  answered(): void {
    this.#isAnswered = true;
    this.#health.succeeded();
    this.#breakers[0].succeeded();
    this.#breakers[1].spoke();
  }

  completed(): void {
    if (this.#isAnswered) this.#breakers[1].succeeded();
  }

  /** `isReached`: there was a connection. May follow `answered`, for a body that breaks off. */
  failed(why: string, isReached: boolean): void {
    if (isReached) this.#health.spoke();
    const vain = { startedAt: this.#startedAt, why, isThrottled: false, ...this.#health.patience };
    for (const breaker of this.#breakers) breaker.failed(vain, this.#probes.includes(breaker));
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
    for (const breaker of this.#probes) breaker.abandoned();
  }

  #answeredInVain(answer: Pick<Vain, 'why' | 'isThrottled'> & Partial<Vain>): void {
    this.#health.spoke();
    const vain = { startedAt: this.#startedAt, ...this.#health.patience, ...answer };
    for (const breaker of this.#breakers) breaker.answeredInVain(vain, this.#probes.includes(breaker));
  }
}
