import type { TranshipError } from '../oci/errors.ts';
import { timedOut } from './errors.ts';
import { leastIn } from './limits.ts';
import { everyTick } from './ticks.ts';

export interface Patience {
  readonly host: string;
  /** For the head of an answer as a whole: one that comes byte by byte would never be quiet. */
  readonly headTimeout: number;
  /** For the next byte of a body. */
  readonly idle: number;
  readonly watcher?: Watcher | undefined;
}

export interface Watcher {
  /** After how many milliseconds it wants to know. */
  readonly quietAfter: number;
  /** No answer has come for a while. It is given up after so many milliseconds more. */
  quiet(left: number): void;
}

/** Where an exchange stands. */
export interface Standing {
  /** Who is to move: us, with the request or with a consumer that is full; or the server, with a head or a body. */
  readonly turn: 'ours' | 'head' | 'body';
  /** Bytes of the body. */
  readonly received: number;
  /** How long the whole body may take, in milliseconds; while it is not said, as long as it moves. */
  readonly within?: number | undefined;
}

export interface Watched {
  standing(): Standing;
  /** The server did not move in time. */
  lost(error: TranshipError): void;
}

/**
 * Watches that a server moves when it is its turn. It looks at the bytes that moved, now and then, and not at events of
 * streams: back-pressure hides a stall from those.
 */
export class Watchdog {
  readonly #patience: Patience;
  readonly #watched: Watched;
  readonly #stop: () => void;
  #turn: Standing['turn'] = 'ours';
  #since = 0;
  /** It was told that the answer is long in coming. */
  #isQuiet = false;
  #bodySince: number | undefined;
  #received = 0;
  #quietSince = 0;
  /** Where the body stood when its speed was looked at last. */
  #milestone = { at: 0, received: 0 };

  constructor(patience: Patience, watched: Watched) {
    this.#patience = patience;
    this.#watched = watched;
    this.#stop = everyTick(Math.max(10, Math.min(patience.idle, patience.headTimeout) / 10), () => this.#look());
  }

  stop(): void {
    this.#stop();
  }

  #look(): void {
    const now = performance.now();
    const standing = this.#watched.standing();
    if (standing.turn !== this.#turn || standing.turn === 'ours') this.#turnTo(standing, now);
    else if (standing.turn === 'head') this.#lookAtHead(now);
    else this.#lookAtBody(standing, now);
  }

  #turnTo({ turn, received }: Standing, now: number): void {
    this.#turn = turn;
    this.#since = now;
    this.#quietSince = now;
    this.#milestone = { at: now, received };
    if (turn === 'body') this.#bodySince ??= now;
  }

  #lookAtHead(now: number): void {
    const { headTimeout, watcher } = this.#patience;
    const waited = now - this.#since;
    if (waited >= headTimeout) return this.#tooLate('no answer', headTimeout);
    if (watcher === undefined || waited < watcher.quietAfter || this.#isQuiet) return;
    this.#isQuiet = true;
    watcher.quiet(headTimeout - waited);
  }

  #lookAtBody({ received, within = Number.POSITIVE_INFINITY }: Standing, now: number): void {
    const { idle } = this.#patience;
    if (received !== this.#received) this.#quietSince = now;
    this.#received = received;
    if (now - (this.#bodySince ?? now) >= within) this.#tooLate('its answer was not complete', within);
    else if (now - this.#quietSince >= idle) this.#tooLate('sent not one byte', idle);
    else if (now - this.#milestone.at >= idle) this.#lookAtSpeed(received, now);
  }

  #lookAtSpeed(received: number, now: number): void {
    const { idle } = this.#patience;
    if (received - this.#milestone.received < leastIn(idle)) return this.#tooLate('sent hardly a byte', idle);
    this.#milestone = { at: now, received };
  }

  #tooLate(waitedFor: string, milliseconds: number): void {
    this.#watched.lost(timedOut(this.#patience.host, waitedFor, milliseconds));
  }
}
