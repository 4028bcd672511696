import type { RegistryKind } from '../config/types.ts';
import { TranshipError } from '../oci/errors.ts';
import type { RepositoryName } from '../oci/names.ts';
import { acrAdapter } from './acr.ts';
import { discover } from './discovery.ts';
import { dockerHubAdapter } from './docker-hub.ts';
import { type TagAdapter, withFallback } from './fallback.ts';
import { garAdapter } from './gar.ts';
import { gitlabAdapter } from './gitlab.ts';
import { harborAdapter } from './harbor.ts';
import { quayAdapter } from './quay.ts';
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
export function listingFor(kind: RegistryKind | undefined, deps: ListingDeps): Listing {
  const adapter = kind === undefined ? undefined : adapters[kind]?.(deps);
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

const adapters: Partial<Record<RegistryKind, (deps: ListingDeps) => Adapter>> = {
  acr: acrAdapter,
  'docker-hub': dockerHubAdapter,
  gar: garAdapter,
  gitlab: gitlabAdapter,
  harbor: harborAdapter,
  quay: quayAdapter,
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
