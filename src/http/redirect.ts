import { TranshipError } from '../oci/errors.ts';
import { travellingHeaders } from './headers.ts';
import { limits } from './limits.ts';
import type { HostSettings, HttpRequest, ResponseHeaders } from './types.ts';
import { allowedUrl } from './url-policy.ts';

/** Where a request stands on its way through redirects. */
export interface Step {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly authorization: HttpRequest['authorization'];
  /** The server that sent us here. */
  readonly givenBy: URL | undefined;
  readonly hops: number;
}

export interface RedirectContext {
  readonly settings: HostSettings;
  readonly baseIsPrivate: boolean;
}

const statuses = new Set([301, 302, 303, 307, 308]);

export function isRedirect(
  request: Pick<HttpRequest, 'method' | 'redirects'>,
  answer: { readonly status: number; readonly headers: ResponseHeaders },
): boolean {
  if (!statuses.has(answer.status) || answer.headers.get('location') === undefined) return false;
  const follows = request.method === 'GET' || request.method === 'HEAD';
  return follows && request.redirects !== 'return';
}

/**
 * The next step after a redirect. Once it leaves the origin, the authorization is gone for good, also when a later redirect
 * leads back; and only listed headers travel.
 */
export function nextStep(step: Step, location: string, context: RedirectContext): Step {
  if (step.hops >= limits.redirects) throw tooMany(step.url);
  const { url } = allowedUrl({
    purpose: 'redirect',
    base: step.url,
    url: location,
    settings: context.settings,
    baseIsPrivate: context.baseIsPrivate,
  });
  const hops = step.hops + 1;
  if (url.origin === step.url.origin) return { ...step, url, hops };
  return {
    url,
    headers: travellingHeaders(step.headers),
    authorization: undefined,
    givenBy: step.givenBy ?? step.url,
    hops,
  };
}

function tooMany(url: URL): TranshipError {
  return new TranshipError('E_TOO_MANY_REDIRECTS', 'failed', `more than ${limits.redirects} redirects`, {
    subject: url.host,
    hint: 'the registry or its storage sends us in circles',
  });
}
