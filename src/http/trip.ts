import type { Clock } from '../kit/clock.ts';
import { isTranshipError } from '../oci/errors.ts';
import { ExchangeFailure } from './errors.ts';
import type { Pass } from './host-gate.ts';
import type { Timeouts } from './limits.ts';
import { redactor } from './redact.ts';
import { retryAfter } from './retry-after.ts';
import type { HttpAnswer, HttpDownload, HttpEvent } from './types.ts';

export interface TripOptions {
  readonly clock: Clock;
  readonly timeouts: Timeouts;
  observe(event: HttpEvent): void;
}

export interface Trace {
  readonly method: string;
  readonly url: URL;
  readonly attempt: number;
  /** What is asked for: `PUT uploads`. */
  readonly task: string;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes of bodies. */
export interface Moved {
  readonly sent: number;
  readonly received: number;
}

/** One sending from the gate to the end of its answer: tells the gate and the trace how it went, and gives the slot back. */
export class Trip {
  readonly #trace: Trace;
  readonly #pass: Pass;
  readonly #options: TripOptions;
  readonly #startedAt: number;
  #status: number | undefined;
  #moved: Moved | undefined;
  #failure: unknown;

  constructor(trace: Trace, pass: Pass, options: TripOptions) {
    this.#trace = trace;
    this.#pass = pass;
    this.#options = options;
    this.#startedAt = options.clock.now();
  }

  /** Gives the answer back, with what the gate makes of it. */
  answered<A extends HttpAnswer | HttpDownload>(answer: A): A {
    const { status, headers } = answer;
    const isThrottled = this.#pass.answered(status, retryAfter(headers.get('retry-after'), this.#options.clock.wall()));
    this.#status = status;
    this.#tellOnce();
    return isThrottled ? { ...answer, isThrottled } : answer;
  }

  /** The body ended, was given up, or failed. For a stream this may come before or long after `answered`. */
  ended(moved: Moved, failure?: unknown): void {
    this.#pass.release();
    this.#moved ??= moved;
    this.#failure = failure;
    this.#tellOnce();
  }

  get quietAfter(): number {
    return this.#options.timeouts.slowAnswer;
  }

  /** The server thinks for long, and has so many milliseconds left. */
  quiet(left: number): void {
    this.#pass.quiet(left, this.#trace.task);
  }

  failed(error: unknown): void {
    if (this.#trace.signal?.aborted === true || !(error instanceof ExchangeFailure)) this.#pass.dropped();
    else if (error.reach === 'stale' || error.error.failure !== 'temporary') this.#pass.dropped();
    else this.#pass.failed(error.error.message, error.reach !== 'unsent');
    this.#pass.release();
    this.#report({ sent: 0, received: 0 }, { error: describe(error) });
  }

  #tellOnce(): void {
    if (this.#status === undefined || this.#moved === undefined) return;
    if (isTranshipError(this.#failure)) this.#pass.failed(this.#failure.message, true);
    else this.#pass.completed();
    this.#report(this.#moved, { status: this.#status });
  }

  #report({ sent, received }: Moved, outcome: { status: number } | { error: string }): void {
    const { method, url, attempt } = this.#trace;
    this.#options.observe({
      type: 'request',
      host: url.host,
      method,
      // Only who traces reads it.
      get url() {
        return redactor.url(url);
      },
      attempt,
      milliseconds: Math.round(this.#options.clock.now() - this.#startedAt),
      sentBytes: sent,
      receivedBytes: received,
      ...outcome,
    });
  }
}

function describe(error: unknown): string {
  const cause = error instanceof ExchangeFailure ? error.error : error;
  if (isTranshipError(cause)) return redactor.text(`${cause.code}: ${cause.message}`);
  return redactor.text(cause instanceof Error ? cause.message : String(cause));
}
