import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RepositoryName } from '../../oci/names.ts';
import type { Access, Action, Gate } from '../access.ts';
import { type Exchange, sendJson } from '../exchange.ts';
import { Fault, fault } from '../fault.ts';
import { readBody } from '../read-body.ts';
import { basicOf, bearerOf } from './authorization.ts';
import { readJwt, signJwt } from './jwt.ts';
import type { AuthOptions } from './options.ts';
import { allows, type Grant, grantTo, listsRepositories, parseScopes } from './scopes.ts';
import { type Caller, Users } from './users.ts';

const tokenPath = '/token';
const defaultLifetimeSeconds = 300;
const largestForm = 64 * 1024;

type TokenOptions = Extract<AuthOptions, { kind: 'token' }>;

/**
 * Bearer tokens and the server that gives them out (distribution's token protocol): GET with Basic or without credentials,
 * POST with the grants `password` and `refresh_token`. The key lives as long as the process.
 */
export function createTokenGate(options: TokenOptions, now: () => number): Gate {
  return new TokenGate(options, now);
}

class TokenGate implements Gate {
  readonly #users: Users;
  readonly #service: string;
  readonly #lifetime: number;
  readonly #now: () => number;
  readonly #key = randomBytes(32);

  constructor(options: TokenOptions, now: () => number) {
    this.#users = new Users(options);
    this.#service = options.service ?? 'registry';
    this.#lifetime = options.lifetimeSeconds ?? defaultLifetimeSeconds;
    this.#now = now;
  }

  admit(request: IncomingMessage): Access {
    const token = bearerOf(request.headers.authorization);
    const claims = token === undefined ? undefined : this.#read(token);
    const grants = claims?.access;
    if (grants === undefined && needsToken(request.url ?? ''))
      throw this.#challenge(request, scopeOfPath(request.url ?? ''));
    const caller = grants !== undefined && listsRepositories(grants) ? this.#named(claims?.sub ?? '') : nobody;
    return {
      may: (action, repository) => grants !== undefined && allows(grants, action, repository),
      sees: (repository) =>
        caller.may('pull', repository) || (grants !== undefined && allows(grants, 'pull', repository)),
      refuse: (action, repository) => this.#challenge(request, scopeOf(action, repository), grants !== undefined),
    };
  }

  async answer(exchange: Exchange): Promise<boolean> {
    if (exchange.path !== tokenPath) return false;
    const { method, headers } = exchange.request;
    if (method === 'GET') {
      const given = basicOf(headers.authorization);
      const caller = given === undefined ? undefined : this.#users.login(given.name, given.password);
      if (headers.authorization !== undefined && caller === undefined) throw wrongCredentials();
      this.#issue(exchange, caller, exchange.query.getAll('scope'), exchange.query.get('offline_token') === 'true');
    } else if (method === 'POST') {
      const form = new URLSearchParams((await readBody(exchange.request, largestForm)).toString('utf8'));
      this.#issue(exchange, this.#callerOf(form), form.getAll('scope'), form.get('access_type') === 'offline');
    } else {
      throw new Fault(405, { code: 'UNSUPPORTED', message: 'GET or POST' }, { allow: 'GET, POST' });
    }
    return true;
  }

  #callerOf(form: URLSearchParams): Caller {
    const caller =
      form.get('grant_type') === 'refresh_token'
        ? this.#refreshed(form.get('refresh_token') ?? '')
        : this.#users.login(form.get('username') ?? '', form.get('password') ?? '');
    if (caller === undefined) throw wrongCredentials();
    return caller;
  }

  #refreshed(token: string): Caller | undefined {
    const claims = readJwt(token, this.#key);
    return claims?.['use'] === 'refresh' ? this.#users.named(String(claims['sub'])) : undefined;
  }

  #issue(exchange: Exchange, caller: Caller | undefined, scopes: readonly string[], offline: boolean): void {
    const who = caller ?? this.#users.anonymous ?? nobody;
    const seconds = Math.floor(this.#now() / 1000);
    const claims = {
      iss: 'tranship',
      sub: who.name,
      aud: this.#service,
      iat: seconds,
      nbf: seconds,
      exp: seconds + this.#lifetime,
      access: grantTo(who, parseScopes(scopes)),
    };
    const token = signJwt(claims, this.#key);
    sendJson(exchange, 200, {
      token,
      access_token: token,
      expires_in: this.#lifetime,
      issued_at: new Date(seconds * 1000).toISOString(),
      ...(offline && caller !== undefined && { refresh_token: signJwt({ use: 'refresh', sub: who.name }, this.#key) }),
    });
  }

  /** What a token that is signed, meant for here and not over grants. */
  #read(token: string): { readonly sub: string; readonly access: readonly Grant[] } | undefined {
    const claims = readJwt(token, this.#key);
    if (claims === undefined || claims['aud'] !== this.#service) return undefined;
    if (typeof claims['exp'] !== 'number' || this.#now() >= claims['exp'] * 1000) return undefined;
    return { sub: String(claims['sub']), access: claims['access'] as readonly Grant[] };
  }

  #named(name: string): Caller {
    return (name === '' ? this.#users.anonymous : this.#users.named(name)) ?? nobody;
  }

  #challenge(request: IncomingMessage, scope?: string, insufficient = false): Fault {
    const scheme = 'encrypted' in request.socket ? 'https' : 'http';
    const realm = `${scheme}://${request.headers.host ?? 'localhost'}${tokenPath}`;
    const parts = [`realm="${realm}"`, `service="${this.#service}"`];
    if (scope !== undefined) parts.push(`scope="${scope}"`);
    if (insufficient) parts.push('error="insufficient_scope"');
    return new Fault(
      401,
      { code: 'UNAUTHORIZED', message: 'a token is needed', ...(scope !== undefined && { detail: { scope } }) },
      { 'www-authenticate': `Bearer ${parts.join(',')}` },
    );
  }
}

/** The ping and the catalog are about no repository, so nothing else would ask for a token there. */
function needsToken(url: string): boolean {
  return /^\/v2\/?(\?|$)/.test(url) || scopeOfPath(url) !== undefined;
}

function scopeOfPath(url: string): string | undefined {
  return /^\/v2\/_catalog(\?|$)/.test(url) ? 'registry:catalog:*' : undefined;
}

const nobody: Caller = { name: '', may: () => false };

function scopeOf(action: Action, repository: RepositoryName): string {
  const actions = action === 'push' ? 'pull,push' : action;
  return `repository:${repository}:${actions}`;
}

function wrongCredentials(): Fault {
  return fault(401, 'UNAUTHORIZED', 'the user name or password is wrong');
}
