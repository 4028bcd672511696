import type { RepositoryName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import { readWords } from './answer-words.ts';
import { type Challenge, parseChallenges } from './auth/challenge.ts';
import { formatScope, type Scope } from './auth/scope.ts';
import type { Capabilities } from './capabilities.ts';
import { refusal } from './errors.ts';
import type { Product } from './product.ts';
import type { PingOptions, Wire } from './wire.ts';

/** What a registry's front door shows. */
export interface Diagnosis {
  /** Where it really answers. */
  readonly base: string;
  /** `GET /v2/` without credentials. */
  readonly status: number;
  readonly challenges: readonly { readonly scheme: string; readonly parameters: Readonly<Record<string, string>> }[];
  readonly apiVersion: string | undefined;
  /** A page for people came: registries answer in JSON. */
  readonly isPage: boolean;
  readonly server: string | undefined;
  /** Its words where it did not let in; empty where it said nothing. */
  readonly words: string;
  readonly product: Product | undefined;
  /** Milliseconds by which the registry's clock is before ours; negative behind; to a second or so. */
  readonly clockSkewMs: number | undefined;
  readonly capabilities: Capabilities;
}

/** What an account asked for and got. */
export interface GrantedScope {
  readonly asked: string;
  /** What the token says that it allows; `undefined` where it does not say, or where there are no tokens. */
  readonly granted: readonly string[] | undefined;
  readonly authentication: 'none' | 'basic' | 'token';
  /** Where the credential was found; `undefined` = anonymous. */
  readonly credential: string | undefined;
}

/** Looks at the front door, without credentials. */
export async function diagnose(wire: Wire, options: PingOptions = {}): Promise<Diagnosis> {
  const before = wire.clock.wall();
  const answer = await wire.ping(options);
  const after = wire.clock.wall();
  const theirs = Date.parse(answer.headers.get('date') ?? '');
  return {
    base: wire.base.href,
    status: answer.status,
    challenges: parseChallenges(answer.headers.all('www-authenticate')).map(plain),
    apiVersion: answer.headers.get('docker-distribution-api-version'),
    isPage: answer.headers.get('content-type')?.startsWith('text/html') ?? false,
    server: answer.headers.get('server'),
    words: answer.status === 200 ? '' : readWords(answer).text,
    product: wire.abilities.product,
    clockSkewMs: Number.isNaN(theirs) ? undefined : theirs - (before + after) / 2,
    capabilities: wire.abilities.now,
  };
}

/**
 * Asks for a token and reads what it allows: registries grant less than was asked for without an error. Throws
 * `E_UNAUTHORIZED` where the credentials are refused.
 */
export async function grantedTo(
  wire: Wire,
  repository: RepositoryName,
  actions: readonly string[],
  options: CallOptions = {},
): Promise<GrantedScope> {
  const scope: Scope = { type: 'repository', name: repository, actions };
  const access = { repository, scopes: [scope] };
  if (wire.authorizer.scheme === undefined) await meet(wire, repository, options);
  const { token } = await wire.authorizer.pass(access, options);
  const { scheme } = wire.authorizer;
  const found = scheme && (await wire.authorizer.credential(repository, options));
  return {
    asked: formatScope(scope),
    granted: token?.granted?.map(formatScope),
    authentication: scheme === undefined ? 'none' : scheme.kind === 'basic' ? 'basic' : 'token',
    credential: found?.origin,
  };
}

/** Lets the registry show how it authenticates; the repository's password is tried at once, as no token service will. */
async function meet(wire: Wire, repository: RepositoryName, options: CallOptions): Promise<void> {
  wire.authorizer.meet(await wire.ping(options));
  if (wire.authorizer.scheme?.kind !== 'basic') return;
  const answer = await wire.enter(repository, options);
  if (answer.status === 401) throw refusal(answer, 'ping', wire.host);
}

function plain({ scheme, parameters }: Challenge) {
  return { scheme, parameters: Object.fromEntries(parameters) };
}
