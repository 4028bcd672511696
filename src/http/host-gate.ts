import { type Backoff, backoffDelay } from '../kit/backoff.ts';
import type { Clock } from '../kit/clock.ts';
import { AdaptiveLimiter, type Release } from '../kit/limiter.ts';
import { TokenBucket } from '../kit/token-bucket.ts';
import { TranshipError } from '../oci/errors.ts';
import { RetryBudget } from './budget.ts';
import { Health, type Leave } from './health.ts';
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
  onWait(wait: Wait): void;
}

/** Somebody waits for a host. */
export interface Wait {
  readonly host: string;
  readonly milliseconds: number;
  readonly reason: string;
  /** It may well be over sooner. */
  readonly atMost?: true;
}

export interface EnterOptions {
  readonly signal?: AbortSignal | undefined;
  /** What is asked for, such as `PUT uploads`: some hosts fail at one thing and do all others well. */
  readonly task?: string | undefined;
  /** Whoever asks waits for the host itself. */
  readonly awaitsHost?: boolean | undefined;
}

/** The leave to send one request. Exactly one of `answered`, `failed` and `dropped` is called, then `release`. */
export interface Pass {
  /** Whether the answer means that there were too many requests. */
  answered(status: number, retryAfterMs: number | undefined): boolean;
  /** After `answered`: nothing more is to come. */
  completed(): void;
  /** `why`: the failure in a few words. `isReached`: there was a connection. May follow `answered`, for a body that breaks off. */
  failed(why: string, isReached: boolean): void;
  /** No answer has come for a while, and will be waited for so many milliseconds more. */
  quiet(left: number, what: string): void;
  /** It came to nothing for reasons that are not the host's. */
  dropped(): void;
  release: Release;
}

/** Waits that end so close to each other, in milliseconds, are one. */
const sameWait = 1_000;

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
  readonly #health: Health;
  #toldUntil = 0;
  #throttles = 0;
  #throttledAt = Number.NEGATIVE_INFINITY;
  /** When a request went well last. */
  #goodAt = Number.NEGATIVE_INFINITY;
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
    const onWait = (milliseconds: number, reason: string) => this.#tell({ milliseconds, reason });
    this.#health = new Health({ host, clock, onWait });
  }

  /** Whether a connection ever stood. */
  get isReached(): boolean {
    return this.#health.isReached;
  }

  /** Requests that went well so far. */
  get successes(): number {
    return this.#health.successes;
  }

  get hasBandwidthLimit(): boolean {
    return this.#bandwidth !== undefined;
  }

  async enter(kind: Kind, options: EnterOptions = {}): Promise<Pass> {
    const release = this.#limiters[kind].acquireNow() ?? (await this.#limiters[kind].acquire(options));
    let leave: Leave | undefined;
    try {
      options.signal?.throwIfAborted();
      leave = await this.#health.leave(options.task ?? '', options);
      if (this.#pausedUntil > this.#options.clock.now()) await this.#pause(options);
      if (this.#rate !== undefined) await this.#rate.take(1, options);
    } catch (error) {
      leave?.dropped();
      release();
      throw error;
    }
    this.budget.countRequest();
    leave.goesOut();
    return this.#pass(kind, release, leave);
  }

  /** Throws where the host is given up and nobody is to ask it now. */
  refuseGivenUp(): void {
    this.#health.refuseGivenUp();
  }

  /** Something else than a request found out that there is no connection to be had. */
  notReached(startedAt: number, why: string): void {
    this.#health.notReached(startedAt, why);
  }

  /** Resolves when so many bytes may move. */
  async pace(bytes: number, options: EnterOptions = {}): Promise<void> {
    await this.#bandwidth?.take(bytes, options);
  }

  #pass(kind: Kind, release: Release, leave: Leave): Pass {
    return {
      release,
      answered: (status, retryAfterMs) => this.#answered(kind, leave, status, retryAfterMs),
      completed: () => leave.completed(),
      failed: (why, isReached) => leave.failed(why, isReached),
      quiet: (left, what) => this.#tell({ milliseconds: left, reason: `no answer yet to ${what}`, atMost: true }),
      dropped: () => leave.dropped(),
    };
  }

  #answered(kind: Kind, leave: Leave, status: number, retryAfterMs: number | undefined): boolean {
    if (this.#isThrottle(status, retryAfterMs)) {
      leave.throttled(`HTTP ${status}`);
      this.#throttled(leave.startedAt, retryAfterMs);
      return true;
    }
    if (status === 503) this.#limiters[kind].slowDown();
    if (status >= 502 && status <= 504) leave.failed(`HTTP ${status}`, true);
    else this.#spoke(leave, status);
    return false;
  }

  /**
   * Proxies that let so many requests a second through answer the others with 503 unless told otherwise (nginx's `limit_req`),
   * which only what else they answer tells from a server that is down.
   */
  #isThrottle(status: number, retryAfterMs: number | undefined): boolean {
    if (status !== 503) return status === 429;
    return retryAfterMs !== undefined || this.#options.clock.now() - this.#goodAt < limits.lately;
  }

  #spoke(leave: Leave, status: number): void {
    if (status === 500) leave.broke(`HTTP ${status}`);
    else leave.answered();
    if (status < 500) this.#goodAt = this.#options.clock.now();
    this.#throttles = 0;
    // A success that was under way before the host complained says nothing about now.
    if (leave.startedAt >= this.#throttledAt) for (const limiter of this.#allLimiters) limiter.succeeded();
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
    const { clock, wait } = this.#options;
    const left = this.#pausedUntil - clock.now();
    if (left <= 0) return;
    if (left > wait) throw this.throttledFor(left);
    this.#tell({ milliseconds: left, reason: 'it asked for a pause' });
    await clock.sleep(left, options);
    return this.#pause(options);
  }

  /** Once for all that wait for the same. */
  #tell(wait: Omit<Wait, 'host'>): void {
    const until = this.#options.clock.now() + wait.milliseconds;
    if (until <= this.#toldUntil + sameWait) return;
    this.#toldUntil = until;
    this.#options.onWait({ host: this.host, ...wait });
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
