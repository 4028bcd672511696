import { findNamespace } from './accounts.ts';
import { logWork } from './logs.ts';
import type { Manifest, Repository, Tag } from './types.ts';
import { feature, nextId, type World } from './world.ts';

const shortestExpiration = 3600 * 1000;
const longestExpiration = 104 * 7 * 24 * 3600 * 1000;

/** How long a manifest lives that was pushed by its digest and that nothing refers to. */
const temporaryTagMilliseconds = 3600 * 1000;

/** Whether a tag is there now: not ended, not expired. */
export function isAlive(world: World, tag: Tag): boolean {
  return tag.end === undefined || tag.end > world.clock.now();
}

export function findTag(world: World, repository: Repository, name: string): Tag | undefined {
  return repository.tags.findLast((tag) => tag.name === name && !tag.hidden && isAlive(world, tag));
}

/** The tags that are there now, in the order of their making. */
export function liveTags(world: World, repository: Repository): Tag[] {
  return repository.tags.filter((tag) => !tag.hidden && isAlive(world, tag));
}

/** Newest first, as the API lists them. */
export function newestFirst(tags: readonly Tag[]): Tag[] {
  return tags.toSorted((a, b) => b.start - a.start || b.id - a.id);
}

/** Ends whatever `name` was and points it at `manifest`; the image's own label may limit its life. */
export function pointTag(
  world: World,
  repository: Repository,
  name: string,
  manifest: Manifest,
  reversion = false,
): Tag {
  const now = world.clock.now();
  endTag(world, repository, name);
  const life = lifeFromLabel(manifest);
  const tag: Tag = {
    id: nextId(world, 'tag'),
    name,
    digest: manifest.digest,
    start: now,
    end: life === undefined ? undefined : now + life,
    reversion,
    immutable: false,
    hidden: false,
  };
  repository.tags.push(tag);
  tag.immutable = mayBeImmutable(world, tag) && isImmutableByPolicy(world, repository, name);
  if (tag.immutable) {
    const { namespace } = repository;
    const metadata = { tag: name, repo: null, namespace, immutable: true };
    logWork(world, { kind: 'tag_made_immutable_by_policy', namespace, performer: undefined, metadata });
  }
  return tag;
}

/** Keeps a manifest that no tag names for the hour in which an index or a tag must come. */
export function keepForAWhile(world: World, repository: Repository, digest: string): void {
  const now = world.clock.now();
  const id = nextId(world, 'tag');
  repository.tags.push({
    id,
    name: `$temp-${id}`,
    digest,
    start: now,
    end: now + temporaryTagMilliseconds,
    reversion: false,
    immutable: false,
    hidden: true,
  });
}

export function endTag(world: World, repository: Repository, name: string): Tag | undefined {
  const tag = findTag(world, repository, name);
  if (tag !== undefined) tag.end = world.clock.now();
  return tag;
}

/** Sets when a tag ends. Less than an hour becomes an hour. */
export function expireTag(tag: Tag, at: number | undefined): void {
  tag.end =
    at === undefined
      ? undefined
      : tag.start + Math.min(Math.max(at - tag.start, shortestExpiration), longestExpiration);
}

/** Whether a policy of the repository or its namespace makes tags of this name immutable. */
function isImmutableByPolicy(world: World, repository: Repository, name: string): boolean {
  if (!feature(world, 'IMMUTABLE_TAGS')) return false;
  const ofNamespace = findNamespace(world, repository.namespace)?.immutability ?? [];
  return [...repository.immutability, ...ofNamespace].some(
    ({ tagPattern, tagPatternMatches }) => new RegExp(`^(?:${tagPattern})`).test(name) === tagPatternMatches,
  );
}

/** A new policy takes hold of the tags that are there. */
export function applyImmutability(world: World, repository: Repository): void {
  for (const tag of liveTags(world, repository)) {
    if (mayBeImmutable(world, tag) && isImmutableByPolicy(world, repository, tag.name)) tag.immutable = true;
  }
}

export function mayBeImmutable(world: World, tag: Tag): boolean {
  return tag.end === undefined || feature(world, 'IMMUTABLE_TAGS_CAN_EXPIRE');
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

function lifeFromLabel(manifest: Manifest): number | undefined {
  const label = manifest.labels.find((one) => one.key === 'quay.expires-after');
  const [, digits, unit] = /^(\d+)([smhdw])$/.exec(label?.value ?? '') ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  return Math.max(Number(digits) * (units[unit] ?? 0) * 1000, shortestExpiration);
}
