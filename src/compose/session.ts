import { type ConfiguredCredential } from '../credentials/configured.ts';
import { createCredentials } from '../credentials/source.ts';
import { Ledger } from '../execute/ledger.ts';
import { createHttp } from '../http/client.ts';
import { registerSecret } from '../http/redact.ts';
import type { HttpClient } from '../http/types.ts';
import { type Clock, systemClock } from '../kit/clock.ts';
import { Archive } from '../layout/archive.ts';
import { Layout } from '../layout/layout.ts';
import type { CredentialSource } from '../oci/credential.ts';
import type { CallOptions } from '../oci/ports.ts';
import type { LayoutReference, Reference, RepositoryReference } from '../oci/reference.ts';
import { openRegistry, type Registry, type RegistryOptions } from '../registry/registry.ts';
import type { Event, EventListener } from '../report/events.ts';
import { type ConnectionOptions, hostSettings } from './connection.ts';
import { openLayoutPlace, type Place, type Purpose } from './place.ts';

export interface SessionOptions extends ConnectionOptions {
  /** Credentials are looked for, and proxies found, by these variables. Default: none. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Whose docker and podman files are read. */
  readonly home?: string;
  readonly platform?: NodeJS.Platform;
  /** This credentials file alone. */
  readonly authFile?: string | undefined;
  /** Credentials by host, which go before every file. */
  readonly configured?: ReadonlyMap<string, ConfiguredCredential>;
  /** Where credentials come from instead of all that. */
  readonly credentials?: CredentialSource;
  /** A transport of one's own instead of the built-in one. The caller closes it. */
  readonly http?: HttpClient;
  readonly emit?: EventListener;
  readonly clock?: Clock;
  readonly userAgent?: string;
}

/**
 * What one run shares: one transport with its connections and limits, one source of credentials, one object a registry, and
 * what is known of destinations. Dispose of it at the end.
 */
export interface Session extends AsyncDisposable {
  readonly ledger: Ledger;
  readonly emit: EventListener;
  readonly clock: Clock;
  registry(host: string): Registry;
  readonly http: HttpClient;
  /** Where the credentials of a registry come from. */
  credentialsOf(use: RegistryUse): CredentialSource;
  /** A registry with what a configuration says of it; the same object for the same words. */
  openRegistry(use: RegistryUse): Registry;
  /** Opens what a reference leads to. Nothing is asked of a registry yet. */
  open(
    reference: Reference | RepositoryReference | LayoutReference,
    purpose: Purpose,
    options?: CallOptions,
  ): Promise<Place>;
  /** Puts what was written into archives into place. Without it their files stay as they were. */
  commit(options?: CallOptions): Promise<void>;
}

export interface RegistryUse extends Pick<RegistryOptions, 'settings' | 'registryDomains'> {
  readonly host: string;
  /** Absent: as for every other registry. */
  readonly credential?: ConfiguredCredential | 'anonymous';
}

export async function openSession(options: SessionOptions = {}): Promise<Session> {
  const clock = options.clock ?? systemClock;
  const emit = options.emit ?? (() => {});
  const http = options.http ?? (await makeHttp(options, clock, emit));
  const credentials = options.credentials ?? makeCredentials(options, clock, emit);
  const registries = new Map<string, Registry>();
  const layouts = new Map<string, Promise<Place>>();

  const sources = new Map<string, CredentialSource>();
  const credentialsOf = ({ host, credential }: RegistryUse): CredentialSource => {
    if (credential === undefined) return credentials;
    const key = JSON.stringify([host, credential]);
    const known = sources.get(key) ?? statedCredentials(host, credential, options, clock, emit);
    sources.set(key, known);
    return known;
  };
  const openUse = (use: RegistryUse): Registry => {
    const { credential, ...rest } = use;
    const key = JSON.stringify([use.host, credential, use.settings]);
    const known = registries.get(key) ?? openRegistry({ ...rest, http, credentials: credentialsOf(use), clock, emit });
    registries.set(key, known);
    return known;
  };
  const registry = (host: string): Registry => openUse({ host });
  return {
    ledger: new Ledger(),
    emit,
    clock,
    registry,
    http,
    credentialsOf,
    openRegistry: openUse,
    async open(reference, purpose, callOptions = {}) {
      if (reference.kind === 'registry') return registry(reference.host).repository(reference.repository);
      const key = `${purpose} ${reference.form} ${reference.path}`;
      const opened = layouts.get(key) ?? openLayoutPlace(reference, purpose, callOptions);
      layouts.set(key, opened);
      return opened;
    },
    async commit(callOptions = {}) {
      for (const opened of await Promise.allSettled(layouts.values())) {
        if (opened.status === 'fulfilled' && opened.value instanceof Archive) await opened.value.commit(callOptions);
      }
    },
    async [Symbol.asyncDispose]() {
      for (const opened of await Promise.allSettled(layouts.values())) {
        if (opened.status === 'rejected') continue;
        if (opened.value instanceof Archive) await opened.value[Symbol.asyncDispose]();
        if (opened.value instanceof Layout) await opened.value.discardIfUnused();
      }
      for (const open of registries.values()) await open[Symbol.asyncDispose]();
      if (options.http === undefined) await http.close();
    },
  };
}

async function makeHttp(options: SessionOptions, clock: Clock, emit: EventListener): Promise<HttpClient> {
  return createHttp({
    settings: await hostSettings(options),
    env: options.env ?? {},
    userAgent: options.userAgent ?? 'tranship',
    clock,
    // Not spread: its URL is made presentable when somebody reads it, which in most runs nobody does.
    observe: (event) => emit(Object.assign(event, { at: clock.wall() }) satisfies Event),
  });
}

function makeCredentials(options: SessionOptions, clock: Clock, emit: EventListener): CredentialSource {
  if (options.home === undefined && options.configured === undefined) return noCredentials;
  return createCredentials({
    env: options.env ?? {},
    home: options.home ?? '/nonexistent',
    platform: options.platform ?? 'linux',
    authFile: options.authFile,
    ...(options.configured && { configured: options.configured }),
    registerSecret,
    warn: (message) => emit({ type: 'warning', at: clock.wall(), code: 'W_CREDENTIALS', message }),
  });
}

/** What the configuration says of one registry goes before every file; `anonymous` keeps even those away. */
function statedCredentials(
  host: string,
  credential: ConfiguredCredential | 'anonymous',
  options: SessionOptions,
  clock: Clock,
  emit: EventListener,
): CredentialSource {
  if (credential === 'anonymous') return noCredentials;
  return makeCredentials({ ...options, configured: new Map([[host, credential]]) }, clock, emit);
}

const noCredentials: CredentialSource = { find: () => Promise.resolve(undefined) };
