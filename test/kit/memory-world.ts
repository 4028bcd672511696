import type { Config, DestinationConfig, StageConfig } from '../../src/config/types.ts';
import type { RepositoryWishes, SyncWorld } from '../../src/execute/run/world.ts';
import { TranshipError } from '../../src/oci/errors.ts';
import { MemoryRepository } from '../../src/oci/memory.ts';
import type { RepositoryName } from '../../src/oci/names.ts';
import type { ContentWriter, Deleter, TagLister } from '../../src/oci/ports.ts';
import { type Around, type Calls, counting } from './counting.ts';
import { imageMaker } from './images.ts';

interface Watched {
  readonly memory: MemoryRepository;
  readonly place: ContentWriter & TagLister & Deleter;
  readonly calls: Calls;
}

export interface MemoryWorldOptions {
  /** Registries whose listing has digests. All others list names, so that digests are asked for tag by tag. */
  readonly listsDigests?: readonly string[];
  /** What happens around the calls of a repository, by `registry/repository`. */
  readonly around?: (location: string) => Around;
}

/** Registries in memory as a run sees them, with every call counted. */
export class MemoryWorld implements SyncWorld {
  readonly created: { readonly name: string; readonly wishes: RepositoryWishes }[] = [];
  readonly #repositories = new Map<string, Watched>();
  readonly #registries = new Map<string, object>();
  readonly #options: MemoryWorldOptions;

  constructor(options: MemoryWorldOptions = {}) {
    this.#options = options;
  }

  source(registry: string, repository: RepositoryName) {
    return this.destination(registry, repository);
  }

  destination(registry: string, repository: RepositoryName) {
    const { place, memory } = this.at(registry, repository);
    return {
      place,
      ...(this.#options.listsDigests?.includes(registry) && {
        lister: { listTagsCheaply: () => memory.listTagsWithDigests() },
      }),
    };
  }

  async *repositories(registry: string, namespaces: readonly string[] | undefined): AsyncIterable<RepositoryName> {
    for (const location of this.#repositories.keys()) {
      const [host, ...path] = location.split('/');
      const name = path.join('/');
      const inside = namespaces?.some((namespace) => name.startsWith(`${namespace}/`)) ?? true;
      if (host === registry && inside) yield name as RepositoryName;
    }
  }

  async createRepository(registry: string, repository: RepositoryName, wishes: RepositoryWishes): Promise<void> {
    this.created.push({ name: `${registry}/${repository}`, wishes });
  }

  at(registry: string, repository: string): Watched {
    const location = `${registry}/${repository}`;
    const known = this.#repositories.get(location);
    if (known) return known;
    const siblings = this.#registries.get(registry) ?? {};
    this.#registries.set(registry, siblings);
    const memory = new MemoryRepository({ location, registry: siblings });
    // The store itself lists digests; behind this face only a lister handed out beside does.
    const { place, calls } = counting(memory, this.#options.around?.(location));
    const face = new Proxy(place, {
      get: (target, name) => (name === 'listTagsWithDigests' ? undefined : Reflect.get(target, name)),
    });
    const made = { memory, place: face, calls };
    this.#repositories.set(location, made);
    return made;
  }

  memory(registry: string, repository: string): MemoryRepository {
    return this.at(registry, repository).memory;
  }

  /** Puts a small image under each tag; equal texts are equal images. */
  fill(registry: string, repository: string, tags: Readonly<Record<string, string>>): void {
    const make = imageMaker(this.memory(registry, repository));
    for (const [tag, text] of Object.entries(tags)) make.tag(tag, make.image([make.blob('base'), make.blob(text)]));
  }

  forgetCalls(): void {
    for (const { calls } of this.#repositories.values()) calls.reset();
  }

  /** Calls of all repositories of a registry, by method. */
  counts(registry: string): Readonly<Record<string, number>> {
    const sums: Record<string, number> = {};
    for (const [location, { calls }] of this.#repositories) {
      if (!location.startsWith(`${registry}/`)) continue;
      for (const [method, count] of Object.entries(calls.counts)) sums[method] = (sums[method] ?? 0) + count;
    }
    return sums;
  }
}

/** A stage with everything left to its defaults but what the test is about. */
export function stage(id: string, parts: Partial<StageConfig> & Pick<StageConfig, 'from' | 'to'>): StageConfig {
  return {
    id,
    dependsOn: [],
    tags: { include: [], exclude: [], atLeast: 1 },
    referrers: 'with-images',
    platforms: 'all',
    overwrite: true,
    immutable: [],
    foreignLayers: 'skip',
    ...parts,
  };
}

export function destination(
  registry: string,
  repository: string,
  parts: Partial<DestinationConfig> = {},
): DestinationConfig {
  return { registry, repository: { template: repository }, tag: { template: '{tag}' }, create: false, ...parts };
}

export function fromOne(registry: string, repository: string): StageConfig['from'] {
  return { registry, repositories: { kind: 'one', repository } };
}

export function config(...stages: readonly StageConfig[]): Config {
  const registries = new Set(stages.flatMap(({ from, to }) => [from.registry, ...to.map(({ registry }) => registry)]));
  return {
    version: 1,
    registries: Object.fromEntries(
      [...registries].map((name) => [name, { host: `${name}.example.com`, plainHttp: false }]),
    ),
    stages,
  };
}

/** An error as a server that is down makes it. */
export function unavailable(): TranshipError {
  return new TranshipError('E_UNREACHABLE', 'temporary', 'The server is down.');
}
