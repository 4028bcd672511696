import { TranshipError } from '../oci/errors.ts';
import { hostClass } from './address.ts';
import { redact } from './redact.ts';
import type { HostSettings } from './types.ts';

/** What a URL from a server is for. */
export type UrlPurpose =
  /** Where a token is asked for. */
  | 'realm'
  /** Where a GET or HEAD was sent on to. */
  | 'redirect'
  /** Where an upload goes on. */
  | 'location'
  /** The next page of a listing. */
  | 'link'
  /** A layer's `urls`. */
  | 'foreign';

export interface UrlQuestion {
  readonly purpose: UrlPurpose;
  /** The URL that the registry was asked at; relative URLs are resolved against it. */
  readonly base: URL;
  /** As the server wrote it. */
  readonly url: string;
  readonly settings?: Pick<HostSettings, 'tokenHosts' | 'allowedHosts' | 'allowHttpBlobRedirects'>;
  /** The base is known to stand at a private address although its name does not say so. */
  readonly baseIsPrivate?: boolean;
  /** The domains of configured registries, beside the known ones: hosts below one domain belong together. */
  readonly registryDomains?: readonly string[];
  /** For a realm: nothing secret would be sent, so an unknown public host may be asked (and is named in a notice). */
  readonly withoutCredentials?: boolean;
  /** For `foreign`: the user switched fetching from such URLs on. */
  readonly foreignAllowed?: boolean;
}

export type UrlVerdict =
  | {
      readonly allowed: true;
      readonly url: URL;
      /** Whether the registry's credentials may go there. */
      readonly credentials: boolean;
      /** Tell the user once. */
      readonly notice?: string;
    }
  | { readonly allowed: false; readonly reason: string };

/** Domains under which one operator runs a registry and what belongs to it. Not those where anybody can get a name. */
const knownDomains = ['docker.io', 'ghcr.io', 'gitlab.com', 'quay.io', 'redhat.io'];

/**
 * Judges a URL that a server handed out. Pure: names are not resolved here; the addresses behind them are checked when the
 * connection is made (`givenBy` of a request).
 */
export function judgeUrl(question: UrlQuestion): UrlVerdict {
  const parsed = parse(question);
  if (typeof parsed === 'string') return refused(parsed);
  const fault = hostFault(question, parsed) ?? schemeFault(question, parsed);
  if (fault !== undefined) return refused(fault);
  return byPurpose[question.purpose](question, parsed);
}

/** The URL that the policy allows, or `E_URL_REFUSED`. */
export function allowedUrl(question: UrlQuestion): Extract<UrlVerdict, { allowed: true }> {
  const verdict = judgeUrl(question);
  if (verdict.allowed) return verdict;
  const shown = redact(printable(question.url));
  const special = verdict.reason === toPlainHttp ? plainHttpHints[question.purpose] : undefined;
  throw new TranshipError(
    'E_URL_REFUSED',
    'refused',
    `${question.base.host} names a ${question.purpose} that is not followed: ${verdict.reason}`,
    { subject: shown, hint: special ?? hints[question.purpose] },
  );
}

const hints: Record<UrlPurpose, string> = {
  realm:
    'if this token service is right, list its host and port under token-hosts of the registry (tokenHosts in the library)',
  redirect:
    'if this storage host is right, list it with its port under allowed-hosts of the registry (allowedHosts in the library)',
  location:
    'if this upload host is right, list it with its port under allowed-hosts of the registry (allowedHosts in the library)',
  link: 'a listing goes on at the registry itself; report this to who runs it',
  foreign: 'foreign layer URLs are not fetched unless that is switched on',
};

const toPlainHttp = 'it leads from https to http';

const proxyHint =
  'the proxy before the registry hides how it is called: let it pass on Host and X-Forwarded-Proto (nginx: proxy_set_header)';

/** Being listed helps nobody whose URL is plain HTTP. */
const plainHttpHints: Partial<Record<UrlPurpose, string>> = {
  realm: proxyHint,
  location: proxyHint,
  link: proxyHint,
  redirect:
    'let the storage speak TLS, or the registry send blobs itself (distribution: storage.redirect.disable: true)',
};

const byPurpose: Record<UrlPurpose, (question: UrlQuestion, url: URL) => UrlVerdict> = {
  realm(question, url) {
    if (sameOrigin(question.base, url)) return allowed(url, true);
    if (belongTogether(question, url) || isListed(url, question.settings?.tokenHosts)) return allowed(url, true);
    if (isAllowedHost(question, url)) return allowed(url, true);
    if (question.withoutCredentials !== true) return refused('its host is not known to belong to the registry');
    return allowed(url, false, `${question.base.host} sends token requests to ${url.host}`);
  },
  redirect(question, url) {
    if (sameOrigin(question.base, url)) return allowed(url, true);
    return allowed(url, false);
  },
  location(question, url) {
    if (sameOrigin(question.base, url)) return allowed(url, true);
    if (isAllowedHost(question, url)) return allowed(url, false);
    return allowed(url, false, `${question.base.host} takes uploads at ${url.host}`);
  },
  link({ base }, url) {
    if (!sameOrigin(base, url)) return refused('it leads to another host');
    return allowed(new URL(url.pathname + url.search, base.href), true);
  },
  foreign({ foreignAllowed }, url) {
    if (foreignAllowed !== true) return refused('foreign URLs are off');
    return url.protocol === 'https:' ? allowed(url, false) : refused('it is not https');
  },
};

