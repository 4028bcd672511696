/** Whether a server can be reached at all, asked before anything else: its name, then its port. */
import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import type { CallOptions } from '../oci/ports.ts';

export interface ReachOptions extends CallOptions {
  /** Milliseconds. Default 10 000. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 10_000;

/** Whether the server's name resolves, in either address family. */
export async function resolves(server: URL): Promise<boolean> {
  return (await addressesOf(server)).length > 0;
}

/** The addresses that the server's name stands for, of both families; none where it does not resolve. */
export async function addressesOf(server: URL): Promise<readonly string[]> {
  try {
    return (await lookup(bareHost(server), { all: true })).map(({ address }) => address);
  } catch {
    // Every failure of a lookup means the same here: no address.
    return [];
  }
}

/** Whether something listens on the server's port, the one of its address or that of its scheme. */
export function listens(server: URL, options: ReachOptions = {}): Promise<boolean> {
  const port = server.port === '' ? (server.protocol === 'http:' ? 80 : 443) : Number(server.port);
  const limit = AbortSignal.timeout(options.timeoutMs ?? defaultTimeoutMs);
  const signal = options.signal === undefined ? limit : AbortSignal.any([limit, options.signal]);
  return new Promise((resolve) => {
    const socket = connect({ host: bareHost(server), port, signal });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** IPv6 addresses stand in brackets in a URL and nowhere else. */
function bareHost(server: URL): string {
  return server.hostname.replace(/^\[|\]$/g, '');
}
