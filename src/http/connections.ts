import type { AgentOptions, ClientRequestArgs, Agent as NodeAgent } from 'node:http';
import type { Duplex } from 'node:stream';
import { BufferPool } from '../kit/buffer-pool.ts';
import type { Connector } from './connector.ts';
import { limits } from './limits.ts';
import { Agent } from './node-http.ts';
import { RawConnection } from './raw-connection.ts';

/** One way to an origin. A host that a server named has ways of its own, whose addresses were checked for that server. */
interface Way {
  readonly agent: NodeAgent;
  readonly idle: RawConnection[];
}

/**
 * The connections that are open, per origin, kept for the next request: through Node's agents for small requests and
 * uploads, and raw ones for downloads.
 */
export class Connections {
  readonly #connector: Connector;
  readonly #keepAlive: number;
  readonly #ways = new Map<string, Way>();
  readonly #buffers = new BufferPool(limits.readBuffer, limits.spareBuffers);

  constructor(connector: Connector, keepAlive: number) {
    this.#connector = connector;
    this.#keepAlive = keepAlive;
  }

  agent(url: URL, givenBy: URL | undefined): NodeAgent {
    return this.#way(url, givenBy).agent;
  }

  async takeRaw(url: URL, givenBy: URL | undefined, signal: AbortSignal | undefined): Promise<RawConnection> {
    const { idle } = this.#way(url, givenBy);
    for (let kept = idle.pop(); kept !== undefined; kept = idle.pop()) {
      if (!kept.alive) continue;
      kept.hold(true);
      return kept;
    }
    return RawConnection.open(this.#connector, url, this.#buffers, { signal, givenBy });
  }

  keepRaw(url: URL, givenBy: URL | undefined, connection: RawConnection): void {
    const { idle } = this.#way(url, givenBy);
    if (!connection.alive || idle.length >= limits.idleConnections) return connection.close();
    connection.hold(false);
    idle.push(connection);
    setTimeout(() => {
      const index = idle.indexOf(connection);
      if (index === -1) return;
      idle.splice(index, 1);
      connection.close();
    }, this.#keepAlive).unref();
  }

  close(): void {
    for (const { agent, idle } of this.#ways.values()) {
      agent.destroy();
      for (const connection of idle.splice(0)) connection.close();
    }
    this.#ways.clear();
  }

  #way(url: URL, givenBy: URL | undefined): Way {
    const key = givenBy === undefined ? url.origin : `${url.origin} by ${givenBy.origin}`;
    const known = this.#ways.get(key);
    if (known !== undefined) return known;
    const agent = new OriginAgent(this.#connector, url, givenBy, this.#keepAlive);
    const way = { agent, idle: [] };
    this.#ways.set(key, way);
    return way;
  }
}

/** Node's agent for one origin, with connections made by the connector: so TLS, proxies and names have one home. */
class OriginAgent extends Agent {
  readonly #connect: (signal: AbortSignal | undefined) => Promise<Duplex>;

  constructor(connector: Connector, url: URL, givenBy: URL | undefined, keepAlive: number) {
    const options: AgentOptions = { keepAlive: true, maxFreeSockets: limits.idleConnections, timeout: keepAlive };
    super(options);
    this.#connect = (signal) => connector.connect(url, { signal, givenBy });
  }

  override createConnection(
    options: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    this.#connect(options.signal).then(
      (socket) => callback?.(null, socket),
      // The type asks for a stream beside the error; there is none.
      (error: Error) => callback?.(error, undefined as unknown as Duplex),
    );
  }
}
