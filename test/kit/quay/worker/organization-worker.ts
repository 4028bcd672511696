import { logWork } from '../model/logs.ts';
import { addRepository, findRepository, repositoryKey } from '../model/repositories.ts';
import { pointTag } from '../model/tags.ts';
import type { Account, MirroredRepository, OrganizationMirror, Repository } from '../model/types.ts';
import type { World } from '../model/world.ts';
import { copyImage } from './copy-image.ts';
import { discover, sourceOf } from './discovery.ts';
import { matchesGlob } from './glob.ts';
import { logMirrorRun, logPush } from './mirror-logs.ts';
import { type ClaimedRun, claim, isDue, release } from './schedule.ts';
import { UpstreamError } from './upstream.ts';

const discoveryMilliseconds = 30 * 60 * 1000;

/** Claims the next organisation mirror that is due. Its run only finds repositories; copying them comes later. */
export function claimDiscovery(world: World, done: ReadonlySet<object>): ClaimedRun | undefined {
  for (const organization of world.accounts.values()) {
    const { mirror } = organization;
    if (mirror === undefined || done.has(mirror) || !isDue(world, mirror)) continue;
    const ticket = claim(world, mirror, discoveryMilliseconds);
    return {
      subject: mirror,
      finish: async () => (mirror.expires === ticket ? runDiscovery(world, organization, mirror) : undefined),
    };
  }
  return undefined;
}

/** Claims the next repository that discovery found. */
export function claimDiscovered(world: World): ClaimedRun | undefined {
  for (const organization of world.accounts.values()) {
    const { mirror } = organization;
    const entry = mirror?.repositories.find((one) => one.status === 'SYNC_NOW');
    if (mirror === undefined || entry === undefined) continue;
    entry.status = 'SYNCING';
    return {
      subject: entry,
      finish: async () => (entry.status === 'SYNCING' ? syncOne(world, organization, mirror, entry) : undefined),
    };
  }
  return undefined;
}

async function runDiscovery(world: World, organization: Account, mirror: OrganizationMirror): Promise<void> {
  const name = organization.username;
  logDiscovery(world, name, mirror, 'started', `Starting repository discovery for organization '${name}'`);
  try {
    const names = await discover(world, mirror);
    const added = record(world, mirror, names);
    const message = `Discovery completed: ${names.length} repos discovered, ${added} new`;
    logDiscovery(world, name, mirror, 'success', message);
    release(world, mirror, true);
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    const message = `Failed to fetch repositories from source: ${error.message}`;
    logDiscovery(world, name, mirror, 'failed', message);
    release(world, mirror, false);
  }
}

function logDiscovery(
  world: World,
  namespace: string,
  mirror: OrganizationMirror,
  what: string,
  message: string,
): void {
  logWork(world, {
    kind: `org_mirror_sync_${what}`,
    namespace,
    performer: mirror.robot,
    metadata: {
      message,
      org_mirror_config_id: mirror.id,
      external_registry_url: mirror.url,
      external_namespace: mirror.namespace,
    },
  });
}

/** Notes what the source has, and returns how many of it are new. */
function record(world: World, mirror: OrganizationMirror, names: readonly string[]): number {
  const wanted = (name: string) =>
    mirror.filters.length === 0 || mirror.filters.some((filter) => matchesGlob(name, filter));
  let added = 0;
  for (const name of names.filter(wanted)) {
    const known = mirror.repositories.find((one) => one.name === name);
    if (known === undefined) {
      added += 1;
      mirror.repositories.push(newEntry(world, name));
    } else if (!known.deleted) {
      known.status = 'SYNC_NOW';
      known.message = null;
    }
  }
  for (const entry of mirror.repositories) {
    if (names.includes(entry.name) && wanted(entry.name)) continue;
    entry.status = 'SKIP';
    entry.message = names.includes(entry.name) ? 'Repository excluded by filters' : 'Repository no longer exists';
  }
  return added;
}

function newEntry(world: World, name: string): MirroredRepository {
  return {
    name,
    status: 'SYNC_NOW',
    discovered: world.clock.now(),
    lastSync: undefined,
    message: null,
    repository: null,
    deleted: false,
  };
}

async function syncOne(
  world: World,
  organization: Account,
  mirror: OrganizationMirror,
  entry: MirroredRepository,
): Promise<void> {
  const source = `${mirror.namespace}/${entry.name}`;
  const reference = `${mirror.url.replace(/^https?:\/\//, '')}/${source}`;
  const place = { namespace: organization.username, name: entry.name };
  const message = `Starting sync for '${reference}'`;
  logMirrorRun(world, place, 'org_mirror_sync_started', { verb: 'start', message });
  const repository = ensureRepository(world, organization.username, mirror, entry, reference);
  try {
    const tags = await copyTags(world, mirror, repository, source);
    entry.status = 'SUCCESS';
    entry.lastSync = world.clock.now();
    logMirrorRun(world, place, 'org_mirror_sync_success', {
      verb: 'end',
      message: `Successfully synced '${reference}': ${tags.length} tags`,
      tags: tags.join(', '),
    });
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    entry.status = 'FAIL';
    entry.message = error.message;
    logMirrorRun(world, place, 'org_mirror_sync_failed', { verb: 'end', message: error.message });
  }
}

async function copyTags(
  world: World,
  mirror: OrganizationMirror,
  repository: Repository,
  source: string,
): Promise<readonly string[]> {
  const upstream = sourceOf(world, mirror);
  const tags = await upstream.tags(source);
  for (const tag of tags) {
    const manifest = await copyImage(world, upstream, source, tag, repository);
    pointTag(world, repository, tag, manifest);
    logPush(world, repository, mirror.robot, tag, manifest.mediaType);
  }
  return tags;
}

function ensureRepository(
  world: World,
  namespace: string,
  mirror: OrganizationMirror,
  entry: MirroredRepository,
  reference: string,
): Repository {
  const key = repositoryKey(namespace, entry.name);
  entry.repository = key;
  const known = findRepository(world, key);
  if (known !== undefined) return known;
  const isPublic = mirror.visibility === 'public';
  const repository = addRepository(world, { namespace, name: entry.name, description: null, isPublic }, mirror.robot);
  repository.state = 'ORG_MIRROR';
  logWork(world, {
    kind: 'org_mirror_repo_created',
    namespace,
    repository: entry.name,
    performer: mirror.robot,
    metadata: { external_reference: reference, visibility: mirror.visibility, via_org_mirror: true },
  });
  return repository;
}
