import { BufferPool } from '../kit/buffer-pool.ts';
import { Connection } from './connection.ts';
import type { Connector } from './connector.ts';
import { ExchangeFailure } from './errors.ts';
import { limits } from './limits.ts';

/** The way to an origin. A host that a server named has ways of its own, whose addresses were checked for that server. */
export interface Way {
  readonly url: URL;
  readonly givenBy: URL | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Kept {
  readonly connection: Connection;
  readonly until: number;
}

/** A server closes an idle connection at the time that it told, so we let go of it earlier. */
const margin = 1_000;

/** The connections that are open, per origin, kept for the next request. */
export class Connections {
  readonly #buffers = new BufferPool(limits.readBuffer, limits.spareBuffers);
  readonly #smallBuffers = new BufferPool(limits.smallReadBuffer, limits.spareBuffers);
  readonly #connector: Connector;
  readonly #keepAlive: number;
  readonly #idle = new Map<string, Kept[]>();
  /** Where a connection idles. */
  readonly #placeOf = new WeakMap<Connection, Kept[]>();
  #sweep: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(connector: Connector, keepAlive: number) {
    this.#connector = connector;
    this.#keepAlive = keepAlive;
  }

  /** The newest of those that idle, or a new one. Rejects with an `ExchangeFailure`, or with the signal's reason. */
  async take(way: Way): Promise<Connection> {
    const { url, givenBy, signal } = way;
    signal?.throwIfAborted();
    const idle = this.#idleOf(way);
    const kept = newest(idle);
    if (kept !== undefined) return kept;
    try {
      const connection = await Connection.open(this.#connector, url, { signal, givenBy });
      this.#placeOf.set(connection, idle);
      return connection;
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      throw ExchangeFailure.unsent(error);
    }
  }

  /** Takes a connection back that is free, where it may serve again. */
  keep(connection: Connection): void {
    const idle = this.#placeOf.get(connection);
    if (!connection.alive || idle === undefined) return;
    if (this.#isClosed) return connection.close();
    const keepsFor = Math.min(this.#keepAlive, connection.serverKeepsFor - margin);
    if (idle.length >= limits.idleConnections || keepsFor <= 0) return connection.close();
    idle.push({ connection, until: performance.now() + keepsFor });
    this.#sweep ??= setInterval(() => this.#closeOld(), this.#keepAlive).unref();
  }

  /** Buffers for a body that is streamed; its length where it is known. */
  buffersFor(length = Number.POSITIVE_INFINITY): BufferPool {
    return length < limits.smallReadBuffer / 2 ? this.#smallBuffers : this.#buffers;
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#sweep);
    for (const idle of this.#idle.values()) for (const { connection } of idle) connection.close();
    this.#idle.clear();
  }

  #idleOf({ url, givenBy }: Way): Kept[] {
    const origin = `${url.protocol}//${url.host}`;
    const key = givenBy === undefined ? origin : `${origin} by ${givenBy.origin}`;
    const known = this.#idle.get(key);
    if (known !== undefined) return known;
    const idle: Kept[] = [];
    this.#idle.set(key, idle);
    return idle;
  }

  #closeOld(): void {
    const now = performance.now();
    for (const idle of this.#idle.values()) {
      const [old, young] = [idle.filter(({ until }) => until < now), idle.filter(({ until }) => until >= now)];
      for (const { connection } of old) connection.close();
      idle.splice(0, idle.length, ...young);
    }
  }
}

function newest(idle: Kept[]): Connection | undefined {
  for (let kept = idle.pop(); kept !== undefined; kept = idle.pop()) {
    const { connection, until } = kept;
    if (!connection.alive) continue;
    if (until < performance.now()) connection.close();
    else return connection;
  }
  return undefined;
}
