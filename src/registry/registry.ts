import type { Headers, HostSettings, HttpAnswer, HttpClient } from '../http/types.ts';
import { type Clock, systemClock } from '../kit/clock.ts';
import type { CredentialSource } from '../oci/credential.ts';
import type { RepositoryName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import type { EventListener } from '../report/events.ts';
import type { Capabilities } from './capabilities.ts';
import { listRepositories } from './catalog.ts';
import { type Diagnosis, diagnose, type GrantedScope, grantedTo } from './diagnosis.ts';
import { FallbackWriter } from './fallback.ts';
import { ManifestPusher } from './push-manifest.ts';
import { RegistryRepository, type Shared } from './repository.ts';
import { type PingOptions, Wire } from './wire.ts';

export type { Capabilities } from './capabilities.ts';
export type { Diagnosis, GrantedScope } from './diagnosis.ts';
export type { RegistryRepository } from './repository.ts';

export interface RegistryOptions {
  /** `host[:port]` as it stands in references; `docker.io` is spoken to where its registry is. */
  readonly host: string;
  readonly http: HttpClient;
  readonly credentials: CredentialSource;
  readonly clock?: Clock;
  /** Hears warnings. */
  readonly emit?: EventListener;
  /** What is known of the registry; outranks what the program would find out. */
  readonly capabilities?: Partial<Capabilities>;
  /** Hosts that this registry may send to: token service, upload and blob storage. */
  readonly settings?: Pick<HostSettings, 'tokenHosts' | 'allowedHosts' | 'allowHttpBlobRedirects'>;
  /** Domains of configured registries: hosts below one domain belong together. */
  readonly registryDomains?: readonly string[];
}

/** For what stands beside the distribution protocol and is authorised like it. */
interface RegistryRequest extends CallOptions {
  readonly method: 'GET' | 'HEAD';
  /** Path and query below the registry's root. */
  readonly path: string;
  /** Whose credential is used; absent for the whole registry. */
  readonly repository: RepositoryName | undefined;
  readonly scopes: readonly { readonly type: string; readonly name: string; readonly actions: readonly string[] }[];
  readonly headers?: Headers;
  /** Default 4 MiB. */
  readonly bodyLimit?: number;
}

/** A registry that speaks the OCI distribution protocol. */
export interface Registry extends AsyncDisposable {
  readonly host: string;
  /** The repository of that name, the same object each time. Nothing is asked yet. */
  repository(name: RepositoryName): RegistryRepository;
  /** The catalog. Many registries have none, or show only a part: `E_UNSUPPORTED` or an incomplete list. */
  listRepositories(options?: CallOptions): AsyncIterable<RepositoryName>;
  /** A request below the registry's root, with what its token service gives for the scopes. Any status is an answer. */
  ask(request: RegistryRequest): Promise<HttpAnswer>;
  /** What the front door shows, and what is known of the registry by now. */
  ping(options?: PingOptions): Promise<Diagnosis>;
  /** What an account gets when it asks for these actions; `pull` unless told. Asking for a push may create the repository. */
  granted(repository: RepositoryName, actions?: readonly string[], options?: CallOptions): Promise<GrantedScope>;
  /** What this run found out about the registry. */
  readonly learned: Partial<Capabilities>;
}

/** Opens a registry. No request is made before the first use. */
export function openRegistry(options: RegistryOptions): Registry {
  const wire = new Wire({
    host: options.host,
    http: options.http,
    credentials: options.credentials,
    clock: options.clock ?? systemClock,
    emit: options.emit ?? (() => {}),
    urlSettings: options.settings,
    registryDomains: options.registryDomains ?? [],
    capabilities: options.capabilities ?? {},
  });
  const pusher = new ManifestPusher();
  const shared: Shared = { wire, pusher, fallback: new FallbackWriter(pusher), sparse: sparseIndexes(wire) };
  const repositories = new Map<RepositoryName, RegistryRepository>();
  return {
    host: options.host,
    repository(name) {
      const repository = repositories.get(name) ?? new RegistryRepository(shared, name);
      repositories.set(name, repository);
      return repository;
    },
    listRepositories: (callOptions) => listRepositories(wire, callOptions),
    ask: ({ path, repository, scopes, ...request }) =>
      wire.request({ ...request, to: path, access: { repository, scopes } }),
    ping: (callOptions) => diagnose(wire, callOptions),
    granted: (repository, actions, callOptions) => grantedTo(wire, repository, actions ?? ['pull'], callOptions),
    get learned() {
      return wire.abilities.learned;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...repositories.values()].map((repository) => repository[Symbol.asyncDispose]()));
    },
  };
}

/** Quay says it at its front door; others take an incomplete index or not, and do not say. Asked once. */
function sparseIndexes(wire: Wire): (options: CallOptions) => Promise<boolean> {
  let known: boolean | undefined;
  return async (options) => {
    known ??= (await wire.ping(options)).headers.get('x-sparse-manifest-support') === 'true';
    return known;
  };
}
