import { logWork } from '../model/logs.ts';
import { addRepository, findRepository, repositoryKey } from '../model/repositories.ts';
import { pointTag } from '../model/tags.ts';
import type { Account, MirroredRepository, OrganizationMirror, Repository } from '../model/types.ts';
import type { World } from '../model/world.ts';
import { copyImage } from './copy-image.ts';
import { discover, sourceOf } from './discovery.ts';
import { matchesGlob } from './glob.ts';
import { type ClaimedRun, logPush } from './mirror-worker.ts';
import { claim, isDue, release } from './schedule.ts';
import { UpstreamError } from './upstream.ts';

/** Claims the organisation mirrors that are due; their run only finds repositories. */
export function claimDiscoveries(world: World): ClaimedRun[] {
  const runs: ClaimedRun[] = [];
  for (const organization of world.accounts.values()) {
    const { mirror } = organization;
    if (mirror === undefined || !isDue(world, mirror)) continue;
    claim(world, mirror);
    runs.push({ finish: () => runDiscovery(world, organization, mirror) });
  }
  return runs;
}

/** Copies the repositories that discovery found and that wait for it. */
export async function syncDiscovered(world: World): Promise<void> {
  for (const organization of [...world.accounts.values()]) {
    const { mirror } = organization;
    if (mirror === undefined) continue;
    for (const entry of mirror.repositories) {
      if (entry.status === 'SYNC_NOW' || entry.status === 'NEVER_RUN')
        await syncOne(world, organization, mirror, entry);
    }
  }
}

async function runDiscovery(world: World, organization: Account, mirror: OrganizationMirror): Promise<void> {
  try {
    const names = await discover(world, mirror);
    record(world, mirror, names);
    release(world, mirror, true);
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    logWork(world, {
      kind: 'org_mirror_sync_failed',
      namespace: organization.username,
      performer: undefined,
      metadata: { verb: 'end', namespace: organization.username, message: error.message },
    });
    release(world, mirror, false);
  }
}

function record(world: World, mirror: OrganizationMirror, names: readonly string[]): void {
  const wanted = (name: string) =>
    mirror.filters.length === 0 || mirror.filters.some((filter) => matchesGlob(name, filter));
  for (const name of names) {
    const known = mirror.repositories.find((one) => one.name === name);
    if (known === undefined && wanted(name)) {
      mirror.repositories.push({
        name,
        status: 'NEVER_RUN',
        discovered: world.clock.now(),
        lastSync: undefined,
        message: null,
        repository: null,
      });
    } else if (known !== undefined && wanted(name)) {
      known.status = 'SYNC_NOW';
      known.message = null;
    }
  }
  for (const entry of mirror.repositories) {
    if (names.includes(entry.name) && wanted(entry.name)) continue;
    entry.status = 'SKIP';
    entry.message = names.includes(entry.name) ? 'Repository excluded by filters' : 'Repository no longer exists';
  }
}

async function syncOne(
  world: World,
  organization: Account,
  mirror: OrganizationMirror,
  entry: MirroredRepository,
): Promise<void> {
  const repository = ensureRepository(world, organization.username, mirror, entry);
  const upstream = sourceOf(world, mirror);
  const source = `${mirror.namespace}/${entry.name}`;
  try {
    const tags = await upstream.tags(source);
    for (const tag of tags) {
      const manifest = await copyImage(world, upstream, source, tag, repository);
      pointTag(world, repository, tag, manifest);
      logPush(world, repository, mirror.robot, tag, manifest.mediaType);
    }
    entry.status = 'SUCCESS';
    entry.lastSync = world.clock.now();
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    entry.status = 'FAIL';
    entry.message = error.message;
  }
}

function ensureRepository(
  world: World,
  namespace: string,
  mirror: OrganizationMirror,
  entry: MirroredRepository,
): Repository {
  const key = repositoryKey(namespace, entry.name);
  const isPublic = mirror.visibility === 'public';
  const repository =
    findRepository(world, key) ??
    addRepository(world, { namespace, name: entry.name, description: null, isPublic }, mirror.robot);
  repository.state = 'ORG_MIRROR';
  entry.repository = key;
  return repository;
}
