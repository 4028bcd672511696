import type { HttpAnswer } from './types.ts';
import { allowedUrl } from './url-policy.ts';

const linkPattern = /<([^<>]*)>((?:\s*;\s*[a-z*]+(?:\s*=\s*(?:"[^"]*"|[^\s;,"]+))?)*)/gi;

/**
 * The query of the next page that an answer's `Link` names (RFC 8288); `undefined` where it names none. Only the query is
 * taken, and only of a link to the same host, so that a listing cannot lead elsewhere. Throws `E_URL_REFUSED` for another host.
 */
export function nextPageQuery({ headers, url }: Pick<HttpAnswer, 'headers' | 'url'>): string | undefined {
  for (const [, target = '', parameters = ''] of (headers.get('link') ?? '').matchAll(linkPattern)) {
    if (!/;\s*rel\s*=\s*"?(?:[^";]*\s)?next\b/i.test(parameters)) continue;
    return allowedUrl({ purpose: 'link', base: url, url: ofOwnScheme(target, url) }).url.search;
  }
  return undefined;
}

/** A server behind a proxy that ends TLS calls itself by `http`; the link is followed by its query alone. */
function ofOwnScheme(target: string, base: URL): string {
  const url = URL.parse(target);
  return url !== null && url.host === base.host && /^https?:$/.test(url.protocol) ? url.pathname + url.search : target;
}
