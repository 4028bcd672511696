import { lookup } from 'node:dns/promises';
import { type Backoff, backoffDelay } from '../kit/backoff.ts';
import type { Clock } from '../kit/clock.ts';
import { ipFamily } from './address.ts';
import { codeOf } from './errors.ts';
import { limits } from './limits.ts';

export interface Address {
  readonly address: string;
  readonly family: number;
}

/** Gives every address of a name. Rejects with the codes of `node:dns`. */
export type Resolver = (hostname: string) => Promise<readonly Address[]>;

export const systemResolver: Resolver = (hostname) => lookup(hostname, { all: true });

export interface NamesOptions {
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly random: () => number;
  /** How long an unknown name is asked for again, in milliseconds. */
  readonly retryFor: number;
}

interface Answer {
  readonly addresses: Promise<readonly Address[]>;
  expires: number;
}

const pause: Backoff = { first: 250, longest: 4_000 };
const mayPass = new Set(['EAI_AGAIN', 'ENOTFOUND']);

/**
 * Names to addresses, each believed for 30 s and asked for once at a time: the system's resolver runs in a pool of four
 * threads, which a busy synchronisation would otherwise fill. A name that does not resolve is asked for again
 * for a while, because name servers flap; but not for a while again by everyone who asks next, or a misspelt name would hold up a
 * run of three passes for three times as long.
 */
export class Names {
  readonly #options: NamesOptions;
  readonly #answers = new Map<string, Answer>();
  /** Names that were given up, and until when they are asked for once and no longer. */
  readonly #givenUp = new Map<string, number>();

  constructor(options: NamesOptions) {
    this.#options = options;
  }

  async resolve(hostname: string, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<readonly Address[]> {
    const bare = hostname.replace(/^\[|\]$/gu, '');
    const family = ipFamily(bare);
    if (family !== 0) return [{ address: bare, family }];
    return untilAborted(this.#cached(bare), signal);
  }

  #cached(hostname: string): Promise<readonly Address[]> {
    const known = this.#answers.get(hostname);
    if (known !== undefined && known.expires > this.#options.clock.now()) return known.addresses;
    const answer: Answer = { addresses: this.#ask(hostname), expires: Number.POSITIVE_INFINITY };
    this.#answers.set(hostname, answer);
    this.#forgetOldest();
    answer.addresses.then(
      () => {
        answer.expires = this.#options.clock.now() + limits.nameCache;
      },
      () => {
        if (this.#answers.get(hostname) === answer) this.#answers.delete(hostname);
      },
    );
    return answer.addresses;
  }

  async #ask(hostname: string): Promise<readonly Address[]> {
    const { clock, random, retryFor, resolver } = this.#options;
    const giveUpAt = clock.now() + ((this.#givenUp.get(hostname) ?? 0) > clock.now() ? 0 : retryFor);
    for (let attempt = 1; ; attempt += 1) {
      try {
        const found = await resolver(hostname);
        this.#givenUp.delete(hostname);
        return found;
      } catch (error) {
        if (!mayPass.has(codeOf(error))) throw error;
        if (clock.now() >= giveUpAt) {
          this.#giveUp(hostname);
          throw error;
        }
        await clock.sleep(Math.min(backoffDelay(pause, attempt, random) + 50, giveUpAt - clock.now()));
      }
    }
  }

  #giveUp(hostname: string): void {
    this.#givenUp.set(hostname, this.#options.clock.now() + limits.nameGivenUp);
    dropOldest(this.#givenUp);
  }

  #forgetOldest(): void {
    dropOldest(this.#answers);
  }
}

function dropOldest(map: Map<string, unknown>): void {
  if (map.size <= limits.names) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
