import { z } from 'zod';
import { Secret } from '../../kit/secret.ts';
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

const text = z.string().max(65_536).optional();
const answerShape = z.object({
  token: text,
  access_token: text,
  refresh_token: text,
  expires_in: z.number().optional(),
});
const visibleAscii = /^[\x21-\x7e]+$/;

const claimsShape = z.object({
  exp: z.number().optional(),
  iat: z.number().optional(),
  access: z.array(z.object({ type: z.string(), name: z.string(), actions: z.array(z.string()).nullish() })).nullish(),
  scope: z.string().optional(),
});
type Claims = z.infer<typeof claimsShape>;

/** Reads a token service's answer; `undefined` where it holds no usable token. */
export function readToken(body: Uint8Array, receivedAt: number): Token | undefined {
  const answer = answerShape.safeParse(parseJson(new TextDecoder().decode(body)));
  if (!answer.success) return undefined;
  const value = answer.data.token || answer.data.access_token;
  if (!value || !visibleAscii.test(value)) return undefined;
  const claims = readClaims(value);
  return {
    value: new Secret(value),
    receivedAt,
    lifetimeMs: lifetimeSeconds(answer.data.expires_in, claims) * 1000,
    granted: grantedScopes(claims),
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
  const claims = claimsShape.safeParse(parseJson(Buffer.from(payload, 'base64url').toString('utf8')));
  return claims.success ? claims.data : undefined;
}

function grantedScopes(claims: Claims | undefined): readonly Scope[] | undefined {
  if (claims?.access) return claims.access.map(({ type, name, actions }) => ({ type, name, actions: actions ?? [] }));
  return claims?.scope === undefined ? undefined : parseScopes(claims.scope);
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
