/** Two Quays, or one and several mirrors of it, opened and found fit before anything else is done. */
import type { Config, RegistryConfig } from '../../config/types.ts';
import { registerSecret } from '../../http/redact.ts';
import type { Secret } from '../../kit/secret.ts';
import type { CredentialSource } from '../../oci/credential.ts';
import { isTranshipError, TranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import { parseQuayAddress } from '../../quay/address.ts';
import { requireLiveToken } from '../../quay/liveness.ts';
import { type RegistryLogin, requireLogin } from '../../quay/pair/login.ts';
import { tokenLogin } from '../../quay/pair/push-rights.ts';
import type { SessionOptions } from '../session.ts';
import { openSync, type SyncSession } from '../sync.ts';
import { connectQuay, type QuayConnection } from './connect.ts';

/** Everything of one side; a fail-over exchanges it as a whole. */
export interface PairSide {
  readonly server: string;
  /** Absent: what `tranship quay login` keeps. */
  readonly token?: Secret | undefined;
  /** Tried in turn where the token is dead. */
  readonly spareTokens?: readonly Secret[] | undefined;
  /** For the registry. Absent: the token, as the user `$oauthtoken`. */
  readonly login?: { readonly username: string; readonly password: Secret } | undefined;
  readonly insecure?: boolean | undefined;
  /** Path of a PEM file. */
  readonly ca?: string | undefined;
}

export interface PairRequest {
  readonly source: PairSide;
  /** At least one. Each blob of the source is read once for all of them. */
  readonly destinations: readonly PairSide[];
}

export interface OpenSide {
  /** What plans and reports call it: `source`, `destination`, `destination-2`. */
  readonly name: string;
  readonly host: string;
  readonly url: URL;
  readonly connection: QuayConnection;
  /** What the registry is opened with. */
  readonly login: RegistryLogin;
}

export interface QuayPair extends AsyncDisposable {
  readonly source: OpenSide;
  readonly destinations: readonly OpenSide[];
  readonly config: Config;
  readonly sync: SyncSession;
}

/** Exchanges source and destination, with their tokens and logins. Throws where there is more than one destination. */
export function failedOver({ source, destinations }: PairRequest): PairRequest {
  const [only, ...more] = destinations;
  if (only === undefined || more.length > 0) {
    throw new TranshipError('E_USAGE', 'usage', 'The direction can only be turned between two Quays.', {
      hint: 'Leave one destination: the one that is to be the source now.',
    });
  }
  return { source: only, destinations: [source] };
}

/** A namespace that any live token may ask about. */
const anyNamespace = 'tranship';

export interface OpenPairOptions extends SessionOptions, CallOptions {
  /** Told as each side was found fit, in the order of looking. */
  readonly onReady?: (side: OpenSide) => void;
}

/**
 * Opens both sides: name, port, certificate, API, whether the token is alive, then the login at the registry. Throws before
 * anything is written: `E_DNS`, `E_UNREACHABLE`, `E_TLS…`, `E_NOT_QUAY`, `E_QUAY_TOKEN`, `E_QUAY_SIGN_IN`.
 */
export async function openPair(request: PairRequest, options: OpenPairOptions): Promise<QuayPair> {
  const sides = sidesOf(request);
  const config = configOf(sides);
  const { signal, onReady, ...session } = options;
  const logins = new Map<string, RegistryLogin>();
  const sync = await openSync(
    { config, file: `quay ${sides.map(({ url }) => url.host).join(' → ')}` },
    { ...session, credentials: credentialsOf(logins) },
  );
  const opened: OpenSide[] = [];
  try {
    for (const side of sides) {
      const connection = await connectAlive(side, sync, { ...session, signal });
      const login = loginOf(side.side, connection);
      opened.push({ name: side.name, host: side.url.host, url: side.url, connection, login });
    }
    for (const side of opened) {
      logins.set(side.host, side.login);
      await requireLogin(side.connection.quay, sync.session.http, side.login, { signal });
      onReady?.(side);
    }
  } catch (error) {
    await sync[Symbol.asyncDispose]();
    throw error;
  }
  const [source, ...destinations] = opened;
  if (source === undefined) throw new Error('a pair without a source');
  return { source, destinations, config, sync, [Symbol.asyncDispose]: () => sync[Symbol.asyncDispose]() };
}

interface NamedSide {
  readonly name: string;
  readonly url: URL;
  readonly side: PairSide;
}

function sidesOf({ source, destinations }: PairRequest): readonly NamedSide[] {
  const sides = [source, ...destinations].map((side, index) => ({
    name: index === 0 ? 'source' : index === 1 ? 'destination' : `destination-${index}`,
    url: parseQuayAddress(side.server),
    side,
  }));
  const hosts = new Set(sides.map(({ url }) => url.host));
  if (hosts.size === sides.length && sides.length > 1) return sides;
  throw new TranshipError('E_USAGE', 'usage', 'Source and destinations have to be different Quays.', {
    hint: 'Check the two addresses.',
  });
}

function configOf(sides: readonly NamedSide[]): Config {
  const registries = Object.fromEntries(sides.map(({ name, url, side }) => [name, registryOf(url, side)]));
  return {
    version: 1,
    registries,
    stages: [
      {
        id: 'quay',
        dependsOn: [],
        from: { registry: 'source', repositories: { kind: 'several', include: [], exclude: [], atLeast: 0 } },
        tags: { include: [], exclude: [], atLeast: 0 },
        to: sides.slice(1).map(({ name }) => ({
          registry: name,
          repository: { template: '{path}' },
          tag: { template: '{tag}' },
          create: false,
        })),
        referrers: 'with-images',
        platforms: 'all',
        overwrite: true,
        immutable: [],
        foreignLayers: 'skip',
      },
    ],
  };
}

function registryOf(url: URL, { insecure, ca }: PairSide): RegistryConfig {
  const tls = { ...(insecure && { insecure }), ...(ca !== undefined && { ca }) };
  return {
    host: url.host,
    plainHttp: url.protocol === 'http:',
    kind: 'quay',
    ...(Object.keys(tls).length > 0 && { tls }),
  };
}

async function connectAlive(
  named: NamedSide,
  sync: SyncSession,
  options: SessionOptions & CallOptions,
): Promise<QuayConnection> {
  const { side } = named;
  const [next, ...spareTokens] = side.spareTokens ?? [];
  try {
    const connection = await connectSide(named, sync, options);
    await requireLiveToken(connection.quay, anyNamespace, { signal: options.signal });
    return connection;
  } catch (error) {
    if (next === undefined || !isTranshipError(error) || error.failure !== 'auth') throw error;
    return connectAlive({ ...named, side: { ...side, token: next, spareTokens } }, sync, options);
  }
}

/** One variable for a token cannot serve two servers: each side has its own, or what is kept for it. */
async function connectSide(
  { side, url }: NamedSide,
  sync: SyncSession,
  { env, home, signal }: SessionOptions & CallOptions,
): Promise<QuayConnection> {
  return connectQuay({
    server: url.href,
    token: side.token,
    env: env ?? {},
    hasOwnToken: true,
    ...(home !== undefined && { home }),
    http: sync.session.http,
    signal,
  });
}

function loginOf({ login }: PairSide, { token }: QuayConnection): RegistryLogin {
  if (login !== undefined) {
    registerSecret(login.password.reveal());
    return login;
  }
  if (token === undefined) throw new Error('a connection that was to have a token has none');
  return { username: tokenLogin, password: token };
}

function credentialsOf(logins: ReadonlyMap<string, RegistryLogin>): CredentialSource {
  return {
    async find(host) {
      const login = logins.get(host);
      return login && { credential: { kind: 'basic', ...login }, origin: `the login for ${host}` };
    },
  };
}
