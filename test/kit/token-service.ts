import { errorReply, type Personality, type Reply } from './scripted-registry.ts';

export interface TokenRequest {
  readonly method: string;
  readonly scopes: readonly string[];
  readonly service: string | null;
  readonly authorization: string | undefined;
  readonly form: URLSearchParams;
}

export interface TokenServiceOptions {
  /** Path of the token service. */
  readonly path?: string;
  /** What the challenge names, where not `path` itself. */
  readonly realm?: string | (() => string);
  /** Answers a token request; the default grants everything that is asked. */
  readonly grant?: (request: TokenRequest) => Reply | string;
  /** What a token must allow for a request; the default is what the distribution specification's registries want. */
  readonly challengeScope?: (needed: string) => string;
  /** The action that deleting a manifest needs; default `delete`. */
  readonly deleteNeeds?: string;
  readonly expiresIn?: number;
  /** Whether the registry accepts a token, beside its scopes. */
  readonly accepts?: (token: string) => boolean;
}

export interface TokenService {
  readonly personality: Personality;
  readonly requests: readonly TokenRequest[];
  /** Forgets every token given out. */
  revoke(): void;
}

/**
 * Puts token authentication before a scripted registry. A token is `t<number>`; the service remembers which scopes it was
 * given for, and the registry wants pull for reading, push for writing, delete for deleting and both for a mount.
 */
export function tokenService(options: TokenServiceOptions = {}): TokenService {
  const { path = '/token', realm = path, grant = () => 'granted', challengeScope = (needed) => needed } = options;
  const requests: TokenRequest[] = [];
  const granted = new Map<string, readonly string[]>();
  const personality: Personality = async (seen, next) => {
    if (seen.path === path) {
      const form = new URLSearchParams((await seen.body()).toString());
      const scopes =
        seen.method === 'POST' ? (form.get('scope') ?? '').split(' ').filter(Boolean) : seen.query.getAll('scope');
      const service = seen.query.get('service') ?? form.get('service');
      const request = { method: seen.method, scopes, service, authorization: seen.headers['authorization'], form };
      requests.push(request);
      const answer = grant(request);
      if (typeof answer !== 'string') return answer;
      const token = `token-number-${requests.length}`;
      granted.set(token, answer === 'granted' ? scopes : answer.split(' '));
      const body = { token, ...(options.expiresIn !== undefined && { expires_in: options.expiresIn }) };
      return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    }
    const token = /^Bearer (.+)$/.exec(seen.headers['authorization'] ?? '')?.[1];
    const needed = neededFor(seen.method, seen.path, seen.query, options.deleteNeeds);
    const held = token === undefined ? undefined : granted.get(token);
    const accepted = token !== undefined && held !== undefined && (options.accepts?.(token) ?? true);
    if (accepted && needed.every((scope) => allows(held, scope))) return next();
    const challenge = [
      `realm="${typeof realm === 'string' ? realm : realm()}"`,
      'service="registry.example.com"',
      ...(needed.length > 0 ? [`scope="${challengeScope(needed.join(' '))}"`] : []),
    ];
    const reply = errorReply(401, 'UNAUTHORIZED', 'authentication required');
    return { ...reply, headers: { ...reply.headers, 'www-authenticate': `Bearer ${challenge.join(',')}` } };
  };
  return { personality, requests, revoke: () => granted.clear() };
}

function neededFor(method: string, path: string, query: URLSearchParams, deleteNeeds = 'delete'): readonly string[] {
  const name = /^\/v2\/(.+?)\/(?:blobs|manifests|tags|referrers)\//.exec(path)?.[1];
  if (name === undefined) return path.startsWith('/v2/_catalog') ? ['registry:catalog:*'] : [];
  if (method === 'GET' || method === 'HEAD') return [`repository:${name}:pull`];
  if (method === 'DELETE' && path.includes('/manifests/')) return [`repository:${name}:${deleteNeeds}`];
  const from = query.get('from');
  return [`repository:${name}:pull,push`, ...(from === null ? [] : [`repository:${from}:pull`])];
}

function allows(held: readonly string[], needed: string): boolean {
  const [, name, actions] = /^(.*):(.*)$/.exec(needed) ?? [];
  return (actions ?? '').split(',').every((action) =>
    held.some((scope) => {
      const [, heldName, heldActions] = /^(.*):(.*)$/.exec(scope) ?? [];
      const all = (heldActions ?? '').split(',');
      return heldName === name && (all.includes(action) || all.includes('*'));
    }),
  );
}
