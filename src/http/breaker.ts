import type { Clock } from '../kit/clock.ts';
import { TranshipError } from '../oci/errors.ts';
import { limits } from './limits.ts';

export interface BreakerOptions {
  readonly host: string;
  readonly clock: Clock;
  /** Told when somebody has to wait. */
  onWait(milliseconds: number, reason: string): void;
}

/** A host that is left alone. */
interface Pause {
  readonly until: number;
  readonly length: number;
  /** Settles with whether the one request that was let through succeeded. */
  probe: PromiseWithResolvers<boolean> | undefined;
}

/**
 * Leaves a host alone after ten failures in a row, then lets one request through to see. Failures of requests that were under
 * way together count as one: a server that restarts cuts them all at once.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  #failures = 0;
  #lastFailureAt = Number.NEGATIVE_INFINITY;
  #pause: Pause | undefined;
  #lastWords: string | undefined;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /**
   * Resolves when a request may go out. Waits through the first pause; a host that failed its probe fails everything at once
   * until the next one. Gives whether this request is the probe: then it must end with `succeeded`, `failed` or `abandoned`.
   */
  async admit(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<boolean> {
    const pause = this.#pause;
    if (pause === undefined) return false;
    const wait = pause.until - this.#options.clock.now();
    if (wait > 0) {
      if (pause.length > limits.breakerPause) throw this.#leftAlone();
      this.#options.onWait(wait, `${this.#options.host} failed ${limits.breakerFailures} times in a row`);
      await this.#options.clock.sleep(wait, options);
      return this.admit(options);
    }
    if (pause.probe === undefined) {
      pause.probe = Promise.withResolvers<boolean>();
      return true;
    }
    if (!(await pause.probe.promise)) throw this.#leftAlone();
    return false;
  }

  /** The host is not left alone: every request may go out at once. */
  get isClosed(): boolean {
    return this.#pause === undefined;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#pause?.probe?.resolve(true);
    this.#pause = undefined;
  }

  /** `startedAt`: when the failed request went out, on the same clock. `why`: what became of it, for who is refused because of it. */
  failed(startedAt: number, why?: string): void {
    this.#lastWords = why ?? this.#lastWords;
    if (startedAt < this.#lastFailureAt) return;
    const now = this.#options.clock.now();
    this.#lastFailureAt = now;
    this.#failures += 1;
    const { probe, length } = this.#pause ?? {};
    if (probe !== undefined) this.#open(Math.min((length ?? 0) * 2, limits.wait));
    else if (this.#pause === undefined && this.#failures >= limits.breakerFailures) this.#open(limits.breakerPause);
    probe?.resolve(false);
  }

  /** The probe never went out, or was called off: the next request is the probe. */
  abandoned(): void {
    const pause = this.#pause;
    if (pause?.probe === undefined) return;
    pause.probe.resolve(true);
    pause.probe = undefined;
  }

  #open(length: number): void {
    this.#pause = { until: this.#options.clock.now() + length, length, probe: undefined };
  }

  #leftAlone(): TranshipError {
    const { host, clock } = this.#options;
    const seconds = Math.ceil(((this.#pause?.until ?? 0) - clock.now()) / 1000);
    const last = this.#lastWords === undefined ? '' : ` (at last: ${this.#lastWords})`;
    return new TranshipError('E_HOST_DOWN', 'temporary', `${host} keeps failing and is left alone for a while${last}`, {
      subject: host,
      hint: `find out why it fails; it is tried again ${seconds > 0 ? `in ${seconds} s` : 'soon'}`,
    });
  }
}
