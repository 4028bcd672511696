import type { Clock } from './clock.ts';

/**
 * So much a second, with at most one second's worth saved up. Taking more than there is makes a debt, and who takes waits
 * until it is paid: so a large piece passes whole and the average holds.
 */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #clock: Clock;
  #level: number;
  #filledAt: number;

  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#level = perSecond;
    this.#filledAt = clock.now();
  }

  /** Resolves once `amount` may be used. */
  async take(amount: number, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    const wait = this.debtAfter(amount);
    if (wait > 0) await this.#clock.sleep(wait, options);
  }

  /** Takes at once and tells the milliseconds until the debt is paid. */
  debtAfter(amount: number): number {
    this.#refill();
    this.#level -= amount;
    return this.#level >= 0 ? 0 : (-this.#level / this.#perSecond) * 1000;
  }

  #refill(): void {
    const now = this.#clock.now();
    const earned = ((now - this.#filledAt) / 1000) * this.#perSecond;
    this.#filledAt = now;
    this.#level = Math.min(this.#perSecond, this.#level + earned);
  }
}
