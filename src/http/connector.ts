import { connect as connectTcp, type OnReadOpts, type Socket, type TcpNetConnectOpts } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { TranshipError } from '../oci/errors.ts';
import { addressClass, ipFamily } from './address.ts';
import { isUnknownAuthority, timedOut, transportError } from './errors.ts';
import { limits } from './limits.ts';
import type { Address, Names } from './names.ts';
import { nodeTls } from './node-tls.ts';
import { type Environment, type Proxy, proxyFor } from './proxy.ts';
import type { Trust, TrustReach } from './trust.ts';
import { openTunnel } from './tunnel.ts';
import type { HostSettings } from './types.ts';

export interface ConnectorOptions {
  readonly env: Environment;
  readonly names: Names;
  readonly trust: Trust;
  readonly userAgent: string;
  readonly connectTimeout: number;
  settings(host: string): HostSettings;
}

export interface ConnectOptions {
  readonly signal?: AbortSignal | undefined;
  /** The server that named this host: then every address is checked. */
  readonly givenBy?: URL | undefined;
  /** Reads go into these buffers. Only where {@link Connector.readsInto} says so. */
  readonly onread?: OnReadOpts | undefined;
}

/** Makes connections: name, address check, proxy, TLS. Every failure is a `TranshipError`. */
export class Connector {
  readonly #options: ConnectorOptions;
  /** Hosts whose certificates need more than the first choice of authorities. */
  readonly #needAll = new Set<string>();

  constructor(options: ConnectorOptions) {
    this.#options = options;
  }

  proxy(url: URL): Proxy | undefined {
    return proxyFor(url, this.#options.env);
  }

  /** Whether reads can go into buffers of ours: TLS inside a tunnel cannot (Node reads those through streams). */
  readsInto(url: URL): boolean {
    const proxy = this.proxy(url);
    return proxy === undefined || (url.protocol === 'http:' && !proxy.secure);
  }

  async connect(url: URL, options: ConnectOptions = {}): Promise<Socket> {
    options.signal?.throwIfAborted();
    const proxy = this.proxy(url);
    try {
      return url.protocol === 'https:'
        ? await this.#secure(url, proxy, options)
        : await this.#plain(url, proxy, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      throw transportError(error, { host: url.host, proxy: proxy?.host });
    }
  }

  async #plain(url: URL, proxy: Proxy | undefined, options: ConnectOptions): Promise<Socket> {
    if (proxy !== undefined) return this.#toProxy(proxy, options);
    const target = await this.#target(url, options);
    return this.#established(connectTcp({ ...target, ...readInto(options) }), 'connect', url.host, options);
  }

