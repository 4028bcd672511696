import { randomUUID } from 'node:crypto';
import type { VendorReply, VendorRequest } from './double.ts';

export interface GateOptions {
  /** Path of the token service: `/oauth2/token`. */
  readonly path: string;
  readonly service: string;
  /** Name to password. Without any, everybody may do everything. */
  readonly users: Readonly<Record<string, string>>;
  /** Whether somebody without a name gets tokens. Default false. */
  readonly anonymous?: boolean;
  /** Whether a user is granted a scope such as `repository:apps/api:pull`. Default: everything. */
  readonly grants?: (scope: string, user: string | undefined) => boolean;
  /** What is to be allowed for a request; nothing = the path is not the gate's. */
  readonly needs: (request: VendorRequest) => readonly string[] | undefined;
}

/** A token service and the check of its tokens, in the way of the distribution specification's registries. */
export class Gate {
  readonly tokenRequests: { readonly scopes: readonly string[]; readonly user: string | undefined }[] = [];
  readonly #options: GateOptions;
  readonly #tokens = new Map<string, readonly string[]>();

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** A reply where the request stops here: a token, or a refusal. */
  check(request: VendorRequest): VendorReply | undefined {
    if (Object.keys(this.#options.users).length === 0) return undefined;
    if (request.path === this.#options.path) return this.#token(request);
    const needed = this.#options.needs(request);
    if (needed === undefined || this.userOf(request) !== undefined) return undefined;
    const held = this.#tokens.get(/^Bearer (.+)$/.exec(request.authorization ?? '')?.[1] ?? '');
    if (held !== undefined && needed.every((scope) => covers(held, scope))) return undefined;
    return this.#challenge(request, needed);
  }

  /** Who a Basic authorisation says it is, if the password is right. */
  userOf({ authorization }: VendorRequest): string | undefined {
    const encoded = /^Basic (.+)$/.exec(authorization ?? '')?.[1];
    if (encoded === undefined) return undefined;
    const [user = '', ...password] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
    return this.#options.users[user] === password.join(':') ? user : undefined;
  }

  #token(request: VendorRequest): VendorReply {
    const user = this.userOf(request);
    const scopes = request.query.getAll('scope').filter((scope) => scope !== '');
    this.tokenRequests.push({ scopes, user });
    if (user === undefined && (request.authorization !== undefined || this.#options.anonymous !== true)) {
      return { status: 401, document: { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] } };
    }
    const token = randomUUID();
    this.#tokens.set(
      token,
      scopes.filter((scope) => this.#options.grants?.(scope, user) ?? true),
    );
    return { status: 200, document: { access_token: token, token, expires_in: 300 } };
  }

  #challenge({ origin }: VendorRequest, needed: readonly string[]): VendorReply {
    const { path, service } = this.#options;
    const scope = needed.length > 0 ? `,scope="${needed.join(' ')}"` : '';
    return {
      status: 401,
      headers: { 'www-authenticate': `Bearer realm="${origin}${path}",service="${service}"${scope}` },
      document: { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] },
    };
  }
}

/** What the distribution specification's paths need. */
export function needsOfDistribution({ method, path }: VendorRequest): readonly string[] | undefined {
  if (!path.startsWith('/v2/')) return undefined;
  if (path === '/v2/_catalog') return ['registry:catalog:*'];
  const name = /^\/v2\/(.+)\/(?:manifests|blobs|tags|referrers)\//.exec(path)?.[1];
  if (name === undefined) return [];
  if (method === 'GET' || method === 'HEAD') return [`repository:${name}:pull`];
  return [`repository:${name}:${method === 'DELETE' ? 'delete' : 'pull,push'}`];
}

function covers(held: readonly string[], needed: string): boolean {
  const [name, actions] = cut(needed);
  return actions.every((action) =>
    held.some((scope) => {
      const [heldName, heldActions] = cut(scope);
      return heldName === name && (heldActions.includes(action) || heldActions.includes('*'));
    }),
  );
}

function cut(scope: string): readonly [string, readonly string[]] {
  const colon = scope.lastIndexOf(':');
  return [scope.slice(0, colon), scope.slice(colon + 1).split(',')];
}
