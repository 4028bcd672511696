/** Finds out what kind each registry is, once, and what it can tell beyond the distribution protocol. */
import type { Config, RegistryConfig, RegistryKind } from '../config/types.ts';
import { readSecretRef } from '../credentials/secret-ref.ts';
import { registerSecret } from '../http/redact.ts';
import { Secret } from '../kit/secret.ts';
import { listingFor } from '../listing/listing.ts';
import type { QuayCalls } from '../listing/quay-calls.ts';
import { recognise } from '../listing/recognise.ts';
import type { Listing } from '../listing/types.ts';
import { isTranshipError } from '../oci/errors.ts';
import type { RepositoryName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import type { BulkLister } from '../plan/observe.ts';
import type { QuayClientOptions } from '../quay/client.ts';
import type { Registry } from '../registry/registry.ts';
import { registryUse, secretFrom } from './configured.ts';
import type { Session } from './session.ts';

export interface ListingsOptions {
  readonly config: Config;
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export class Listings {
  readonly #session: Session;
  readonly #options: ListingsOptions;
  readonly #listings = new Map<string, Promise<Listing>>();

  constructor(session: Session, options: ListingsOptions) {
    this.#session = session;
    this.#options = options;
  }

  registry(name: string): Registry {
    const { config, file } = this.#options;
    return this.#session.openRegistry(registryUse(name, config, file));
  }

  /** What a registry can tell. Costs one request where neither its name nor the configuration says what it is. */
  of(name: string, options: CallOptions = {}): Promise<Listing> {
    const known = this.#listings.get(name) ?? this.#open(name, options);
    this.#listings.set(name, known);
    known.catch(() => this.#listings.delete(name));
    return known;
  }

  /** The tags of one repository, in bulk where its registry turns out to have such a listing. */
  tags(name: string, repository: RepositoryName): BulkLister {
    const listing = (options: CallOptions) => this.of(name, options);
    const place = this.registry(name).repository(repository);
    return {
      async *listTagsCheaply(options = {}) {
        const bulk = (await listing(options)).tags(repository);
        if (bulk !== undefined) return yield* bulk.listTagsCheaply(options);
        for await (const tag of place.listTags(options)) yield { tag };
      },
    };
  }

  async #open(name: string, options: CallOptions): Promise<Listing> {
    const { config, file } = this.#options;
    const use = registryUse(name, config, file);
    const registry = this.registry(name);
    const stated = config.registries[name];
    const kind = await this.#kindOf(name, use.host, registry, options);
    const token = await this.#tokenOf(stated, options);
    const url = stated?.api?.url === undefined ? undefined : new URL(stated.api.url);
    const { http, clock, emit } = this.#session;
    return listingFor(kind, {
      host: use.host,
      http,
      clock,
      emit,
      credentials: this.#session.credentialsOf(use),
      ask: (request) => registry.ask(request),
      open: (repository) => registry.repository(repository),
      catalog: (call) => registry.listRepositories(call),
      api: { ...(url && { url }), ...(token && { token }) },
      ...(kind === 'quay' && { quay: await quayCalls({ url: url ?? addressOf(use.host, stated), token, http }) }),
    });
  }

  async #kindOf(
    name: string,
    host: string,
    registry: Registry,
    options: CallOptions,
  ): Promise<RegistryKind | undefined> {
    const known = recognise({ host, kind: this.#options.config.registries[name]?.kind });
    if (known !== undefined) return known;
    try {
      const { challenges, product } = await registry.ping(options);
      const realm = challenges.find(({ parameters }) => parameters['realm'] !== undefined)?.parameters['realm'];
      const found = recognise({ host, realm });
      return found ?? (product === 'quay' || product === 'gitlab' || product === 'harbor' ? product : undefined);
    } catch (error) {
      // What is wrong shows, with better words, at the first request that is needed. Who asks later may find out.
      if (!isTranshipError(error) || error.failure === 'cancelled') throw error;
      this.#listings.delete(name);
      return undefined;
    }
  }

  async #tokenOf(stated: RegistryConfig | undefined, options: CallOptions): Promise<Secret | undefined> {
    if (stated?.api?.token === undefined) return undefined;
    const { env, file } = this.#options;
    const token = await readSecretRef(secretFrom(stated.api.token, file), { ...options, env });
    registerSecret(token);
    return new Secret(token);
  }
}

function addressOf(host: string, stated: RegistryConfig | undefined): URL {
  return new URL(`${stated?.plainHttp === true ? 'http' : 'https'}://${host}/`);
}

/** Loaded only where there is a Quay: its interface is large. */
async function quayCalls(options: QuayClientOptions): Promise<QuayCalls> {
  const [{ openQuay }, { listingCalls }] = await Promise.all([
    import('../quay/client.ts'),
    import('./quay/listing-calls.ts'),
  ]);
  return listingCalls(openQuay(options), options.token !== undefined);
}
