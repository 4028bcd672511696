/**
 * Harbor 2.x, as its API description says (https://github.com/goharbor/harbor/blob/main/api/v2.0/swagger.yaml): `listArtifacts`
 * with `with_tag`, `with_accessory`, `q`, `X-Total-Count` and a repository name that is encoded twice; `listRepositories`,
 * `listAllRepositories`, `getProject` (with the `registry_id` of a proxy cache), `headProject`, `createProject`. A cosign signature is an accessory: it is not among the artifacts
 * (https://goharbor.io/docs/main/working-with-projects/working-with-images/sign-images/), but its tag is in `/v2/…/tags/list`,
 * which Harbor answers from all tags of a repository.
 */
import {
  type DoubleOptions,
  numberIn,
  startDouble,
  type VendorDouble,
  type VendorReply,
  type VendorRequest,
} from './double.ts';
import { Gate, needsOfDistribution } from './gate.ts';
import { byBytes, type Shelf, type ShelvedTag } from './shelf.ts';

export interface HarborOptions extends DoubleOptions {
  readonly users?: Readonly<Record<string, string>>;
  /** Projects that are there beside those that were pushed to. */
  readonly projects?: readonly string[];
  /** Of these, projects that are proxy caches. */
  readonly proxies?: readonly string[];
}

export interface HarborDouble extends VendorDouble {
  /** Name to visibility. */
  readonly projects: ReadonlyMap<string, 'public' | 'private'>;
}

const signature = /^sha256-([0-9a-f]{64})\.sig$/;

export async function startHarbor({
  users = {},
  projects = [],
  proxies = [],
  ...rest
}: HarborOptions = {}): Promise<HarborDouble> {
  const known = new Map<string, 'public' | 'private'>(projects.map((name) => [name, 'private']));
  const needs = (request: VendorRequest) => needsOfDistribution(request);
  const gate = new Gate({ path: '/service/token', service: 'harbor-registry', users, anonymous: true, needs });
  const stranger = (request: VendorRequest) => Object.keys(users).length > 0 && gate.userOf(request) === undefined;
  const double = await startDouble(async (request, shelf) => {
    if (!request.path.startsWith('/api/v2.0/')) return gate.check(request);
    if (stranger(request)) return problem(401, 'UNAUTHORIZED', 'unauthorized');
    return api(request, shelf, known, proxies);
  }, rest);
  return Object.assign(double, { projects: known });
}

async function api(
  request: VendorRequest,
  shelf: Shelf,
  projects: Map<string, 'public' | 'private'>,
  proxies: readonly string[],
): Promise<VendorReply> {
  const { method, query } = request;
  const path = request.path.slice('/api/v2.0'.length);
  const there = (project: string) =>
    projects.has(project) || shelf.repositories.some((name) => name.startsWith(`${project}/`));

  if (path === '/projects' && method === 'HEAD') return { status: there(query.get('project_name') ?? '') ? 200 : 404 };
  if (path === '/projects' && method === 'POST') return createProject(request, projects, there);
  if (method !== 'GET') return problem(405, 'METHOD_NOT_ALLOWED', 'not allowed');
  if (path === '/repositories') return paged(shelf.repositories.map(repositoryOf), query);

  const only = /^\/projects\/([^/]+)$/.exec(path)?.[1];
  if (only !== undefined && there(only)) {
    return { status: 200, document: { name: only, registry_id: proxies.includes(only) ? 1 : 0, metadata: {} } };
  }

  const [, project, repository] = /^\/projects\/([^/]+)\/repositories(?:\/([^/]+)\/artifacts)?$/.exec(path) ?? [];
  if (project === undefined || !there(project)) return problem(404, 'NOT_FOUND', `project ${project} not found`);
  if (repository === undefined) {
    return paged(shelf.repositories.filter((name) => name.startsWith(`${project}/`)).map(repositoryOf), query);
  }
  const name = `${project}/${decodeURIComponent(decodeURIComponent(repository))}`;
  if (!shelf.has(name)) return problem(404, 'NOT_FOUND', `repository ${name} not found`);
  return paged(artifactsOf(shelf.tags(name), query.get('with_accessory') === 'true'), query);
}

async function createProject(
  request: VendorRequest,
  projects: Map<string, 'public' | 'private'>,
  there: (project: string) => boolean,
): Promise<VendorReply> {
  const wish = JSON.parse(String(await request.body())) as { project_name: string; metadata?: { public?: string } };
  if (there(wish.project_name))
    return problem(409, 'CONFLICT', `The project named ${wish.project_name} already exists`);
  projects.set(wish.project_name, wish.metadata?.public === 'true' ? 'public' : 'private');
  return { status: 201, headers: { location: `/api/v2.0/projects/${projects.size}` } };
}

function repositoryOf(name: string, index: number) {
  return { id: index + 1, name, artifact_count: 1, pull_count: 0 };
}

/** One artifact a digest, oldest first, with its tags; signatures only as accessories of what they sign. */
function artifactsOf(tags: readonly ShelvedTag[], withAccessories: boolean): readonly object[] {
  const signed = new Map<string, string>(
    tags.flatMap(({ name, digest }) => {
      const hex = signature.exec(name)?.[1];
      return hex === undefined ? [] : [[`sha256:${hex}`, digest] as const];
    }),
  );
  const artifacts = [
    ...Map.groupBy(
      tags.filter(({ name }) => !signature.test(name)),
      ({ digest }) => digest,
    ),
  ];
  return artifacts
    .map(([digest, named], index) => ({
      id: index + 1,
      type: 'IMAGE',
      digest,
      manifest_media_type: named[0]?.mediaType,
      media_type: 'application/vnd.oci.image.config.v1+json',
      size: named[0]?.size,
      push_time: new Date(Math.min(...named.map(({ createdAt }) => createdAt))).toISOString(),
      tags: named.map(({ name, updatedAt }) => ({
        name,
        push_time: new Date(updatedAt).toISOString(),
        immutable: false,
      })),
      accessories: withAccessories ? accessoriesOf(signed.get(digest)) : null,
    }))
    .toSorted((a, b) => byBytes(a.push_time, b.push_time) || byBytes(a.digest, b.digest));
}

function accessoriesOf(digest: string | undefined): readonly object[] | null {
  return digest === undefined ? null : [{ digest, type: 'signature.cosign', size: 1 }];
}

function paged(entries: readonly unknown[], query: URLSearchParams): VendorReply {
  const size = numberIn(query, 'page_size', 10, 100);
  const page = numberIn(query, 'page', 1, Number.MAX_SAFE_INTEGER);
  const document = entries.slice((page - 1) * size, page * size);
  return { status: 200, headers: { 'x-total-count': String(entries.length) }, document };
}

function problem(status: number, code: string, message: string): VendorReply {
  return { status, document: { errors: [{ code, message }] } };
}
