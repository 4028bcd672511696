import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { lazily } from '../kit/lazily.ts';

/**
 * What a server may make us talk to:
 * - `forbidden`: never. A machine's own metadata services, link-local, unspecified, multicast, broadcast;
 * - `private`: only when the server that sends us there is private itself;
 * - `public`: the rest.
 */
export type AddressClass = 'forbidden' | 'private' | 'public';

const forbidden = lazily(() =>
  blockList([
    '0.0.0.0/8',
    '169.254.0.0/16',
    '100.100.100.200/32',
    '192.0.0.192/32',
    '168.63.129.16/32',
    '224.0.0.0/3',
    '::/128',
    'fe80::/10',
    'fd00:ec2::254/128',
    'fd20:ce::254/128',
    'ff00::/8',
  ]),
);

const privateNets = lazily(() =>
  blockList([
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '172.16.0.0/12',
    '192.0.0.0/24',
    '192.168.0.0/16',
    '198.18.0.0/15',
    '::1/128',
    'fc00::/7',
    'fec0::/10',
  ]),
);

/**
 * 4, 6, or 0 for what is no address. Node's `isIP` tries both expressions on every name, and making the one for IPv6 costs
 * five milliseconds of a short run.
 */
export function ipFamily(text: string): 0 | 4 | 6 {
  if (text.includes(':')) return isIPv6(text) ? 6 : 0;
  return isIPv4(text) ? 4 : 0;
}

/** `address`: an IPv4 or IPv6 address, brackets and zone allowed. What is no address is forbidden. */
export function addressClass(address: string): AddressClass {
  const bare = address.replace(/^\[|\]$/gu, '').replace(/%.*$/u, '');
  const family = ipFamily(bare);
  if (family === 0) return 'forbidden';
  if (family === 4) return classOf(bare, 'ipv4');
  const embedded = embeddedIpv4(bare);
  if (embedded !== undefined) return classOf(embedded, 'ipv4');
  return classOf(bare, 'ipv6');
}

function classOf(address: string, family: 'ipv4' | 'ipv6'): AddressClass {
  if (forbidden().check(address, family)) return 'forbidden';
  return privateNets().check(address, family) ? 'private' : 'public';
}

/**
 * The IPv4 address that an IPv6 one stands for: mapped (RFC 4291), compatible, translated (RFC 2765), NAT64 (RFC 6052,
 * RFC 8215) and 6to4 (RFC 3056). A check that saw only the outer form could be walked around.
 */
function embeddedIpv4(address: string): string | undefined {
  const groups = groupsOf(address);
  const [g0, g1, g2, g3, g4, g5, g6, g7] = groups;
  if (g0 === 0x2002) return dotted(g1, g2);
  if (g0 === 0x64 && g1 === 0xff9b) return dotted(g6, g7);
  const startsEmpty = g0 === 0 && g1 === 0 && g2 === 0 && g3 === 0;
  if (startsEmpty && g4 === 0 && g5 === 0xffff) return dotted(g6, g7);
  if (startsEmpty && g4 === 0xffff && g5 === 0) return dotted(g6, g7);
  if (startsEmpty && g4 === 0 && g5 === 0 && (g6 ?? 0) !== 0) return dotted(g6, g7);
  return undefined;
}

function dotted(high = 0, low = 0): string {
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

function groupsOf(address: string): number[] {
  const [front = '', back] = withHexTail(address).split('::');
  const head = front === '' ? [] : front.split(':');
  const tail = back === undefined || back === '' ? [] : back.split(':');
  const gap = back === undefined ? 0 : 8 - head.length - tail.length;
  return [...head, ...Array<string>(Math.max(0, gap)).fill('0'), ...tail].map((group) => Number.parseInt(group, 16));
}

function withHexTail(address: string): string {
  const last = address.slice(address.lastIndexOf(':') + 1);
  if (!last.includes('.')) return address;
  const [a = 0, b = 0, c = 0, d = 0] = last.split('.').map(Number);
  return `${address.slice(0, -last.length)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

function blockList(nets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const net of nets) {
    const [address = '', bits = ''] = net.split('/');
    list.addSubnet(address, Number(bits), address.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
}

const metadataNames = new Set(['metadata.google.internal', 'metadata', 'instance-data', 'metadata.azure.internal']);

/** The class of a host as it stands in a URL, before any name is resolved; `undefined` for an ordinary name. */
export function hostClass(hostname: string): AddressClass | undefined {
  const name = hostname.toLowerCase().replace(/\.$/u, '');
  if (metadataNames.has(name)) return 'forbidden';
  if (name === 'localhost' || name.endsWith('.localhost')) return 'private';
  const bare = name.replace(/^\[|\]$/gu, '');
  return ipFamily(bare) === 0 ? undefined : addressClass(bare);
}

/** Hosts that fall back to plain HTTP by themselves: `localhost`, `127.0.0.0/8`, `[::1]`. */
export function isLoopback(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/^\[|\]$/gu, '');
  return name === 'localhost' || name === '::1' || (isIPv4(name) && name.startsWith('127.'));
}
