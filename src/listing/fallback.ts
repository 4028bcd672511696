import { eachBounded } from '../kit/bounded.ts';
import { isTranshipError, type TranshipError } from '../oci/errors.ts';
import type { RepositoryName } from '../oci/names.ts';
import type { CallOptions, TagEntry } from '../oci/ports.ts';
import type { Adapter, ListedTag, ListingDeps, TagListing } from './types.ts';

export type TagAdapter = Adapter & Required<Pick<Adapter, 'listTags'>>;

/** HEADs in flight for one repository. The transport bounds them per host beside. */
const headsInFlight = 32;

/** Tags that are asked for together before any of them is told. */
const headsTogether = 1000;

/** Refusals after which a bulk listing that never worked is left alone for the rest of the run. */
const mostRefusals = 3;

/** The tag listings of one registry. They remember together whether the bulk listing is to be had, and warn once. */
export function withFallback(adapter: TagAdapter, deps: ListingDeps): (repository: RepositoryName) => TagListing {
  const bulk = new Bulk(adapter, deps);
  return (repository) => ({
    listTagsCheaply: (options = {}) => listCheaply(bulk, deps, repository, options),
    listTagsWithDigests: (options = {}) => listWithDigests(bulk, deps, repository, options),
  });
}

async function* listCheaply(
  bulk: Bulk,
  deps: ListingDeps,
  repository: RepositoryName,
  options: CallOptions,
): AsyncGenerator<ListedTag> {
  const found = await bulk.listTags(repository, options);
  if (found !== undefined) return yield* found;
  for await (const tag of deps.open(repository).listTags(options)) {
    // Told with the first tag only: a repository that does not exist yet has lost nothing.
    bulk.tellOfFallback();
    yield { tag };
  }
}

async function* listWithDigests(
  bulk: Bulk,
  deps: ListingDeps,
  repository: RepositoryName,
  options: CallOptions,
): AsyncGenerator<TagEntry> {
  const place = deps.open(repository);
  let waiting: ListedTag[] = [];
  for await (const tag of listCheaply(bulk, deps, repository, options)) {
    if (waiting.push(tag) < headsTogether) continue;
    yield* await resolved(waiting);
    waiting = [];
  }
  yield* await resolved(waiting);

  async function resolved(tags: readonly ListedTag[]): Promise<readonly TagEntry[]> {
    const entries = await eachBounded(tags, headsInFlight, async (entry): Promise<TagEntry | undefined> => {
      const { tag, digest } = entry;
      if (digest !== undefined) return { ...entry, digest };
      const descriptor = await place.resolve(tag, options);
      return descriptor && { ...entry, digest: descriptor.digest, mediaType: descriptor.mediaType };
    });
    return entries.filter((entry) => entry !== undefined);
  }
}

/** One registry's bulk listing, with what this run found out about it. */
class Bulk {
  readonly #adapter: TagAdapter;
  readonly #deps: ListingDeps;
  #worked = false;
  #refusals = 0;
  #untold: TranshipError | undefined;
  #told = false;

  constructor(adapter: TagAdapter, deps: ListingDeps) {
    this.#adapter = adapter;
    this.#deps = deps;
  }

  /** Every tag, or `undefined` where the listing is refused. */
  async listTags(repository: RepositoryName, options: CallOptions): Promise<readonly ListedTag[] | undefined> {
    if (!this.#worked && this.#refusals >= mostRefusals) return undefined;
    try {
      const tags = await this.#adapter.listTags(repository, options);
      this.#worked = true;
      return tags;
    } catch (error) {
      if (!this.#isRefusal(error)) throw error;
      if (!saysAbsent.has(error.code)) this.#refusals += 1;
      this.#untold = error;
      return undefined;
    }
  }

  tellOfFallback(): void {
    const error = this.#untold;
    if (this.#told || error === undefined) return;
    this.#told = true;
    const { host, clock, emit } = this.#deps;
    const said = error.serverSaid === undefined ? '' : ` (${error.serverSaid})`;
    const message = `${host} does not list tags with their digests: ${error.message}${said} Each tag is asked for by itself with HEAD.`;
    emit({ type: 'warning', at: clock.wall(), code: 'W_LISTING', message, subject: error.subject ?? host });
  }

  /** A registry that throttles must not be met with a request for each tag instead. */
  #isRefusal(error: unknown): error is TranshipError {
    if (!isTranshipError(error) || error.failure === 'cancelled' || error.code === 'E_LIMIT') return false;
    return error.code !== 'E_THROTTLED' || this.#adapter.standsElsewhere === true;
  }
}

/** The repository is not there, which says nothing about the listing of others. */
const saysAbsent: ReadonlySet<string> = new Set(['E_REPOSITORY_UNKNOWN', 'E_QUAY_ABSENT']);
