import type { OrganizationMirror } from '../model/types.ts';
import type { World } from '../model/world.ts';
import { type Upstream, UpstreamError, upstreamOf } from './upstream.ts';

interface Listing {
  readonly repositories: readonly { readonly name: string }[];
  readonly next_page?: string;
}

/** What `verify` says of an organisation mirror's source. */
export async function verifyConnection(
  world: World,
  mirror: OrganizationMirror,
): Promise<{ readonly success: boolean; readonly message: string }> {
  try {
    await discover(world, mirror);
    return { success: true, message: 'Connection successful' };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    const message = error.status === 401 ? 'Authentication failed: invalid API token or credentials' : error.message;
    return { success: false, message };
  }
}

/** The names of the source namespace's repositories, through its API. */
export async function discover(world: World, mirror: OrganizationMirror): Promise<readonly string[]> {
  const upstream = sourceOf(world, mirror);
  if (mirror.password !== null) await call(upstream, '/api/v1/user/');
  await requireNamespace(upstream, mirror.namespace);
  const names: string[] = [];
  let page: string | undefined = '';
  while (page !== undefined) {
    const next: string = page === '' ? '' : `&next_page=${encodeURIComponent(page)}`;
    const visibility = mirror.password === null ? '&public=true' : '';
    const path = `/api/v1/repository?namespace=${encodeURIComponent(mirror.namespace)}${visibility}${next}`;
    const listing = JSON.parse(await call(upstream, path)) as Listing;
    names.push(...listing.repositories.map((one) => one.name));
    page = listing.next_page;
  }
  return names;
}

async function requireNamespace(upstream: Upstream, namespace: string): Promise<void> {
  const name = encodeURIComponent(namespace);
  for (const path of [`/api/v1/organization/${name}`, `/api/v1/users/${name}`]) {
    const { status } = await upstream.api(path);
    if (status === 200) return;
  }
  throw new UpstreamError(404, `Namespace '${namespace}' not found`);
}

export function sourceOf(world: World, mirror: OrganizationMirror): Upstream {
  const { url, username, password } = mirror;
  return upstreamOf(world, { upstream: url, username, password, insecure: url.startsWith('http://') });
}

async function call(upstream: Upstream, path: string): Promise<string> {
  const answer = await upstream.api(path);
  if (answer.status !== 200) throw new UpstreamError(answer.status, `status ${answer.status}`);
  return answer.body.toString('utf8');
}
