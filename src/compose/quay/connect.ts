/** Opens the API of a Quay: transport, token, and what the server can do, found out before anything is written. */
import { createHttp } from '../../http/client.ts';
import { registerSecret } from '../../http/redact.ts';
import type { HttpClient } from '../../http/types.ts';
import { type Clock, systemClock } from '../../kit/clock.ts';
import { Secret } from '../../kit/secret.ts';
import { TranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import { parseQuayAddress } from '../../quay/address.ts';
import { openQuay, type QuayClient } from '../../quay/client.ts';
import { detectFeatures, type QuayFeatures } from '../../quay/features.ts';
import { type HealthOptions, waitUntilHealthy } from '../../quay/health.ts';
import { usableToken } from '../../quay/token-shape.ts';
import { openTokenStore } from '../../quay/token-store.ts';
import type { EventListener } from '../../report/events.ts';
import { type ConnectionOptions, hostSettings } from '../connection.ts';

export interface QuayConnectOptions extends ConnectionOptions, CallOptions {
  /** `quay.example.com`, `https://quay.example.com:8443`. */
  readonly server: string;
  /** Absent: `TRANSHIP_QUAY_TOKEN` of the environment, then what `tranship quay login` keeps. */
  readonly token?: Secret | undefined;
  /** The environment's one token is meant for another server and must not reach this one. */
  readonly hasOwnToken?: boolean;
  /** Calls are made as a stranger, whatever tokens there are. */
  readonly anonymous?: boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Whose kept tokens are read. */
  readonly home?: string;
  readonly userAgent?: string;
  readonly clock?: Clock;
  readonly emit?: EventListener;
  /** Milliseconds that a server which starts up is waited for. Default: not at all. */
  readonly patience?: number | undefined;
  readonly onWait?: ((reason: string) => void) | undefined;
  /** A transport of one's own. The caller closes it. */
  readonly http?: HttpClient;
}

export interface QuayConnection extends AsyncDisposable {
  readonly quay: QuayClient;
  readonly features: QuayFeatures;
  /** The token that is used, for registry logins with `$oauthtoken`. */
  readonly token: Secret | undefined;
}

/**
 * Connects and asks what the server can do. Throws `E_QUAY_ADDRESS` and `E_QUAY_TOKEN` for what is missing here, `E_NOT_QUAY`
 * for another kind of server, and the transport's errors (name, port, certificate) for one that is not reached.
 */
export async function connectQuay(options: QuayConnectOptions): Promise<QuayConnection> {
  const url = parseQuayAddress(options.server);
  const token = options.anonymous === true ? undefined : await requireToken(url, options);
  if (token !== undefined) registerSecret(token.reveal());
  const http = options.http ?? (await makeHttp(url, options));
  const quay = openQuay({ url, token, http });
  const close = async () => {
    if (options.http === undefined) await http.close();
  };
  try {
    if (options.patience !== undefined) await waitUntilHealthy(quay, waiting(options, options.patience));
    const features = await detectFeatures(quay, { signal: options.signal });
    return { quay, features, token, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

function waiting({ clock = systemClock, onWait, signal }: QuayConnectOptions, patience: number): HealthOptions {
  return { clock, patience, onWait, signal };
}

/** Throws `E_READ_ONLY` where the server says that it takes no writes now. */
export function requireWritable({ quay, features }: QuayConnection): void {
  if (!features.readOnly) return;
  throw new TranshipError('E_READ_ONLY', 'unwritable', `${quay.server} is read-only now`, {
    subject: quay.server,
    hint: 'Nothing was written. Run it again when its administrators have made it writable.',
  });
}

/**
 * Throws where the server is reached by another name than the one that it has for itself. Its API does not mind, but its
 * registry sends every client to that name for logins and uploads.
 */
export function requireOwnName({ connection: { features }, url }: { connection: QuayConnection; url: URL }): void {
  const { hostname } = features;
  if (hostname === undefined || URL.parse(`${url.protocol}//${hostname}`)?.hostname === url.hostname) return;
  throw new TranshipError(
    'E_QUAY_ADDRESS',
    'usage',
    `${url.host} calls itself ${hostname}, and sends its clients there`,
    {
      subject: url.host,
      hint: `Give the address ${hostname}. It is SERVER_HOSTNAME in Quay's config.yaml. Nothing was written.`,
    },
  );
}

async function requireToken(url: URL, options: QuayConnectOptions): Promise<Secret> {
  const token = await findToken(url, options);
  if (token !== undefined) return usableToken(token, url.host);
  throw new TranshipError('E_QUAY_TOKEN', 'auth', `There is no token for the API of ${url.host}`, {
    subject: url.host,
    hint: `Run: tranship quay login ${url.host}, or ${options.hasOwnToken ? 'give it a token of its own (see --help)' : 'set TRANSHIP_QUAY_TOKEN'}.`,
  });
}

async function findToken(url: URL, options: QuayConnectOptions): Promise<Secret | undefined> {
  if (options.token !== undefined) return options.token;
  const { env = {}, home } = options;
  const inEnvironment = options.hasOwnToken ? undefined : env['TRANSHIP_QUAY_TOKEN'];
  if (inEnvironment !== undefined && inEnvironment !== '') return new Secret(inEnvironment);
  return home === undefined ? undefined : openTokenStore({ env, home, random: () => '' }).find(url.host);
}

async function makeHttp(url: URL, options: QuayConnectOptions): Promise<HttpClient> {
  const settings = await hostSettings(options);
  const { clock = systemClock, emit } = options;
  return createHttp({
    settings: (host) =>
      host === url.host && url.protocol === 'http:' ? { ...settings(host), plainHttp: true } : settings(host),
    env: options.env ?? {},
    userAgent: options.userAgent ?? 'tranship',
    clock,
    observe: (event) => emit?.({ ...event, at: clock.wall() }),
  });
}
