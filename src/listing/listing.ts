import type { RegistryKind } from '../config/types.ts';
import { TranshipError } from '../oci/errors.ts';
import type { RepositoryName } from '../oci/names.ts';
import { discover } from './discovery.ts';
import { type TagAdapter, withFallback } from './fallback.ts';
import type { Adapter, Listing, ListingDeps } from './types.ts';

/** Kinds that make a repository with the first push, so that there is nothing to be made beforehand. */
const madeByPushing: ReadonlySet<RegistryKind | undefined> = new Set([
  undefined,
  'acr',
  'distribution',
  'gar',
  'ghcr',
  'gitlab',
]);

/** What a registry of that kind (see `recognise`) can tell. Nothing is asked before the first use. */
export async function listingFor(kind: RegistryKind | undefined, deps: ListingDeps): Promise<Listing> {
  const make = kind === undefined ? undefined : await adapters[kind]?.();
  const adapter = make?.(deps);
  const tags = adapter !== undefined && hasTags(adapter) ? withFallback(adapter, deps) : undefined;
  return {
    kind,
    tags: (repository) => tags?.(repository),
    repositories: (namespaces, options = {}) => discover(adapter, deps, namespaces, options),
    async createRepository(repository, wishes = {}, options = {}) {
      if (adapter?.createRepository !== undefined) await adapter.createRepository(repository, wishes, options);
      else if (!madeByPushing.has(kind)) throw cannotCreate(deps.host, repository);
    },
    pullsLeft: async (options = {}) => adapter?.pullsLeft?.(options),
  };
}

/** Loaded when a registry of that kind is met: their schemas are the larger part of what a run would load in vain. */
const adapters: Partial<Record<RegistryKind, () => Promise<(deps: ListingDeps) => Adapter>>> = {
  acr: async () => (await import('./acr.ts')).acrAdapter,
  'docker-hub': async () => (await import('./docker-hub.ts')).dockerHubAdapter,
  gar: async () => (await import('./gar.ts')).garAdapter,
  gitlab: async () => (await import('./gitlab.ts')).gitlabAdapter,
  harbor: async () => (await import('./harbor.ts')).harborAdapter,
  quay: async () => (await import('./quay.ts')).quayAdapter,
};

function hasTags(adapter: Adapter): adapter is TagAdapter {
  return adapter.listTags !== undefined;
}

function cannotCreate(host: string, repository: RepositoryName): TranshipError {
  return new TranshipError('E_UNSUPPORTED', 'failed', 'A repository cannot be made here by this program.', {
    subject: `${host}/${repository}`,
    hint: "Make it by the registry's own means (for ECR: aws ecr create-repository, or a creation template).",
  });
}
