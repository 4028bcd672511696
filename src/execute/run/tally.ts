/** What a run has come to so far: its plans, its final failures, and what is to be tried again in the next pass. */
import type { FailureClass } from '../../oci/errors.ts';
import type { RepositoryPlan } from '../../plan/types.ts';
import type { EventListener } from '../../report/events.ts';

/** Something to do again in a later pass. Returns how many of its parts failed. */
export interface Retry {
  readonly size: number;
  again(): Promise<number>;
}

export interface TallyOptions {
  /** Times that an item is tried at most (decision "passes"). */
  readonly passes: number;
  readonly emit: EventListener;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export class Tally {
  readonly plans: RepositoryPlan[] = [];
  readonly failures: FailureClass[] = [];
  readonly #options: TallyOptions;
  #retries: Retry[] = [];
  #pass = 1;
  #done = 0;
  #blocked = 0;

  constructor(options: TallyOptions) {
    this.#options = options;
  }

  get isLastPass(): boolean {
    return this.#pass >= this.#options.passes;
  }

  /** Copies and deletions that were carried out, or need not be. */
  get done(): number {
    return this.#done;
  }

  get blocked(): number {
    return this.#blocked;
  }

  /** Final failures. Returns their number, so that a stage can count its own. */
  failed(...failures: readonly FailureClass[]): number {
    this.failures.push(...failures);
    return failures.length;
  }

  succeeded(items: number): void {
    this.#done += items;
  }

  /** Whether it will be tried again: for a reason that may pass, while there is a pass left. Else it is final. */
  retryLater(error: { readonly failure: FailureClass }, retry: Retry): boolean {
    if (!mayPass(error) || this.isLastPass) return false;
    this.#retries.push(retry);
    return true;
  }

  planned(plan: RepositoryPlan): void {
    this.plans.push(plan);
    this.#done += plan.same + plan.trusted;
    this.#blocked += plan.items.filter(({ action }) => action === 'blocked').length;
    this.#options.emit({ type: 'repository-planned', at: this.#options.now(), plan });
  }

  warn(code: string, message: string, subject: string): void {
    this.#options.emit({ type: 'warning', at: this.#options.now(), code, message, subject });
  }

  /** Runs the further passes, until nothing is left that may still succeed. */
  async runRetries(): Promise<void> {
    while (this.#retries.length > 0) {
      const retries = this.#retries;
      this.#retries = [];
      this.#pass += 1;
      const items = retries.reduce((sum, { size }) => sum + size, 0);
      this.#options.emit({ type: 'pass-started', at: this.#options.now(), pass: this.#pass, items });
      await Promise.all(retries.map(({ again }) => again()));
    }
  }
}

/** Whether another try may help. What the destination refuses for good is not tried again. */
export function mayPass({ failure }: { readonly failure: FailureClass }): boolean {
  return failure === 'temporary';
}
