import { humanSize } from '../format.ts';
import { findNamespace } from './accounts.ts';
import { referencedBlobs } from './manifests.ts';
import { repositoriesOf } from './repositories.ts';
import type { Quota, Repository } from './types.ts';
import type { World } from './world.ts';

/** A quota as its own calls show it. */
export function quotaView(quota: Quota): object {
  return {
    id: quota.id,
    limit_bytes: quota.limitBytes,
    limit: humanSize(quota.limitBytes),
    default_config: false,
    limits: quota.limits.map((limit) => ({ id: limit.id, type: limit.type, limit_percent: limit.percent })),
    default_config_exists: false,
  };
}

/** Bytes of all blobs that a repository's manifests name, each once. */
export function repositorySize(world: World, repository: Repository): number {
  return sizeOf(world, repository.manifests.size === 0 ? new Set() : blobsOf(repository));
}

function namespaceSize(world: World, namespace: string): number {
  const blobs = new Set<string>();
  for (const repository of repositoriesOf(world, namespace)) {
    for (const digest of blobsOf(repository)) blobs.add(digest);
  }
  return sizeOf(world, blobs);
}

export function quotaReport(world: World, namespace: string): object {
  const bytes = namespaceSize(world, namespace);
  const state = bytes === 0 && !hasManifests(world, namespace) ? 'waiting' : 'complete';
  return {
    quota_bytes: bytes,
    configured_quota: findNamespace(world, namespace)?.quota?.limitBytes ?? null,
    running_backfill: state,
    backfill_status: state,
  };
}

function hasManifests(world: World, namespace: string): boolean {
  return repositoriesOf(world, namespace).some((repository) => repository.manifests.size > 0);
}

function blobsOf(repository: Repository): Set<string> {
  const blobs = new Set<string>();
  for (const manifest of repository.manifests.values()) {
    for (const digest of referencedBlobs(manifest)) blobs.add(digest);
  }
  return blobs;
}

function sizeOf(world: World, blobs: ReadonlySet<string>): number {
  let size = 0;
  for (const digest of blobs) size += world.content.get(digest)?.length ?? 0;
  return size;
}

/** Whether a namespace is so full that its quota takes no more uploads. */
export function quotaRefuses(world: World, namespace: string): boolean {
  const quota = findNamespace(world, namespace)?.quota;
  const reject = quota?.limits.filter((limit) => limit.type === 'Reject').map((limit) => limit.percent) ?? [];
  if (quota === undefined || reject.length === 0) return false;
  return namespaceSize(world, namespace) > (quota.limitBytes * Math.min(...reject)) / 100;
}
