import { BlockList } from 'node:net';
import { Secret } from '../kit/secret.ts';
import { TranshipError } from '../oci/errors.ts';
import { ipFamily, isLoopback } from './address.ts';
import { registerSecret } from './redact.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Proxy {
  readonly hostname: string;
  readonly port: number;
  /** The way to the proxy itself is TLS. */
  readonly secure: boolean;
  /** `host:port`, for messages. */
  readonly host: string;
  /** Value of `Proxy-Authorization`. */
  readonly authorization?: Secret;
}

/**
 * The proxy on the way to `url`: `HTTPS_PROXY` or `HTTP_PROXY` by its scheme, else `ALL_PROXY`, in lower or upper case,
 * unless `NO_PROXY` says otherwise. Loopback hosts are never proxied.
 */
export function proxyFor(url: URL, env: Environment): Proxy | undefined {
  if (isLoopback(url.hostname)) return undefined;
  const scheme = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const value = variable(env, scheme) ?? variable(env, 'all_proxy');
  if (value === undefined || isExempt(url, variable(env, 'no_proxy') ?? '')) return undefined;
  return parseProxy(value, scheme.toUpperCase());
}

function variable(env: Environment, name: string): string | undefined {
  return [env[name], env[name.toUpperCase()]].find((value) => value !== undefined && value !== '');
}

function parseProxy(value: string, name: string): Proxy {
  const url = URL.parse(/^[a-z][a-z\d+.-]*:\/\//iu.test(value) ? value : `http://${value}`);
  if (url === null || url.hostname === '') throw unusable(name, 'is not a URL');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw unusable(name, `names a ${url.protocol.slice(0, -1)} proxy, which is not supported`);
  }
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const proxy = { hostname: url.hostname, port, secure, host: `${url.hostname}:${port}` };
  const authorization = basicAuthorization(url);
  return authorization === undefined ? proxy : { ...proxy, authorization };
}

function basicAuthorization(url: URL): Secret | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const password = decodeURIComponent(url.password);
  registerSecret(password);
  const encoded = Buffer.from(`${decodeURIComponent(url.username)}:${password}`).toString('base64');
  registerSecret(encoded);
  return new Secret(`Basic ${encoded}`);
}

function unusable(name: string, why: string): TranshipError {
  return new TranshipError('E_PROXY', 'usage', `the proxy in ${name} or ALL_PROXY ${why}`, {
    hint: 'give it as http://host:port or https://host:port',
  });
}

/**
 * Entries, separated by commas or spaces: `*`, a name (that host and all below it, with or without a leading dot or `*.`),
 * an address, a CIDR; each with an optional `:port`.
 */
function isExempt(url: URL, list: string): boolean {
  const hostname = url.hostname.toLowerCase().replace(/^\[|\]$/gu, '');
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return list
    .toLowerCase()
    .split(/[\s,]+/u)
    .some((entry) => entry !== '' && matches(entry, hostname, port));
}

function matches(entry: string, hostname: string, port: string): boolean {
  if (entry === '*') return true;
  const split = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/u.exec(entry);
  const name = split?.[1] ?? split?.[2] ?? entry;
  if (split?.[3] !== undefined && split[3] !== port) return false;
  if (ipFamily(hostname) !== 0) return isWithinNet(hostname, name);
  const suffix = name.replace(/^\*?\./u, '');
  return hostname === suffix || hostname.endsWith(`.${suffix}`);
}

function isWithinNet(address: string, net: string): boolean {
  const [base = '', bits] = net.split('/');
  const family = ipFamily(base);
  if (family === 0 || ipFamily(address) !== family) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const prefix = bits === undefined ? (family === 4 ? 32 : 128) : Number(bits);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(base, prefix, type);
  return list.check(address, type);
}