function parse({ url, base, purpose }: UrlQuestion): URL | string {
  if (/[\u0000-\u0020\u007f-\u009f]/u.test(url)) return 'it holds spaces or control characters';
  if (url === '') return 'it is empty';
  if (url.includes('\\')) return 'it holds a backslash';
  const parsed = URL.parse(url, base.href);
  if (parsed === null) return 'it is not a URL';
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:')
    return `its scheme is ${parsed.protocol.slice(0, -1)}`;
  if (parsed.username !== '' || parsed.password !== '' || hasUserinfo(url)) return 'it holds a user name';
  if (parsed.hash !== '' && purpose === 'realm') return 'it holds a fragment';
  parsed.hash = '';
  const isOwn = purpose === 'location' || purpose === 'link';
  return isOwn && isHomeInPlainHttp(parsed, base) ? new URL(parsed.pathname + parsed.search, base.origin) : parsed;
}

/**
 * A proxy that ends TLS and does not tell the registry so (`X-Forwarded-Proto`) makes it call itself `http://`, with the
 * port of the proxy or none. It is asked where it was asked before, over TLS: nothing becomes less safe by that.
 */
function isHomeInPlainHttp(url: URL, base: URL): boolean {
  if (base.protocol !== 'https:' || url.protocol !== 'http:' || !sameHost(base, url)) return false;
  return url.port === '' || url.port === (base.port === '' ? '443' : base.port);
}

/** `https://@host/`: an empty user name, which the parsed URL no longer shows. */
function hasUserinfo(url: string): boolean {
  const authority = /^(?:[a-z][a-z\d+.-]*:)?\/\/([^/?#]*)/iu.exec(url)?.[1];
  return authority?.includes('@') === true;
}

function schemeFault(question: UrlQuestion, url: URL): string | undefined {
  if (url.protocol === 'https:' || sameOrigin(question.base, url)) return undefined;
  if (question.purpose === 'redirect' && question.settings?.allowHttpBlobRedirects === true) return undefined;
  if (question.base.protocol === 'https:') return toPlainHttp;
  // A registry that is spoken to in plain HTTP, in a lab: its storage beside it is as well, but nobody out in the world.
  return hostClass(url.hostname) === 'private' || isAllowedHost(question, url) || sameHost(question.base, url)
    ? undefined
    : 'it is plain http at another host';
}

function hostFault(question: UrlQuestion, url: URL): string | undefined {
  const kind = hostClass(url.hostname);
  if (kind === 'forbidden') return 'its host is one that no registry may send us to';
  if (kind !== 'private' || sameHost(question.base, url) || isAllowedHost(question, url)) return undefined;
  if (question.purpose === 'realm' && isListed(url, question.settings?.tokenHosts)) return undefined;
  const baseIsPrivate = question.baseIsPrivate === true || hostClass(question.base.hostname) === 'private';
  return baseIsPrivate ? undefined : 'it leads from a public host to a private address';
}

function sameOrigin(a: URL, b: URL): boolean {
  return a.protocol === b.protocol && a.host === b.host;
}

function sameHost(a: URL, b: URL): boolean {
  return a.hostname === b.hostname;
}

/** The same host on another port, or two hosts below one domain that is itself a registry's. No public-suffix list. */
function belongTogether({ base, registryDomains = [] }: UrlQuestion, url: URL): boolean {
  if (sameHost(base, url)) return true;
  return [...knownDomains, ...registryDomains].some(
    (domain) => isWithin(base.hostname, domain) && isWithin(url.hostname, domain),
  );
}

function isWithin(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

function isAllowedHost({ settings }: UrlQuestion, url: URL): boolean {
  return isListed(url, settings?.allowedHosts);
}

/** An entry without a port names the scheme's own port only. */
function isListed(url: URL, hosts: readonly string[] = []): boolean {
  return hosts.some((host) => host.toLowerCase() === url.host);
}

function allowed(url: URL, credentials: boolean, notice?: string): UrlVerdict {
  return notice === undefined ? { allowed: true, url, credentials } : { allowed: true, url, credentials, notice };
}

function refused(reason: string): UrlVerdict {
  return { allowed: false, reason };
}

function printable(text: string): string {
  return text.replace(/[^\u0021-\u007e]/gu, '?').slice(0, 200);
}
