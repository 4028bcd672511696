import { type Backoff, backoffDelay } from '../kit/backoff.ts';
import type { Clock } from '../kit/clock.ts';
import { AdaptiveLimiter, type Release } from '../kit/limiter.ts';
import { TokenBucket } from '../kit/token-bucket.ts';
import { TranshipError } from '../oci/errors.ts';
import { Breaker } from './breaker.ts';
import { RetryBudget } from './budget.ts';
import { limits } from './limits.ts';
import type { HostSettings } from './types.ts';

/**
 * Each kind has its own slots. An upload that holds one opens a download, perhaps from the same host: were they of one
 * limiter, uploads could hold all slots and wait for each other's downloads for ever.
 */
export type Kind = 'request' | 'download' | 'upload' | 'small-download' | 'small-upload';

/** A body of so many bytes holds no buffers worth counting: away from here its round trips cost more than its bytes. */
export function kindOfBody(way: 'download' | 'upload', bytes: number | undefined): Kind {
  return bytes !== undefined && bytes <= limits.smallBody ? `small-${way}` : way;
}

export interface GateOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** The longest wait for a host, in milliseconds. */
  readonly wait: number;
  onWait(host: string, milliseconds: number, reason: string): void;
}

export interface EnterOptions {
  readonly signal?: AbortSignal | undefined;
}

/** The leave to send one request. Exactly one of `answered`, `failed` and `dropped` is called, then `release`. */
export interface Pass {
  answered(status: number, retryAfterMs: number | undefined): void;
  /** `why`: the failure in a few words. */
  failed(why?: string): void;
  /** It came to nothing for reasons that are not the host's. */
  dropped(): void;
  release: Release;
}

const throttleBackoff: Backoff = { first: 1_000, longest: 60_000 };

/**
 * What all requests to one host share: how many at a time, how many a second, how many bytes a second, and whether at all.
 * A 429 slows the whole host and not the one request: one at a time, after a pause, until a success.
 */
export class HostGate {
  readonly host: string;
  readonly budget: RetryBudget;
  readonly #options: GateOptions;
  readonly #limiters: Record<Kind, AdaptiveLimiter>;
  /** The same, each once. */
  readonly #allLimiters: ReadonlySet<AdaptiveLimiter>;
  readonly #rate: TokenBucket | undefined;
  readonly #bandwidth: TokenBucket | undefined;
  readonly #breaker: Breaker;
  #throttles = 0;
  #throttledAt = Number.NEGATIVE_INFINITY;
  #pausedUntil = 0;

  constructor(host: string, settings: HostSettings, options: GateOptions) {
    const { concurrency, requestsPerSecond, bandwidth } = settings;
    const { clock } = options;
    this.host = host;
    this.#options = options;
    this.budget = new RetryBudget(clock);
    const blobs = Math.min(limits.blobs, concurrency ?? limits.blobs);
    const [download, upload] = [new AdaptiveLimiter(blobs), new AdaptiveLimiter(blobs)];
    // What the user allows is meant for bodies of any size: then small ones have no queue of their own.
    const small = (shared: AdaptiveLimiter) =>
      concurrency === undefined ? new AdaptiveLimiter(limits.smallBlobs) : shared;
    this.#limiters = {
      request: new AdaptiveLimiter(concurrency ?? limits.smallRequests),
      download,
      upload,
      'small-download': small(download),
      'small-upload': small(upload),
    };
    this.#allLimiters = new Set(Object.values(this.#limiters));
    this.#rate = requestsPerSecond === undefined ? undefined : new TokenBucket(requestsPerSecond, clock);
    this.#bandwidth = bandwidth === undefined ? undefined : new TokenBucket(bandwidth, clock);
    const onWait = (milliseconds: number, reason: string) => options.onWait(host, milliseconds, reason);
    this.#breaker = new Breaker({ host, clock, onWait });
  }

  get hasBandwidthLimit(): boolean {
    return this.#bandwidth !== undefined;
  }

  async enter(kind: Kind, options: EnterOptions = {}): Promise<Pass> {
    const release = this.#limiters[kind].acquireNow() ?? (await this.#limiters[kind].acquire(options));
    let isProbe = false;
    try {
      options.signal?.throwIfAborted();
      if (!this.#breaker.isClosed) isProbe = await this.#breaker.admit(options);
      if (this.#pausedUntil > this.#options.clock.now()) await this.#pause(options);
      if (this.#rate !== undefined) await this.#rate.take(1, options);
    } catch (error) {
      if (isProbe) this.#breaker.abandoned();
      release();
      throw error;
    }
    this.budget.countRequest();
    return this.#pass(kind, release, isProbe);
  }

  /** Resolves when so many bytes may move. */
  async pace(bytes: number, options: EnterOptions = {}): Promise<void> {
    await this.#bandwidth?.take(bytes, options);
  }

  #pass(kind: Kind, release: Release, isProbe: boolean): Pass {
    const startedAt = this.#options.clock.now();
    return {
      release,
      answered: (status, retryAfterMs) => this.#answered(kind, startedAt, status, retryAfterMs),
      failed: (why) => this.#breaker.failed(startedAt, why),
      dropped: () => {
        if (isProbe) this.#breaker.abandoned();
      },
    };
  }

  #answered(kind: Kind, startedAt: number, status: number, retryAfterMs: number | undefined): void {
    if (status === 429 || (status === 503 && retryAfterMs !== undefined)) {
      // It speaks, so it is not down.
      this.#breaker.succeeded();
      this.#throttled(startedAt, retryAfterMs);
      return;
    }
    if (status === 503) this.#limiters[kind].slowDown();
    if (status >= 502 && status <= 504) return this.#breaker.failed(startedAt, `HTTP ${status}`);
    this.#breaker.succeeded();
    this.#throttles = 0;
    // A success that was under way before the host complained says nothing about now.
    if (startedAt >= this.#throttledAt) for (const limiter of this.#allLimiters) limiter.succeeded();
  }

  /** Those that were under way together are one complaint. */
  #throttled(startedAt: number, retryAfterMs: number | undefined): void {
    const { clock, random } = this.#options;
    for (const limiter of this.#allLimiters) limiter.throttle();
    if (startedAt >= this.#throttledAt) this.#throttles += 1;
    else if (retryAfterMs === undefined) return;
    this.#throttledAt = clock.now();
    const wait = retryAfterMs ?? Math.max(200, backoffDelay(throttleBackoff, this.#throttles, random));
    this.#pausedUntil = Math.max(this.#pausedUntil, clock.now() + wait);
  }

  async #pause(options: EnterOptions): Promise<void> {
    const { clock, wait, onWait } = this.#options;
    const left = this.#pausedUntil - clock.now();
    if (left <= 0) return;
    if (left > wait) throw this.throttledFor(left);
    onWait(this.host, left, `${this.host} asked for a pause`);
    await clock.sleep(left, options);
    return this.#pause(options);
  }

  /** The host wants a longer pause than is waited for. */
  throttledFor(milliseconds: number, serverSaid?: string): TranshipError {
    const when = new Date(this.#options.clock.wall() + milliseconds).toISOString();
    const said = serverSaid === undefined ? {} : { serverSaid };
    return new TranshipError('E_THROTTLED', 'temporary', `${this.host} takes no more requests for now`, {
      subject: this.host,
      ...said,
      hint: `it should work again at ${when}; with credentials the limit is often higher`,
    });
  }
}
