import { Secret } from '../../kit/secret.ts';
import { type JsonObject, listAt, objectOf, parseJson } from '../json.ts';
import { parseScopes, type Scope } from './scope.ts';

/** A token and what is known of it. Times are milliseconds of the monotonic clock that was handed in. */
export interface Token {
  readonly value: Secret;
  readonly receivedAt: number;
  readonly lifetimeMs: number;
  /** What it allows, where it can be read; servers grant less than was asked for without saying so. */
  readonly granted: readonly Scope[] | undefined;
}

/** The token protocol's default, for a server that names no lifetime and whose token is opaque. */
const defaultLifetimeSeconds = 60;
const longestLifetimeSeconds = 30 * 24 * 3600;
const earliestRenewalMs = 30_000;
const earliestRenewalShare = 0.2;

const longestToken = 65_536;
const visibleAscii = /^[\x21-\x7e]+$/;

/** The claims of a JWT that tell how long it lives and what it allows. */
interface Claims {
  readonly exp: number | undefined;
  readonly iat: number | undefined;
  readonly access: readonly Scope[] | undefined;
  readonly scope: string | undefined;
}

/** Reads a token service's answer; `undefined` where it holds no usable token. */
export function readToken(body: Uint8Array, receivedAt: number): Token | undefined {
  const answer = objectOf(parseJson(new TextDecoder().decode(body)));
  const value = textIn(answer, 'token') || textIn(answer, 'access_token');
  if (!value || !visibleAscii.test(value)) return undefined;
  const claims = readClaims(value);
  return {
    value: new Secret(value),
    receivedAt,
    lifetimeMs: lifetimeSeconds(numberIn(answer, 'expires_in'), claims) * 1000,
    granted: claims?.access ?? (claims?.scope === undefined ? undefined : parseScopes(claims.scope)),
  };
}

/**
 * When to fetch the next one: a fifth of the lifetime before its end, 30 s at most. A fixed half minute would leave
 * nothing of a short token, and a longer lead would never find a short one in the cache.
 */
export function renewalDue(token: Token, now: number): boolean {
  const lead = Math.min(earliestRenewalMs, token.lifetimeMs * earliestRenewalShare);
  return remainingMs(token, now) <= lead;
}

/** Milliseconds until it ends, by our clock; negative after. */
export function remainingMs(token: Token, now: number): number {
  return token.receivedAt + token.lifetimeMs - now;
}

/**
 * The server's clock is never compared with ours: a JWT's two times serve as a duration only. Quay names no lifetime
 * beside its JWT of an hour, which naive clients therefore renew every minute.
 */
function lifetimeSeconds(stated: number | undefined, claims: Claims | undefined): number {
  const ofToken = claims?.exp !== undefined && claims.iat !== undefined ? claims.exp - claims.iat : undefined;
  const seconds = stated ?? ofToken ?? defaultLifetimeSeconds;
  return seconds > 0 ? Math.min(seconds, longestLifetimeSeconds) : defaultLifetimeSeconds;
}

/** A JWT's payload, unverified: it only ever serves to explain a refusal and to guess a lifetime. */
function readClaims(token: string): Claims | undefined {
  const payload = token.split('.', 3)[1];
  if (payload === undefined) return undefined;
  const claims = objectOf(parseJson(Buffer.from(payload, 'base64url').toString('utf8')));
  if (claims === undefined) return undefined;
  return {
    exp: numberIn(claims, 'exp'),
    iat: numberIn(claims, 'iat'),
    access: claims['access'] ? listAt(claims, 'access')?.flatMap(readAccess) : undefined,
    scope: textIn(claims, 'scope'),
  };
}

function readAccess(entry: unknown): readonly Scope[] {
  const access = objectOf(entry);
  const type = textIn(access, 'type');
  const name = textIn(access, 'name');
  if (type === undefined || name === undefined) return [];
  const actions = (listAt(access, 'actions') ?? []).filter((action) => typeof action === 'string');
  return [{ type, name, actions }];
}

function textIn(object: JsonObject | undefined, key: string): string | undefined {
  const value = object?.[key];
  return typeof value === 'string' && value.length <= longestToken ? value : undefined;
}

function numberIn(object: JsonObject | undefined, key: string): number | undefined {
  const value = object?.[key];
  return typeof value === 'number' ? value : undefined;
}
