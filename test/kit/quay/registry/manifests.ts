import { digestOf } from '../../../../src/oci/digest.ts';
import { bytes, empty, type Reply, text } from '../http/reply.ts';
import { isList, parseManifest } from '../model/manifests.ts';
import { quotaRefuses } from '../model/quotas.ts';
import { endTag, findTag, keepForAWhile, pointTag } from '../model/tags.ts';
import type { Manifest, Repository, Tag } from '../model/types.ts';
import type { World } from '../model/world.ts';
import { checkManifest } from './check-manifest.ts';
import { type RegistryCall, readableRepository, repositoryPath, writableRepository } from './context.ts';
import { registryError } from './errors.ts';
import { pullThrough } from './proxy.ts';
import { resolvedIp } from './resolved-ip.ts';
import { asSchema1 } from './schema1.ts';
import { storeManifest } from './store.ts';

export async function getManifest(call: RegistryCall): Promise<Reply> {
  const reference = call.params['reference'] ?? '';
  await pullThrough(call, reference);
  const repository = readableRepository(call);
  const byDigest = reference.includes(':');
  const manifest = byDigest
    ? repository.manifests.get(reference)
    : acceptable(call, repository, reference, taggedManifest(call.world, repository, reference));
  if (manifest === undefined) throw registryError('MANIFEST_UNKNOWN');
  log(
    call,
    'pull_repo',
    repository,
    byDigest ? { manifest_digest: reference } : { tag: reference },
    manifest.mediaType,
  );
  return answer(manifest);
}

export function putManifest(call: RegistryCall): Reply {
  const repository = writableRepository(call);
  const reference = call.params['reference'] ?? '';
  const content = call.request.body;
  const mediaType = checkManifest(call, repository);
  const digest = digestOf(content);
  const byDigest = reference.includes(':');
  if (byDigest && reference !== digest) throw invalid('manifest digest mismatch');
  const manifest = storeManifest(call.world, repository, content, mediaType);
  // The manifest is there and counts against the quota, even if its tag is not to be.
  if (!byDigest) refuseImmutable(call.world, repository, reference);
  if (quotaRefuses(call.world, repository.namespace)) {
    throw registryError('DENIED', { message: 'Quota has been exceeded on namespace' });
  }
  if (byDigest) keepForAWhile(call.world, repository, digest);
  else pointTag(call.world, repository, reference, manifest);
  log(call, 'push_repo', repository, byDigest ? { manifest_digest: digest } : { tag: reference }, mediaType);
  return text(201, 'OK', {
    'Docker-Content-Digest': digest,
    Location: `/v2/${repositoryPath(call)}/manifests/${digest}`,
  });
}

export function deleteManifest(call: RegistryCall): Reply {
  const repository = writableRepository(call);
  const reference = call.params['reference'] ?? '';
  const tags = reference.includes(':')
    ? repository.tags.filter((tag) => tag.digest === reference && (tag.end ?? Infinity) > call.world.clock.now())
    : [findTag(call.world, repository, reference)].filter((tag) => tag !== undefined);
  const known = !reference.includes(':') || repository.manifests.has(reference);
  if (tags.length === 0 || !known) throw registryError('MANIFEST_UNKNOWN');
  if (reference.includes(':')) tags.push(...signatureTags(call.world, repository, reference));
  for (const tag of tags) if (tag.immutable) throw immutable(tag.name);
  for (const tag of tags) {
    if (tag.hidden) tag.end = call.world.clock.now();
    else endTag(call.world, repository, tag.name);
  }
  return empty(202);
}

function invalid(message: string) {
  return registryError('MANIFEST_INVALID', { detail: { message } });
}

/** With a manifest goes the tag that cosign's signature of it has. */
function signatureTags(world: World, repository: Repository, digest: string): Tag[] {
  const tag = findTag(world, repository, `${digest.replace(':', '-')}.sig`);
  return tag === undefined ? [] : [tag];
}

function refuseImmutable(world: World, repository: Repository, name: string): void {
  if (findTag(world, repository, name)?.immutable === true) throw immutable(name);
}

function immutable(name: string) {
  return registryError('TAG_IMMUTABLE', { detail: { message: `tag '${name}' is immutable` } });
}

/** A tag that was there once is told apart from one that never was. */
function taggedManifest(world: World, repository: Repository, name: string): Manifest {
  const tag = findTag(world, repository, name);
  const manifest = tag === undefined ? undefined : repository.manifests.get(tag.digest);
  if (manifest !== undefined) return manifest;
  if (!repository.tags.some((one) => one.name === name && !one.hidden)) throw registryError('MANIFEST_UNKNOWN');
  throw registryError('TAG_EXPIRED', {
    message: `Tag ${name} was deleted or has expired. To pull, revive via time machine`,
  });
}

/**
 * What the client says it takes. A list becomes its linux/amd64 child if only that is taken, and what is not taken at all
 * becomes Docker's schema 1, with another digest.
 */
function acceptable(call: RegistryCall, repository: Repository, tag: string, manifest: Manifest): Manifest {
  const accepted = acceptedTypes(call);
  if (accepted.has(manifest.mediaType)) return manifest;
  const image = isList(manifest.mediaType) ? amd64Child(repository, manifest) : manifest;
  if (image === undefined) return manifest;
  if (accepted.has(image.mediaType)) return image;
  return asSchema1(call.world, repository, tag, image) ?? image;
}

function acceptedTypes(call: RegistryCall): ReadonlySet<string> {
  const header = call.request.headers['accept'] ?? '';
  return new Set(header.split(',').map((part) => (part.split(';')[0] ?? '').trim()));
}

function amd64Child(repository: Repository, list: Manifest): Manifest | undefined {
  const children = parseManifest(list).manifests ?? [];
  const wanted = children.find((child) => {
    const platform = child.platform as { architecture?: string; os?: string } | undefined;
    return platform?.architecture === 'amd64' && platform.os === 'linux';
  });
  return wanted === undefined ? undefined : repository.manifests.get(wanted.digest);
}

function answer(manifest: Manifest): Reply {
  return bytes(200, manifest.bytes, {
    'Content-Type': manifest.mediaType,
    'Docker-Content-Digest': manifest.digest,
  });
}

function log(call: RegistryCall, kind: string, repository: Repository, what: object, mediaType: string): void {
  const { namespace, name } = repository;
  const user = call.token?.user;
  call.world.logs.push({
    kind,
    namespace,
    repository: name,
    performer: user,
    metadata: {
      repo: name,
      namespace,
      'user-agent': call.request.headers['user-agent'] ?? '',
      ...what,
      mediaType,
      username: user,
      ...(user?.includes('+') === true ? { is_robot: true } : {}),
      resolved_ip: resolvedIp,
    },
    ip: '127.0.0.1',
    time: call.world.clock.now(),
  });
}
