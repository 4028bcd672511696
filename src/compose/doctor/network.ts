import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import type { Environment } from '../../credentials/places.ts';
import { proxyFor } from '../../http/proxy.ts';
import type { CallOptions } from '../../oci/ports.ts';
import { bad, type Finding, good, note } from './finding.ts';

/** Where a registry's requests go. */
export interface Address {
  readonly hostname: string;
  readonly port: number;
  readonly url: URL;
}

/** docker.io is a name; its registry stands elsewhere. */
const realHosts: Readonly<Record<string, string>> = { 'docker.io': 'registry-1.docker.io' };

const connectTimeoutMs = 10_000;

export function addressOf(host: string, plain: boolean): Address {
  const url = new URL(`${plain ? 'http' : 'https'}://${realHosts[host] ?? host}/v2/`);
  const port = url.port === '' ? (plain ? 80 : 443) : Number(url.port);
  return { hostname: url.hostname.replace(/^\[|\]$/g, ''), port, url };
}

export function checkProxy({ url }: Address, env: Environment): { readonly finding: Finding; readonly used: boolean } {
  const proxy = proxyFor(url, env);
  if (proxy === undefined) return { finding: good('proxy', 'none; the registry is reached directly'), used: false };
  return {
    finding: note('proxy', `requests go through ${proxy.host}`, 'NO_PROXY exempts hosts and networks.'),
    used: true,
  };
}

export async function checkName({ hostname }: Address): Promise<Finding> {
  try {
    const addresses = await lookup(hostname, { all: true });
    return good('name', `${hostname} is ${addresses.map(({ address }) => address).join(', ')}`);
  } catch (error) {
    return bad('name', `${hostname} cannot be resolved (${codeOf(error)})`, 'Check the spelling and the resolver.');
  }
}

export async function checkConnection({ hostname, port }: Address, { signal }: CallOptions = {}): Promise<Finding> {
  const began = performance.now();
  try {
    await tryConnect(hostname, port, signal);
    return good('connection', `port ${port} answers in ${Math.round(performance.now() - began)} ms`);
  } catch (error) {
    const hint = 'Check the port, firewalls, and whether the registry runs.';
    return bad('connection', `port ${port} of ${hostname} does not answer (${codeOf(error)})`, hint);
  }
}

function tryConnect(host: string, port: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const limits = [AbortSignal.timeout(connectTimeoutMs), ...(signal === undefined ? [] : [signal])];
    const socket = connect({ host, port, signal: AbortSignal.any(limits) });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}

export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code);
  return error instanceof Error ? error.message : String(error);
}
