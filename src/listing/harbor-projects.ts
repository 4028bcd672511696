import { z } from 'zod';
import { TranshipError } from '../oci/errors.ts';
import type { RepositoryName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import { type Api, documentOf } from './api.ts';
import { refused } from './errors.ts';
import type { RepositoryWishes } from './types.ts';

const projectShape = z.looseObject({ registry_id: z.number().nullish() });

/**
 * Whether a project is a proxy cache, asked once each. Of those the artifacts are what was pulled through, while the plain
 * listing shows what there is. An account that may not see the project itself is told nothing, and the artifacts count.
 */
export function proxyProjects(api: Api): (project: string, subject: string, options: CallOptions) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>();
  return (project, subject, options) => {
    const asked = known.get(project) ?? ask(project, subject, options);
    known.set(project, asked);
    asked.catch(() => known.delete(project));
    return asked;
  };

  async function ask(project: string, subject: string, { signal }: CallOptions): Promise<boolean> {
    const call = { what: `The project ${project}`, subject, path: `/projects/${encodeURIComponent(project)}`, signal };
    const answer = await api.ask(call);
    return answer.status === 200 && (documentOf(answer, projectShape, call).registry_id ?? 0) > 0;
  }
}

/** Below a project everything is made by pushing; the project itself is not. Another run may make it at the same time: 409. */
export async function createProject(
  api: Api,
  host: string,
  repository: RepositoryName,
  { visibility = 'private' }: RepositoryWishes,
  options: CallOptions,
): Promise<void> {
  const { project } = partsOf(repository, host);
  const call = { what: `The project ${project}`, subject: `${host}/${project}`, repository, ...options };
  const there = await api.ask({
    ...call,
    method: 'HEAD',
    path: `/projects?project_name=${encodeURIComponent(project)}`,
  });
  if (there.status === 200) return;
  if (there.status !== 404) throw refused(there, call.what, call.subject);
  const document = { project_name: project, metadata: { public: String(visibility === 'public') } };
  await api.create({ ...call, path: '/projects', document, also: [409] });
}

/** Harbor's two parts of a name. Throws `E_UNSUPPORTED` where there is no project. */
export function partsOf(repository: RepositoryName, host: string): { readonly project: string; readonly rest: string } {
  const slash = repository.indexOf('/');
  if (slash > 0) return { project: repository.slice(0, slash), rest: repository.slice(slash + 1) };
  throw new TranshipError('E_UNSUPPORTED', 'failed', 'On Harbor every repository is in a project.', {
    subject: `${host}/${repository}`,
    hint: 'Name it PROJECT/REPOSITORY.',
  });
}
