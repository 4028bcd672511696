import { findOrganization } from '../model/accounts.ts';
import { addRepository, findRepository, splitPath } from '../model/repositories.ts';
import { findTag, pointTag } from '../model/tags.ts';
import type { ProxyCache, Repository } from '../model/types.ts';
import { copyImage } from '../worker/copy-image.ts';
import { type Upstream, UpstreamError, upstreamOf } from '../worker/upstream.ts';
import { allows, type RegistryCall, repositoryPath } from './context.ts';
import { registryError } from './errors.ts';

/** In an organisation with a proxy cache, fetches what is not there yet from upstream and keeps it for a while. */
export async function pullThrough(call: RegistryCall, reference: string): Promise<void> {
  const path = repositoryPath(call);
  const { namespace, name } = splitPath(path);
  const cache = findOrganization(call.world, namespace)?.proxyCache;
  if (cache === undefined || !allows(call, path, 'pull')) return;
  const known = findRepository(call.world, path);
  if (known !== undefined && isCached(call, known, reference)) return;
  const upstream = upstreamOf(call.world, cache);
  const remote = remoteName(cache, name);
  await reachable(upstream, remote, reference);
  const repository =
    known ?? addRepository(call.world, { namespace, name, description: null, isPublic: false }, call.token?.user);
  const manifest = await copyImage(call.world, upstream, remote, reference, repository);
  if (reference.includes(':')) return;
  const tag = pointTag(call.world, repository, reference, manifest);
  if (cache.expirationSeconds > 0) tag.end = call.world.clock.now() + cache.expirationSeconds * 1000;
}

function isCached(call: RegistryCall, repository: Repository, reference: string): boolean {
  return reference.includes(':')
    ? repository.manifests.has(reference)
    : findTag(call.world, repository, reference) !== undefined;
}

function remoteName(cache: ProxyCache, name: string): string {
  const prefix = cache.upstream.split('/').slice(1).join('/');
  return prefix === '' ? name : `${prefix}/${name}`;
}

async function reachable(upstream: Upstream, repository: string, reference: string): Promise<void> {
  try {
    await upstream.manifest(repository, reference);
  } catch (error) {
    const status = error instanceof UpstreamError ? error.status : 0;
    throw registryError('MANIFEST_UNKNOWN', {
      message: `the requested image may not exist in the upstream registry, or the configured Quay organization credentials have insufficient rights to access it (${status})`,
    });
  }
}
