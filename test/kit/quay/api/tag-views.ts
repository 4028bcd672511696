import { rfc2822 } from '../format.ts';
import { isList, layersSize, parseManifest } from '../model/manifests.ts';
import { liveTags, newestFirst } from '../model/tags.ts';
import type { Repository, Tag } from '../model/types.ts';
import { feature, type World } from '../model/world.ts';

const seconds = (milliseconds: number) => Math.floor(milliseconds / 1000);

/** The tags in the view of a repository: at most 500. */
export function tagSummaries(world: World, repository: Repository): Record<string, object> {
  const tags = newestFirst(liveTags(world, repository)).slice(0, 500);
  return Object.fromEntries(
    tags.map((tag) => [
      tag.name,
      {
        name: tag.name,
        size: sizeOf(repository, tag),
        last_modified: rfc2822(tag.start),
        ...(tag.end === undefined ? {} : { expiration: rfc2822(tag.end) }),
        manifest_digest: tag.digest,
      },
    ]),
  );
}

export function tagView(world: World, repository: Repository, tag: Tag): object {
  return {
    name: tag.name,
    reversion: tag.reversion,
    ...(feature(world, 'IMMUTABLE_TAGS') ? { immutable: tag.immutable } : {}),
    start_ts: seconds(tag.start),
    ...(tag.end === undefined ? {} : { end_ts: seconds(tag.end) }),
    manifest_digest: tag.digest,
    is_manifest_list: isList(repository.manifests.get(tag.digest)?.mediaType ?? ''),
    size: sizeOf(repository, tag),
    last_modified: rfc2822(tag.start),
    ...(tag.end === undefined ? {} : { expiration: rfc2822(tag.end) }),
    ...childrenOf(repository, tag),
  };
}

function sizeOf(repository: Repository, tag: Tag): number | null {
  const manifest = repository.manifests.get(tag.digest);
  return manifest === undefined ? null : layersSize(manifest);
}

function childrenOf(repository: Repository, tag: Tag): object {
  const manifest = repository.manifests.get(tag.digest);
  if (manifest === undefined || !isList(manifest.mediaType)) return {};
  const children = (parseManifest(manifest).manifests ?? []).map((child) => child.digest);
  const presence = Object.fromEntries(children.map((digest) => [digest, repository.manifests.has(digest)]));
  const present = Object.values(presence).filter(Boolean).length;
  return {
    is_sparse: present < children.length,
    child_manifest_count: children.length,
    present_child_count: present,
    child_manifests_presence: presence,
  };
}
