/** What each host was asked, counted while it happens. */
import type { Event } from './events.ts';
import type { HostAccount } from './report.ts';

type Request = Extract<Event, { type: 'request' }>;
type Waiting = Extract<Event, { type: 'waiting' }>;

/** Hosts with an account of their own. A registry that sends every download to another name must not fill the memory. */
const mostHosts = 500;

const otherHosts = '(other hosts)';

const manifestPath = /^\/v2\/.+\/manifests\/[^/]+$/;
const tokenPath = /\/(?:token|exchange|auth)$/;

export class HostAccounts {
  readonly #hosts = new Map<string, { -readonly [K in keyof HostAccount]: HostAccount[K] }>();

  requested(event: Request): void {
    const { host, method, sentBytes, receivedBytes } = event;
    const account = this.#of(host);
    // A run that finds nothing to do consists of HEADs: of those only the number counts, and their URLs are left unread.
    const path = method === 'HEAD' ? '' : pathOf(event.url);
    account.requests += 1;
    if (method === 'GET' && manifestPath.test(path)) account.manifestGets += 1;
    if (isWrite(method) && !tokenPath.test(path)) account.writes += 1;
    account.sentBytes += sentBytes;
    account.receivedBytes += receivedBytes;
  }

  waited({ host, milliseconds, atMost }: Waiting): void {
    if (atMost !== true) this.#of(host).waitedMilliseconds += milliseconds;
  }

  /** The busiest first. */
  all(): readonly HostAccount[] {
    return [...this.#hosts.values()]
      .map((account) => ({ ...account }))
      .sort((a, b) => b.requests - a.requests || (a.host < b.host ? -1 : 1));
  }

  #of(host: string) {
    const name = this.#hosts.has(host) || this.#hosts.size < mostHosts ? host : otherHosts;
    const known = this.#hosts.get(name);
    if (known) return known;
    const fresh = {
      host: name,
      requests: 0,
      manifestGets: 0,
      writes: 0,
      sentBytes: 0,
      receivedBytes: 0,
      waitedMilliseconds: 0,
    };
    this.#hosts.set(name, fresh);
    return fresh;
  }
}

function isWrite(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

function pathOf(url: string): string {
  return URL.parse(url)?.pathname ?? '';
}
