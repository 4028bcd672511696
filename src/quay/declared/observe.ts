/** Reads from a Quay what a declaration is about, and only that: fewer requests, and a token needs fewer rights. */
import { eachBounded } from '../../kit/bounded.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { QuayClient } from '../client.ts';
import type { EndpointName } from '../endpoints.ts';
import { isForbidden } from '../forbidden.ts';
import { repositoriesOf } from '../pages.ts';
import { quotasOf } from '../quotas.ts';
import type { ObservedOrganization, ObservedRepository, ObservedTeam } from './observed.ts';

/** Which parts to read. Repositories by name, or all of them. */
export interface Interest {
  readonly teams?: boolean;
  readonly robots?: boolean;
  readonly defaultPermissions?: boolean;
  readonly proxyCache?: boolean;
  readonly quota?: boolean;
  readonly autoPrune?: boolean;
  readonly immutability?: boolean;
  readonly applications?: boolean;
  readonly mirror?: boolean;
  readonly repositories?: 'all' | Readonly<Record<string, RepositoryInterest>>;
}

export interface RepositoryInterest {
  readonly permissions?: boolean;
  readonly mirror?: boolean;
  readonly autoPrune?: boolean;
  readonly immutability?: boolean;
  readonly notifications?: boolean;
}

export async function observeOrganization(
  quay: QuayClient,
  name: string,
  interest: Interest,
  options: CallOptions = {},
): Promise<ObservedOrganization> {
  const at = { ...options, parameters: { organization: name } };
  const view = await quay.find('getOrganization', at);
  if (view === undefined) return { name };
  return defined({
    name,
    view,
    teams: interest.teams === true ? await observeTeams(quay, name, view.teams ?? {}, options) : undefined,
    // Their passwords have no business here.
    robots:
      interest.robots === true
        ? (await quay.call('listRobots', { ...at, query: { token: false, permissions: false } })).robots
        : undefined,
    prototypes: interest.defaultPermissions === true ? (await quay.call('listPrototypes', at)).prototypes : undefined,
    applications: interest.applications === true ? (await quay.call('listApplications', at)).applications : undefined,
    proxyCache: wants(quay, interest.proxyCache, 'getProxyCache') ? await quay.find('getProxyCache', at) : undefined,
    quotas: wants(quay, interest.quota, 'listQuotas') ? await quotasOf(quay, name, options) : undefined,
    autoPrune: wants(quay, interest.autoPrune, 'listOrganizationPrune')
      ? (await quay.call('listOrganizationPrune', at)).policies
      : undefined,
    immutability: wants(quay, interest.immutability, 'listOrganizationImmutability')
      ? (await quay.call('listOrganizationImmutability', at)).policies
      : undefined,
    mirror: wants(quay, interest.mirror, 'getOrganizationMirror')
      ? await quay.find('getOrganizationMirror', at)
      : undefined,
    repositories:
      interest.repositories === undefined
        ? undefined
        : await observeRepositories(quay, view, interest.repositories, options),
  });
}

/** A part whose feature is off is not there; comparing then plans its making, which the client refuses by name. */
function wants(quay: QuayClient, asked: boolean | undefined, name: EndpointName): boolean {
  return asked === true && quay.features?.offers(name) !== false;
}

async function observeTeams(
  quay: QuayClient,
  organization: string,
  entries: Readonly<Record<string, ObservedTeam['entry']>>,
  options: CallOptions,
): Promise<Record<string, ObservedTeam>> {
  const teams: Record<string, ObservedTeam> = {};
  for (const [team, entry] of Object.entries(entries)) {
    teams[team] = {
      entry,
      members: await quay.call('listTeamMembers', { ...options, parameters: { organization, team } }),
    };
  }
  return teams;
}

const everything: RepositoryInterest = {
  permissions: true,
  mirror: true,
  autoPrune: true,
  immutability: true,
  notifications: true,
};

/** Repositories of an organisation looked at side by side; each takes up to seven requests. */
const lookWidth = 4;

async function observeRepositories(
  quay: QuayClient,
  { name: organization, is_member, is_admin }: NonNullable<ObservedOrganization['view']>,
  interest: NonNullable<Interest['repositories']>,
  options: CallOptions,
): Promise<Record<string, ObservedRepository>> {
  const repositories: Record<string, ObservedRepository> = {};
  const wanted: [string, RepositoryInterest][] = [];
  if (interest === 'all') {
    for await (const entry of repositoriesOf(quay, organization, options)) wanted.push([entry.name, everything]);
  } else {
    wanted.push(...Object.entries(interest));
  }
  let listed: Promise<ReadonlySet<string>> | undefined;
  const isListed = async (name: string) => {
    listed ??= namesIn(quay, organization, options);
    return (await listed).has(name);
  };
  const seen = await eachBounded(wanted, lookWidth, async ([name, parts]) => {
    try {
      return await observeRepository(quay, `${organization}/${name}`, parts, options);
    } catch (error) {
      // To a member without rights in the whole namespace a missing repository is a forbidden one; the listing tells them apart.
      const mayBeAbsent = isForbidden(error) && (is_member || is_admin);
      if (!mayBeAbsent || (await isListed(name))) throw error;
      return undefined;
    }
  });
  for (const [index, [name]] of wanted.entries()) {
    const observed = seen[index];
    if (observed !== undefined) repositories[name] = observed;
  }
  return repositories;
}

async function namesIn(quay: QuayClient, organization: string, options: CallOptions): Promise<ReadonlySet<string>> {
  const entries = await Array.fromAsync(repositoriesOf(quay, organization, options));
  return new Set(entries.map(({ name }) => name));
}

async function observeRepository(
  quay: QuayClient,
  repository: string,
  interest: RepositoryInterest,
  options: CallOptions,
): Promise<ObservedRepository | undefined> {
  const at = { ...options, parameters: { repository } };
  const view = await quay.find('getRepository', { ...at, query: { includeTags: false } });
  if (view === undefined) return undefined;
  return defined({
    view,
    users: interest.permissions === true ? (await quay.call('listUserPermissions', at)).permissions : undefined,
    teams: interest.permissions === true ? (await quay.call('listTeamPermissions', at)).permissions : undefined,
    mirror: wants(quay, interest.mirror, 'getMirror') ? await quay.find('getMirror', at) : undefined,
    autoPrune: wants(quay, interest.autoPrune, 'listRepositoryPrune')
      ? (await quay.call('listRepositoryPrune', at)).policies
      : undefined,
    immutability: wants(quay, interest.immutability, 'listRepositoryImmutability')
      ? (await quay.call('listRepositoryImmutability', at)).policies
      : undefined,
    notifications:
      interest.notifications === true ? (await quay.call('listNotifications', at)).notifications : undefined,
  });
}

/** Leaves out what is `undefined`, for `exactOptionalPropertyTypes`. */
function defined<T extends object>(fields: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}
