import { logWork } from '../model/logs.ts';
import type { Repository } from '../model/types.ts';
import type { World } from '../model/world.ts';
import { resolvedIp } from '../registry/resolved-ip.ts';

export interface RunDetails {
  readonly verb: string;
  readonly message: string;
  readonly tag?: string;
  readonly tags?: string;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** What became of a mirror's run is told in the action logs and nowhere else. */
export function logMirrorRun(
  world: World,
  repository: Pick<Repository, 'namespace' | 'name'>,
  kind: string,
  details: RunDetails,
): void {
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

/** The push of the mirror's robot as Quay's own registry sees it. */
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
