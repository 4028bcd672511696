import { repositoryRank } from '../auth/access.ts';
import { endTag, liveTags, pointTag } from '../model/tags.ts';
import type { Repository, RepositoryMirror } from '../model/types.ts';
import type { World } from '../model/world.ts';
import { copyImage } from './copy-image.ts';
import { matchesGlob } from './glob.ts';
import { logMirrorRun, logPush } from './mirror-logs.ts';
import { type ClaimedRun, claim, isDue, release } from './schedule.ts';
import { copyOutput, fatal, listFailure } from './skopeo-output.ts';
import { type Upstream, UpstreamError, upstreamOf } from './upstream.ts';

/** Claims the next repository mirror that is due and is not in `done`. */
export function claimRepositoryMirror(world: World, done: ReadonlySet<object>): ClaimedRun | undefined {
  for (const repository of world.repositories.values()) {
    const { mirror } = repository;
    if (mirror === undefined || done.has(mirror)) continue;
    if (repository.state !== 'MIRROR' || !isDue(world, mirror)) continue;
    const ticket = claim(world, mirror);
    return {
      subject: mirror,
      finish: async () => (mirror.expires === ticket ? runMirror(world, repository, mirror) : undefined),
    };
  }
  return undefined;
}

async function runMirror(world: World, repository: Repository, mirror: RepositoryMirror): Promise<void> {
  const subject = `'${mirror.reference}' with tag pattern '${mirror.globs.join(',')}'`;
  logMirrorRun(world, repository, 'repo_mirror_sync_started', { verb: 'start', message: subject });
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
  const listed = await listTags(world, upstream, source);
  if ('failure' in listed) {
    logMirrorRun(world, repository, 'repo_mirror_sync_failed', listFailure(subject, listed.failure));
    return false;
  }
  const wanted = listed.tags.filter((tag) => mirror.globs.some((glob) => matchesGlob(tag, glob)));
  if (wanted.length === 0) {
    logMirrorRun(world, repository, 'repo_mirror_sync_success', {
      verb: 'end',
      message: subject,
      tags: 'No tags matched',
    });
    return true;
  }
  const failed = await copyTags(world, repository, mirror, upstream, source, wanted);
  deleteObsolete(world, repository, wanted);
  logEnd(world, repository, subject, wanted, failed);
  return failed.size === 0;
}

function logEnd(
  world: World,
  repository: Repository,
  subject: string,
  wanted: readonly string[],
  failed: ReadonlySet<string>,
): void {
  if (failed.size === 0) {
    const tags = wanted.join(', ');
    logMirrorRun(world, repository, 'repo_mirror_sync_success', { verb: 'end', message: subject, tags });
    return;
  }
  const isPartial = failed.size < wanted.length;
  logMirrorRun(world, repository, 'repo_mirror_sync_failed', {
    verb: 'lost',
    message: isPartial ? `${subject}: PARTIAL SYNC` : subject,
    tags: isPartial ? wanted.map((tag) => (failed.has(tag) ? `${tag}(FAILED)` : tag)).join(', ') : '',
    stdout: 'Not applicable',
    stderr: 'Not applicable',
  });
}

function sourceOf(mirror: RepositoryMirror) {
  return {
    upstream: mirror.reference,
    username: mirror.username,
    password: mirror.password,
    insecure: mirror.config['verify_tls'] === false,
  };
}

type Listed = { readonly tags: readonly string[] } | { readonly failure: string };

async function listTags(world: World, upstream: Upstream, source: string): Promise<Listed> {
  if (/[:@]/.test(source)) return { failure: fatal(world, 'No tag or digest allowed in reference') };
  try {
    const tags = await upstream.tags(source);
    return { tags: tags.toSorted() };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    return { failure: fatal(world, `Error listing repository tags: ${error.message}`) };
  }
}

async function copyTags(
  world: World,
  repository: Repository,
  mirror: RepositoryMirror,
  upstream: Upstream,
  source: string,
  tags: readonly string[],
): Promise<ReadonlySet<string>> {
  const failed = new Set<string>();
  for (const tag of tags) {
    const message = `Source 'docker://${mirror.reference}:${tag}'`;
    try {
      await requireWrite(world, repository, mirror, upstream, source, tag);
      const manifest = await copyImage(world, upstream, source, tag, repository);
      pointTag(world, repository, tag, manifest);
      logPush(world, repository, mirror.robot, tag, manifest.mediaType);
      logMirrorRun(world, repository, 'repo_mirror_sync_tag_success', {
        verb: 'finish',
        message: `${message} successful sync`,
        tag,
        stdout: copyOutput(repository, manifest),
        stderr: '',
      });
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      failed.add(tag);
      logMirrorRun(world, repository, 'repo_mirror_sync_tag_failed', {
        verb: 'finish',
        message: `${message} failed to sync`,
        tag,
        stdout: error.blob === undefined ? '' : `Copying blob ${error.blob}\n`,
        stderr: fatal(world, error.message),
      });
    }
  }
  return failed;
}

/** The robot pushes like anybody else, so its right to write is asked for at the first blob. */
async function requireWrite(
  world: World,
  repository: Repository,
  mirror: RepositoryMirror,
  upstream: Upstream,
  source: string,
  tag: string,
): Promise<void> {
  const { namespace, name } = repository;
  const robot = { user: mirror.robot, scopes: 'direct', via: 'basic' } as const;
  if (repositoryRank(world, robot, namespace, name) >= 2) return;
  const blob = await firstLayer(upstream, source, tag);
  const target = `${new URL(world.origin).host}/${namespace}/${name}`;
  throw new UpstreamError(
    401,
    `trying to reuse blob ${blob} at destination: checking whether a blob ${blob} exists in ${target}: unauthorized: authentication required`,
    blob,
  );
}

async function firstLayer(upstream: Upstream, source: string, tag: string): Promise<string> {
  const { bytes } = await upstream.manifest(source, tag);
  const { layers = [] } = JSON.parse(bytes.toString('utf8')) as { layers?: { digest: string }[] };
  return layers[0]?.digest ?? '';
}

/** Every tag that the source does not have, whoever made it. */
function deleteObsolete(world: World, repository: Repository, wanted: readonly string[]): void {
  for (const tag of liveTags(world, repository)) {
    if (!wanted.includes(tag.name)) endTag(world, repository, tag.name);
  }
}
