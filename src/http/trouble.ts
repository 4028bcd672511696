import { durationText } from '../kit/quantity.ts';
import { TranshipError } from '../oci/errors.ts';
import { limits } from './limits.ts';

/** A request that was made in vain. Times in milliseconds of the program's clock. */
export interface Vain {
  /** When it went out. */
  readonly startedAt: number;
  /** What became of it, in a few words. */
  readonly why: string;
  /** It was answered, by the wish that it come later. */
  readonly isThrottled: boolean;
  /** How long a host that does this is waited for. */
  readonly patience: number;
  /** How often it is tried at least before it is given up: one that did well before may have bad luck. */
  readonly tries: number;
}

/** Who is in trouble: a host, or a kind of request there. */
export interface Troubled {
  readonly host: string;
  /** `PUT uploads`; absent for the host as a whole. */
  readonly task?: string | undefined;
}

/**
 * How long a host has been asked in vain, without one success in between. What many requests find out, in whatever pass of a
 * run, adds up here; so a run waits for a host once, and not once for each of its items.
 */
export class Trouble {
  readonly #troubled: Troubled;
  #since = 0;
  #tries = 0;
  #lastAt: number | undefined;
  #goodAt = Number.NEGATIVE_INFINITY;
  #last: Vain | undefined;
  #isGivenUp = false;

  constructor(troubled: Troubled) {
    this.#troubled = troubled;
  }

  /** Nobody waits for it any more, until something succeeds again. */
  get isGivenUp(): boolean {
    return this.#isGivenUp;
  }

  /** What became of the last one, in a few words. */
  get why(): string {
    const start = `${this.#troubled.host}: `;
    const { why = '' } = this.#last ?? {};
    return why.startsWith(start) ? why.slice(start.length) : why;
  }

  lasted(now: number): number {
    return this.#last === undefined ? 0 : now - this.#since;
  }

  /** Milliseconds until it is given up, as things stand. */
  patienceLeft(now: number): number {
    return this.#last === undefined ? Number.POSITIVE_INFINITY : this.#since + this.#last.patience - now;
  }

  note(vain: Vain, now: number): void {
    if (!this.#goesOn(vain)) {
      this.#since = Math.max(vain.startedAt, this.#goodAt, now - limits.headTimeout);
      this.#tries = 0;
    }
    this.#tries += 1;
    this.#lastAt = now;
    this.#last = vain;
    if (now - this.#since >= vain.patience && this.#tries >= vain.tries) this.#isGivenUp = true;
  }

  /** Something succeeded. */
  end(now: number): void {
    this.#goodAt = now;
    this.#lastAt = undefined;
    this.#last = undefined;
    this.#isGivenUp = false;
  }

  /** What is told to those that are not let through. */
  error(): TranshipError {
    const { host, task } = this.#troubled;
    const { isThrottled = false } = this.#last ?? {};
    const every = task === undefined ? 'every request' : `every request of its kind (${task})`;
    const lasted = durationText((this.#lastAt ?? this.#since) - this.#since);
    const what = isThrottled ? `answered ${every} by asking for a pause` : `failed at ${every}`;
    const message = `${host} ${what} for ${lasted}, so it is not waited for any longer (at last: ${this.why})`;
    return new TranshipError(isThrottled ? 'E_THROTTLED' : 'E_HOST_DOWN', 'temporary', message, {
      subject: host,
      hint: isThrottled
        ? slower
        : `\`tranship doctor ${host}\` tries each step; then run it again: what is done stays done`,
    });
  }

  /** Whether somebody waited for it all the time since the last failure. */
  #goesOn({ startedAt }: Vain): boolean {
    if (this.#lastAt === undefined) return false;
    return this.#isGivenUp || startedAt - this.#lastAt <= limits.patienceGap;
  }
}

const slower =
  'run it again later: what is done stays done; signed in, or with fewer requests at a time, more may be let through';
