import type { RegistryKind } from '../../../src/config/types.ts';
import { createHttp, type HttpOptions } from '../../../src/http/client.ts';
import { listingFor } from '../../../src/listing/listing.ts';
import type { Listing, ListingDeps } from '../../../src/listing/types.ts';
import type { CredentialSource } from '../../../src/oci/credential.ts';
import { openRegistry, type Registry } from '../../../src/registry/registry.ts';
import type { Event } from '../../../src/report/events.ts';
import { anonymous, HurriedClock } from '../client.ts';

export interface ListingClient extends AsyncDisposable {
  readonly listing: Listing;
  readonly registry: Registry;
  /** What was warned of. */
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

export interface ListingClientOptions {
  readonly credentials?: CredentialSource;
  readonly api?: ListingDeps['api'];
  readonly quay?: ListingDeps['quay'];
  readonly http?: Partial<HttpOptions>;
}

/** A listing joined to a registry as the composition root does it, with nothing of the environment. */
export async function openListing(
  host: string,
  kind: RegistryKind | undefined,
  { credentials = anonymous, api, quay, http: httpOptions }: ListingClientOptions = {},
): Promise<ListingClient> {
  const clock = new HurriedClock();
  const warnings: { code: string; message: string }[] = [];
  const emit = (event: Event) => {
    if (event.type === 'warning') warnings.push({ code: event.code, message: event.message });
  };
  const http = createHttp({
    settings: () => ({}),
    env: {},
    userAgent: 'tranship/test',
    certificateFolders: [],
    clock,
    random: () => 0.5,
    ...httpOptions,
  });
  const registry = openRegistry({ host, http, credentials, clock, emit });
  const listing = await listingFor(kind, {
    host,
    http,
    credentials,
    clock,
    emit,
    api,
    quay,
    ask: (request) => registry.ask(request),
    open: (repository) => registry.repository(repository),
    catalog: (options) => registry.listRepositories(options),
  });
  return {
    listing,
    registry,
    warnings,
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      await http.close();
    },
  };
}
