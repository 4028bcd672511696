import type { Challenge } from './challenge.ts';
import { parseScopes, type Scope } from './scope.ts';

/** How a registry wants to be spoken to, and what its challenge asked for. */
export type Scheme =
  | { readonly kind: 'basic' }
  | { readonly kind: 'bearer'; readonly realm: TokenRealm; readonly scopes: readonly Scope[] };

/** Where tokens are had, as the server wrote it: to be judged by the URL policy before anything is sent there. */
export interface TokenRealm {
  readonly realm: string;
  /** The URL of the answer that named it; a realm may be relative. */
  readonly base: URL;
  readonly service: string | undefined;
}

export interface Offer {
  readonly scheme: Scheme;
  /** The server said that the token it got is too weak, not bad. */
  readonly insufficientScope: boolean;
}

/**
 * The best of what a registry offers: a token service, else Basic. A realm that is no address (Artifactory, ECR) names
 * no token service, so Basic is spoken there.
 */
export function chooseScheme(challenges: readonly Challenge[], base: URL): Offer | undefined {
  const bearer = challenges.find(isTokenService);
  if (bearer !== undefined) return { scheme: tokenScheme(bearer, base), insufficientScope: isInsufficient(bearer) };
  const known = challenges.some(({ scheme }) => scheme === 'basic' || scheme === 'bearer');
  return known ? { scheme: { kind: 'basic' }, insufficientScope: false } : undefined;
}

function tokenScheme({ parameters }: Challenge, base: URL): Scheme {
  const realm = parameters.get('realm') ?? '';
  const scopes = parseScopes(parameters.get('scope') ?? '');
  return { kind: 'bearer', realm: { realm, base, service: parameters.get('service') }, scopes };
}

function isTokenService({ scheme, parameters }: Challenge): boolean {
  const realm = parameters.get('realm') ?? '';
  return scheme === 'bearer' && (realm.startsWith('/') || /^[a-z][a-z0-9+.-]*:\/\//i.test(realm));
}

function isInsufficient({ parameters }: Challenge): boolean {
  return parameters.get('error') === 'insufficient_scope';
}
