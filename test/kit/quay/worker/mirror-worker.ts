import { logWork } from '../model/logs.ts';
import { endTag, liveTags, pointTag } from '../model/tags.ts';
import type { Repository, RepositoryMirror } from '../model/types.ts';
import type { World } from '../model/world.ts';
import { resolvedIp } from '../registry/manifests.ts';
import { copyImage } from './copy-image.ts';
import { matchesGlob } from './glob.ts';
import { claim, isDue, release } from './schedule.ts';
import { type Upstream, UpstreamError, upstreamOf } from './upstream.ts';

/** One mirror whose run has begun; `finish` does the work. */
export interface ClaimedRun {
  finish(): Promise<void>;
}

/** Claims every repository mirror that is due. */
export function claimRepositoryMirrors(world: World): ClaimedRun[] {
  const runs: ClaimedRun[] = [];
  for (const repository of world.repositories.values()) {
    const { mirror } = repository;
    if (mirror === undefined || repository.state !== 'MIRROR' || !isDue(world, mirror)) continue;
    claim(world, mirror);
    runs.push({ finish: () => runMirror(world, repository, mirror) });
  }
  return runs;
}

async function runMirror(world: World, repository: Repository, mirror: RepositoryMirror): Promise<void> {
  const pattern = mirror.globs.join(',');
  const subject = `'${mirror.reference}' with tag pattern '${pattern}'`;
  log(world, repository, 'repo_mirror_sync_started', { verb: 'start', message: subject });
  const success = await syncTags(world, repository, mirror, subject);
  release(world, mirror, success);
}

async function syncTags(
  world: World,
  repository: Repository,
  mirror: RepositoryMirror,
  subject: string,
): Promise<boolean> {
  const upstream = upstreamOf(world, sourceOf(mirror));
  const source = mirror.reference.split('/').slice(1).join('/');
  const listed = await listTags(upstream, source);
  if ('problem' in listed) {
    log(world, repository, 'repo_mirror_sync_failed', {
      verb: 'end',
      message: 'skopeo list-tags failed: See output',
      stdout: '',
      stderr: listed.problem,
    });
    return false;
  }
  const wanted = listed.tags.filter((tag) => mirror.globs.some((glob) => matchesGlob(tag, glob)));
  if (wanted.length === 0) {
    log(world, repository, 'repo_mirror_sync_success', { verb: 'end', message: subject, tags: 'No tags matched' });
    return true;
  }
  const failed = await copyTags(world, repository, mirror, upstream, source, wanted);
  deleteObsolete(world, repository, wanted);
  const kind = failed.length > 0 ? 'repo_mirror_sync_failed' : 'repo_mirror_sync_success';
  log(world, repository, kind, { verb: 'end', message: subject, tags: wanted.join(', ') });
  return failed.length === 0;
}

function sourceOf(mirror: RepositoryMirror) {
  return {
    upstream: mirror.reference,
    username: mirror.username,
    password: mirror.password,
    insecure: mirror.config['verify_tls'] === false,
  };
}

async function listTags(
  upstream: Upstream,
  source: string,
): Promise<{ readonly tags: readonly string[] } | { readonly problem: string }> {
  if (/[:@]/.test(source)) return { problem: 'No tag or digest allowed in reference' };
  try {
    const tags = await upstream.tags(source);
    return { tags: tags.toSorted() };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

async function copyTags(
  world: World,
  repository: Repository,
  mirror: RepositoryMirror,
  upstream: Upstream,
  source: string,
  tags: readonly string[],
): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const tag of tags) {
    const message = `Source 'docker://${mirror.reference}:${tag}'`;
    try {
      const manifest = await copyImage(world, upstream, source, tag, repository);
      pointTag(world, repository, tag, manifest);
      logPush(world, repository, mirror.robot, tag, manifest.mediaType);
      log(world, repository, 'repo_mirror_sync_tag_success', {
        verb: 'finish',
        message: `${message} successful sync`,
        tag,
        stdout: '',
        stderr: '',
      });
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      failed.push(tag);
      log(world, repository, 'repo_mirror_sync_tag_failed', {
        verb: 'finish',
        message: `${message} failed to sync`,
        tag,
        stdout: '',
        stderr: error.message,
      });
    }
  }
  return failed;
}

/** Every tag that the source does not have, whoever made it. */
function deleteObsolete(world: World, repository: Repository, wanted: readonly string[]): void {
  for (const tag of liveTags(world, repository)) {
    if (!wanted.includes(tag.name)) endTag(world, repository, tag.name);
  }
}

interface Details {
  readonly verb: string;
  readonly message: string;
  readonly tag?: string;
  readonly tags?: string;
  readonly stdout?: string;
  readonly stderr?: string;
}

function log(world: World, repository: Repository, kind: string, details: Details): void {
  const { namespace, name } = repository;
  const { verb, message, tag = null, tags = null, stdout = null, stderr = null } = details;
  logWork(world, {
    kind,
    namespace,
    repository: name,
    performer: undefined,
    metadata: { verb, namespace, repo: name, message, tag, tags, stdout, stderr },
  });
}

export function logPush(world: World, repository: Repository, robot: string, tag: string, mediaType: string): void {
  const { namespace, name } = repository;
  world.logs.push({
    kind: 'push_repo',
    namespace,
    repository: name,
    performer: robot,
    metadata: {
      repo: name,
      namespace,
      'user-agent': 'skopeo/1.9.3',
      tag,
      mediaType,
      username: robot,
      is_robot: true,
      resolved_ip: resolvedIp,
    },
    ip: '127.0.0.1',
    time: world.clock.now(),
  });
}
