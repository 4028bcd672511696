import type { Socket } from 'node:net';
import type { ConnectOptions, Connector } from './connector.ts';
import { Exchange, type Line, type SinkFor, type WireRequest } from './exchange.ts';

const room = 16 * 1024;

/**
 * One HTTP/1.1 connection whose reads go straight into the buffers of whoever wants the body: half the cost of Node's own
 * client for a large body, and a quarter of it for a small request. One exchange at a time; it serves the next once an
 * answer ended exactly where it should.
 */
export class Connection implements Line {
  readonly host: string;
  readonly socket: Socket;
  /** Heads and framed bodies are read here, and whatever a server sends although nobody asked. */
  readonly #room: Buffer;
  #served = 0;
  #isReusable = true;
  #exchange: Exchange | undefined;
  #freed: (() => void) | undefined;
  #serverKeepsFor = Number.POSITIVE_INFINITY;

  private constructor(host: string, socket: Socket, heads: Buffer) {
    this.host = host;
    this.socket = socket;
    this.#room = heads;
    const lost = (error?: unknown) => this.#lost(error);
    // What Node must stay for is an exchange, whose watchdog holds it.
    socket
      .unref()
      .on('error', lost)
      .on('end', () => lost())
      .on('close', () => lost());
  }

  static async open(connector: Connector, url: URL, options: ConnectOptions): Promise<Connection> {
    const heads = Buffer.allocUnsafeSlow(room);
    if (!connector.readsInto(url)) {
      const connection = new Connection(url.host, await connector.connect(url, options), heads);
      return connection.#readingStreams();
    }
    const opened: { connection?: Connection } = {};
    const onread = {
      buffer: () => (opened.connection === undefined ? heads : opened.connection.#nextRoom()),
      callback: (count: number, buffer: Uint8Array) =>
        opened.connection === undefined || opened.connection.#received(count, buffer),
    };
    const socket = await connector.connect(url, { ...options, onread });
    opened.connection = new Connection(url.host, socket, heads);
    return opened.connection;
  }

  /** Answered requests so far: above 0, a failure before the answer may only mean that the server had closed. */
  get served(): number {
    return this.#served;
  }

  get alive(): boolean {
    return this.#isReusable && !this.socket.destroyed;
  }

  /** Milliseconds for which the server said that it keeps an idle connection; infinite where it said nothing. */
  get serverKeepsFor(): number {
    return this.#serverKeepsFor;
  }

  close(): void {
    this.#isReusable = false;
    this.socket.destroy();
  }

  /** Nothing is sent yet. `freed` is called once the connection is free, or gone: see {@link Connection.alive}. */
  begin(request: WireRequest, sinkFor: SinkFor, freed: () => void): Exchange {
    const counted: SinkFor = (head, faucet) => {
      this.#served += 1;
      this.#serverKeepsFor = keepsFor(head.headers.get('keep-alive'));
      return sinkFor(head, faucet);
    };
    try {
      this.#exchange = new Exchange(this, request, counted);
    } catch (error) {
      // A request that cannot be sent: nobody else knows of this connection.
      this.close();
      throw error;
    }
    this.#freed = freed;
    return this.#exchange;
  }

  over(isReusable: boolean): void {
    this.#exchange = undefined;
    if (!isReusable) this.close();
    const freed = this.#freed;
    this.#freed = undefined;
    freed?.();
  }

  /** TLS inside a proxy's tunnel: Node reads that through streams only. */
  #readingStreams(): this {
    this.socket.on('data', (bytes: Buffer) => {
      if (this.#exchange === undefined) this.close();
      else if (!this.#exchange.take(bytes)) this.socket.pause();
    });
    return this;
  }

  #nextRoom(): Buffer {
    return this.#exchange?.room() ?? this.#room;
  }

  #received(count: number, buffer: Uint8Array): boolean {
    const exchange = this.#exchange;
    if (exchange === undefined) this.close();
    else if (buffer.buffer !== this.#room.buffer) return exchange.advance(count);
    else return exchange.take(this.#room.subarray(0, count));
    return true;
  }

  #lost(error: unknown): void {
    this.#isReusable = false;
    if (this.#exchange === undefined) this.close();
    else this.#exchange.lost(error);
  }
}

function keepsFor(header: string | undefined): number {
  const seconds = /(?:^|[\s,])timeout=(\d{1,6})/iu.exec(header ?? '')?.[1];
  return seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds) * 1000;
}
