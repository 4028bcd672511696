import type { Clock } from '../kit/clock.ts';
import { limits } from './limits.ts';

/**
 * How many retries a host is sent: per minute at most a fifth of its requests, with a floor. So a host that fails for all is
 * not asked many times over by all.
 */
export class RetryBudget {
  readonly #clock: Clock;
  #since: number;
  #requests = 0;
  #retries = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.now();
  }

  countRequest(): void {
    this.#roll();
    this.#requests += 1;
  }

  /** Whether one more retry may be sent now; if so it is counted. */
  takeRetry(): boolean {
    this.#roll();
    if (this.#retries >= Math.max(limits.budgetFloor, limits.budgetShare * this.#requests)) return false;
    this.#retries += 1;
    return true;
  }

  #roll(): void {
    const now = this.#clock.now();
    if (now - this.#since < limits.budgetWindow) return;
    this.#since = now;
    this.#requests = 0;
    this.#retries = 0;
  }
}