  async #secure(url: URL, proxy: Proxy | undefined, options: ConnectOptions): Promise<Socket> {
    const reach = this.#reach(url.host);
    try {
      return await this.#handshake(url, proxy, reach, options);
    } catch (error) {
      if (reach === 'all' || !isUnknownAuthority(error)) throw error;
      const socket = await this.#handshake(url, proxy, 'all', options);
      this.#needAll.add(url.host);
      return socket;
    }
  }

  #reach(host: string): TrustReach {
    return this.#needAll.has(host) ? 'all' : 'first';
  }

  async #handshake(url: URL, proxy: Proxy | undefined, reach: TrustReach, options: ConnectOptions): Promise<Socket> {
    const tls = this.#tlsOptions(url, reach);
    if (proxy !== undefined) {
      const tunnel = await this.#tunnel(url, proxy, options);
      return this.#established(nodeTls().connect({ ...tls, socket: tunnel }), 'secureConnect', url.host, options);
    }
    const target = await this.#target(url, options);
    // `onread` is an option of the socket beneath and missing from the type of TLS options.
    const secure: ConnectionOptions & { onread?: OnReadOpts | undefined } = { ...target, ...tls, ...readInto(options) };
    return this.#established(nodeTls().connect(secure), 'secureConnect', url.host, options);
  }

  #tlsOptions(url: URL, reach: TrustReach): ConnectionOptions {
    const hostname = bare(url.hostname);
    return {
      secureContext: this.#options.trust.context(url.host, reach),
      rejectUnauthorized: this.#options.settings(url.host).insecure !== true,
      host: hostname,
      ...(ipFamily(hostname) === 0 ? { servername: hostname } : {}),
      ALPNProtocols: ['http/1.1'],
    };
  }

  async #target(url: URL, options: ConnectOptions): Promise<TcpNetConnectOpts> {
    const addresses = await this.#options.names.resolve(url.hostname, options);
    await this.#checkAddresses(url, addresses, options);
    const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
    return tcpOptions(bare(url.hostname), port, addresses);
  }

  /** The last of the URL policy's rules: what a name resolves to is checked, and that very answer connected to. */
  async #checkAddresses(url: URL, addresses: readonly Address[], { givenBy, signal }: ConnectOptions): Promise<void> {
    if (givenBy === undefined || givenBy.hostname === url.hostname) return;
    const classes = addresses.map(({ address }) => addressClass(address));
    if (classes.includes('forbidden')) throw refusedAddress(url, givenBy, 'it stands at a forbidden address');
    if (!classes.includes('private') || this.#options.settings(givenBy.host).allowedHosts?.includes(url.host)) return;
    if (await this.isPrivate(givenBy, { signal })) return;
    throw refusedAddress(url, givenBy, 'it stands at a private address, the registry does not');
  }

  /** Whether a host stands at a private address. Behind a proxy nobody here can tell: then it does not. */
  async isPrivate(url: URL, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<boolean> {
    if (this.proxy(url) !== undefined) return false;
    const addresses = await this.#options.names.resolve(url.hostname, options);
    return addresses.some(({ address }) => addressClass(address) === 'private');
  }

  async #toProxy(proxy: Proxy, options: ConnectOptions): Promise<Socket> {
    const addresses = await this.#options.names.resolve(proxy.hostname, options);
    const target = tcpOptions(bare(proxy.hostname), proxy.port, addresses);
    if (!proxy.secure) {
      return this.#established(connectTcp({ ...target, ...readInto(options) }), 'connect', proxy.host, options);
    }
    const tls = this.#tlsOptions(new URL(`https://${proxy.host}`), this.#reach(proxy.host));
    return this.#established(nodeTls().connect({ ...target, ...tls }), 'secureConnect', proxy.host, options);
  }

  async #tunnel(url: URL, proxy: Proxy, options: ConnectOptions): Promise<Socket> {
    const socket = await this.#toProxy(proxy, { signal: options.signal });
    const { userAgent, connectTimeout } = this.#options;
    return openTunnel(socket, { url, proxy, userAgent, timeout: connectTimeout, signal: options.signal });
  }

  #established(socket: Socket, event: string, host: string, { signal }: ConnectOptions): Promise<Socket> {
    const timeout = this.#options.connectTimeout;
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => {
        settle();
        // A socket that dies may complain more than once.
        socket.on('error', ignore);
        socket.destroy();
        reject(error);
      };
      const abort = () => fail(signal?.reason);
      const closed = () => fail(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
      const timer = setTimeout(() => fail(timedOut(host, 'no connection', timeout, unreachableHint)), timeout);
      const done = () => {
        settle();
        resolve(socket);
      };
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        socket.off(event, done).off('error', fail).off('close', closed);
      };
      signal?.addEventListener('abort', abort, { once: true });
      socket.once(event, done).once('error', fail).once('close', closed);
    });
  }
}

const unreachableHint = 'check the network and the firewall: nobody answers there, not even with a refusal';

function tcpOptions(host: string, port: number, addresses: readonly Address[]): TcpNetConnectOpts {
  return {
    host,
    port,
    noDelay: true,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: limits.nextAddress,
    lookup(_hostname, { all }, callback) {
      const [first] = addresses;
      if (first === undefined) callback(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '');
      else if (all === true) callback(null, [...addresses]);
      else callback(null, first.address, first.family);
    },
  };
}

function readInto({ onread }: ConnectOptions): { onread?: OnReadOpts } {
  return onread === undefined ? {} : { onread };
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/gu, '');
}

function refusedAddress(url: URL, givenBy: URL, why: string): TranshipError {
  return new TranshipError('E_URL_REFUSED', 'refused', `${givenBy.host} sends to ${url.host}, but ${why}`, {
    subject: url.host,
    hint: 'if that host is right, list it with its port under allowed-hosts of the registry (allowedHosts in the library)',
  });
}

function ignore(): void {}
