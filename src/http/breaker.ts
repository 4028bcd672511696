import type { Clock } from '../kit/clock.ts';
import { limits } from './limits.ts';
import { Trouble, type Troubled, type Vain } from './trouble.ts';

export interface BreakerOptions extends Troubled {
  readonly clock: Clock;
  /** Told when somebody has to wait. */
  onWait(milliseconds: number, reason: string): void;
}

/** A host that is left alone. */
interface Pause {
  readonly until: number;
  readonly length: number;
  /** Settles when it is known what became of the one request that was let through. */
  probe: PromiseWithResolvers<void> | undefined;
}

/**
 * Leaves a host alone after ten failures in a row, then lets one request through to see; the others wait for it, so that a
 * server which restarts costs a run nothing but time. What broke at the same moment may be a single mishap, so the failures have
 * to last for a second. A host that was asked in vain for too long is given up: then everything fails at once, but for one
 * request now and then.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  readonly #trouble: Trouble;
  #failures = 0;
  #pause: Pause | undefined;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#trouble = new Trouble(options);
  }

  /**
   * Resolves when a request may go out, and rejects where the host is given up. Gives whether this request is the probe: then it
   * must end with `succeeded`, `failed`, `answeredInVain` or `abandoned`.
   */
  async admit(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<boolean> {
    for (;;) {
      options.signal?.throwIfAborted();
      this.refuseGivenUp();
      const pause = this.#pause;
      if (pause === undefined) return false;
      const wait = pause.until - this.#options.clock.now();
      if (wait > 0) await this.#wait(wait, options);
      else if (pause.probe === undefined) return this.#probe(pause);
      else await pause.probe.promise;
    }
  }

  /** Throws where the host is given up, unless it is time for a request that looks whether it came back. */
  refuseGivenUp(): void {
    if (this.#pause === undefined || !this.#trouble.isGivenUp) return;
    const wait = this.#pause.until - this.#options.clock.now();
    if (wait > 0 || this.#pause.probe !== undefined) throw this.#trouble.error();
  }

  /** The host is not left alone: every request may go out at once. */
  get isClosed(): boolean {
    return this.#pause === undefined;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#trouble.end(this.#options.clock.now());
    this.#close();
  }

  failed(vain: Vain, isProbe = false): void {
    const now = this.#options.clock.now();
    this.#trouble.note(vain, now);
    this.#failures += 1;
    if (this.#trouble.isGivenUp) this.#giveUp(isProbe);
    else if (isProbe) this.#open(Math.min((this.#pause?.length ?? 0) * 2, limits.breakerLongest));
    else if (this.#pause === undefined && this.#isDown(now)) this.#open(limits.breakerPause);
  }

  /** It speaks, so it is not down, but does not do what it was asked for. A pause that it asks for is kept elsewhere. */
  answeredInVain(vain: Vain, isProbe = false): void {
    this.#failures = 0;
    this.#trouble.note(vain, this.#options.clock.now());
    if (this.#trouble.isGivenUp) this.#giveUp(isProbe);
    else this.#close();
  }

  /** It is not down, but whether it does what it was asked for is still to be seen. */
  spoke(): void {
    this.#failures = 0;
    if (!this.#trouble.isGivenUp) this.#close();
  }

  /** The probe never went out, or was called off: the next request is the probe. */
  abandoned(): void {
    const pause = this.#pause;
    if (pause === undefined) return;
    pause.probe?.resolve();
    pause.probe = undefined;
  }

  async #wait(milliseconds: number, options: { readonly signal?: AbortSignal | undefined }): Promise<void> {
    const { task = 'it', clock, onWait } = this.#options;
    onWait(
      milliseconds,
      `${task} failed ${limits.breakerFailures} times and more in a row, at last: ${this.#trouble.why}`,
    );
    await clock.sleep(milliseconds, options);
  }

  #isDown(now: number): boolean {
    return this.#failures >= limits.breakerFailures && this.#trouble.lasted(now) >= limits.breakerAfter;
  }

  #probe(pause: Pause): true {
    pause.probe = Promise.withResolvers<void>();
    return true;
  }

  #giveUp(isProbe: boolean): void {
    const { length = 0 } = this.#pause ?? {};
    const isFirst = length < limits.givenUpPause;
    if (isFirst) this.#open(limits.givenUpPause);
    else if (isProbe) this.#open(Math.min(length * 2, limits.givenUpLongest));
  }

  /** Never beyond the moment when the host would be given up. */
  #open(length: number): void {
    const now = this.#options.clock.now();
    const left = this.#trouble.isGivenUp ? length : Math.max(this.#trouble.patienceLeft(now), 0);
    this.#close();
    this.#pause = { until: now + Math.min(length, left), length, probe: undefined };
  }

  #close(): void {
    const probe = this.#pause?.probe;
    this.#pause = undefined;
    probe?.resolve();
  }
}
