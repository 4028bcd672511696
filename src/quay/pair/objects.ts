/**
 * What a destination lacks before images can go there: organisations, repositories with the source's visibility and
 * description, and where it is asked for teams, default permissions and robots. As the changes of declared state, so that
 * planning, checking the token and carrying out are those of `quay apply`.
 */
import { eachBounded } from '../../kit/bounded.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { QuayClient } from '../client.ts';
import { call, create } from '../declared/change.ts';
import { describeOrganization, realEmail } from '../declared/describe.ts';
import { observeOrganization } from '../declared/observe.ts';
import { type PlanPart, planState, type StatePlan } from '../declared/state-plan.ts';
import type { DeclaredOrganization, DeclaredRepository } from '../declared/types.ts';
import type { QuayFeatures } from '../features.ts';
import type { RepositoryEntry } from '../replies.ts';
import type { Inventory } from './inventory.ts';

/** What of an organisation goes along, beside its repositories. */
export const companions = ['teams', 'default-permissions', 'robots'] as const;
export type Companion = (typeof companions)[number];

export interface ObjectsRequest extends CallOptions {
  readonly source: QuayClient;
  readonly destination: QuayClient;
  readonly features: QuayFeatures;
  /** Namespaces that are to be there even without a repository. */
  readonly namespaces: readonly string[];
  /** The source's repositories that the run is about. */
  readonly wanted: Inventory;
  readonly there: Inventory;
  readonly companions: ReadonlySet<Companion>;
  /** RFC 3339 to the second. */
  readonly now: string;
}

export interface ObjectsPlan {
  readonly plan: StatePlan;
  /** Namespaces of people, which nobody else can make. */
  readonly absentUsers: readonly string[];
}

const lookWidth = 4;

/** Looks and compares; writes nothing. */
export async function planObjects(request: ObjectsRequest): Promise<ObjectsPlan> {
  const missing = missingByNamespace(request);
  const withCompanions = request.companions.size > 0;
  const inUse = new Set([...request.there.values()].map(({ namespace }) => namespace));
  const names = request.namespaces.filter((name) => withCompanions || missing.has(name) || !inUse.has(name));
  const found = await eachBounded(names, lookWidth, (name) => lookAt(name, missing.get(name) ?? [], request));
  const organizations = found.flatMap(({ declared }) => (declared ? [declared] : []));
  const { source: _, destination, features, now, signal } = request;
  const plan = await planState(
    destination,
    features,
    { organizations: Object.fromEntries(organizations) },
    { now, signal },
  );
  const users = found.flatMap(({ user }) => (user ? [user] : []));
  return {
    plan: { ...plan, parts: [...plan.parts, ...users] },
    absentUsers: found.flatMap(({ absent }) => (absent ? [absent] : [])),
  };
}

function missingByNamespace({ wanted, there }: ObjectsRequest): ReadonlyMap<string, readonly RepositoryEntry[]> {
  return Map.groupBy(
    [...wanted].filter(([name]) => !there.has(name)).map(([, entry]) => entry),
    ({ namespace }) => namespace,
  );
}

interface Found {
  readonly declared?: readonly [string, DeclaredOrganization];
  readonly user?: PlanPart;
  readonly absent?: string;
}

async function lookAt(name: string, missing: readonly RepositoryEntry[], request: ObjectsRequest): Promise<Found> {
  const { companions: asked, source, destination, signal } = request;
  const observed = await observeOrganization(
    source,
    name,
    {
      teams: asked.has('teams'),
      robots: asked.has('robots'),
      defaultPermissions: asked.has('default-permissions'),
    },
    { signal },
  );
  if (observed.view === undefined) {
    const there = await destination.find('getUser', { parameters: { user: name }, signal });
    return there === undefined ? { absent: name } : { user: repositoriesOfUser(name, missing) };
  }
  const { teams, robots, defaultPermissions } = describeOrganization(observed);
  const email = await emailToBeMadeWith(name, observed.view.email, request);
  const repositories = Object.fromEntries(missing.map((entry) => [entry.name, declaredRepository(entry)]));
  const declared: DeclaredOrganization = {
    ...(email !== undefined && { email }),
    ...(teams && asked.has('teams') && { teams }),
    ...(robots && { robots }),
    ...(defaultPermissions && { defaultPermissions }),
    ...(missing.length > 0 && { repositories }),
  };
  return { declared: [name, declared] };
}

/** A Quay that sends mail makes no organisation without an address. Of one that is there the address is its own business. */
async function emailToBeMadeWith(
  organization: string,
  shown: string | null | undefined,
  { destination, features, signal }: ObjectsRequest,
): Promise<string | undefined> {
  const email = realEmail(shown);
  if (!features.isOn('MAILING') || email === undefined) return undefined;
  const there = await destination.find('getOrganization', { parameters: { organization }, signal });
  return there === undefined ? email : undefined;
}

function declaredRepository({ is_public, description }: RepositoryEntry): DeclaredRepository {
  return { visibility: is_public === true ? 'public' : 'private', description: description ?? '' };
}

/** Someone's own repositories: their namespace is no organisation that could be declared. */
function repositoriesOfUser(user: string, missing: readonly RepositoryEntry[]): PlanPart {
  const changes = missing.map((entry) => {
    const { visibility, description } = declaredRepository(entry);
    const body = { namespace: user, repository: entry.name, visibility, description, repo_kind: 'image' };
    return create(`repository ${user}/${entry.name}`, [call('createRepository', {}, body)]);
  });
  return { name: user, kind: 'organization', exists: true, changes, remarks: [], seen: 0, repositoriesWithin: 0 };
}
