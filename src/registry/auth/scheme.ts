import type { Challenge } from './challenge.ts';
import type { TokenService } from './exchange.ts';
import { parseScopes, type Scope } from './scope.ts';

/** How a registry wants to be spoken to, and what its challenge asked for. */
export type Scheme =
  | { readonly kind: 'basic' }
  | { readonly kind: 'bearer'; readonly service: TokenService; readonly scopes: readonly Scope[] };

/** Judges a realm by the URL policy: gives it back or throws. */
export type RealmJudge = (realm: URL) => URL;

export interface Offer {
  readonly scheme: Scheme;
  /** The server said that the token it got is too weak, not bad. */
  readonly insufficientScope: boolean;
}

/**
 * The best of what a registry offers: a token service, else Basic. A `Bearer` whose realm is no address is passed over
 * when Basic stands beside it. `base` resolves a relative realm.
 *
 * @throws `E_URL_REFUSED` from `judge` where the only way in leads to a place that the URL policy refuses.
 */
export function chooseScheme(challenges: readonly Challenge[], base: URL, judge: RealmJudge): Offer | undefined {
  const basic = challenges.some(({ scheme }) => scheme === 'basic');
  const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && realmOf(parameters, base));
  const realm = bearer && realmOf(bearer.parameters, base);
  if (bearer === undefined || realm === undefined) {
    return basic || challenges.some(({ scheme }) => scheme === 'bearer')
      ? { scheme: { kind: 'basic' }, insufficientScope: false }
      : undefined;
  }
  return {
    scheme: {
      kind: 'bearer',
      service: { realm: judge(realm), service: bearer.parameters.get('service') },
      scopes: parseScopes(bearer.parameters.get('scope') ?? ''),
    },
    insufficientScope: bearer.parameters.get('error') === 'insufficient_scope',
  };
}

function realmOf(parameters: ReadonlyMap<string, string>, base: URL): URL | undefined {
  const realm = parameters.get('realm');
  if (realm === undefined || realm === '') return undefined;
  const looksLikeAddress = /^[a-z][a-z0-9+.-]*:\/\//i.test(realm) || realm.startsWith('/');
  return looksLikeAddress && URL.canParse(realm, base) ? new URL(realm, base) : undefined;
}
