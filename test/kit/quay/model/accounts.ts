import type { Account, Team, TeamRole } from './types.ts';
import { nextId, randomText, randomUUID, type World } from './world.ts';

const twoWeeks = 14 * 24 * 3600;

interface NewAccount {
  readonly username: string;
  readonly email?: string | undefined;
  readonly password?: string;
}

export function addUser(world: World, account: NewAccount): Account {
  return add(world, 'user', account);
}

/** Makes the organisation with its team `owners`, in which `owner` is. */
export function addOrganization(world: World, account: NewAccount, owner: string): Account {
  const organization = add(world, 'organization', account);
  addTeam(world, account.username, 'owners', 'admin').members.add(owner);
  return organization;
}

export function addRobot(
  world: World,
  owner: string,
  shortName: string,
  details: { readonly description: string; readonly metadata: unknown },
): Account {
  const robot = add(world, 'robot', { username: `${owner}+${shortName}` });
  robot.robot = { owner, shortName, ...details, token: randomText(64), federation: [] };
  return robot;
}

export function addTeam(world: World, organization: string, name: string, role: TeamRole, description = ''): Team {
  const team: Team = { id: nextId(world, 'team'), organization, name, description, role, members: new Set() };
  world.teams.push(team);
  return team;
}

export function findUser(world: World, name: string): Account | undefined {
  const account = world.accounts.get(name);
  return account?.kind === 'user' ? account : undefined;
}

export function findOrganization(world: World, name: string): Account | undefined {
  const account = world.accounts.get(name);
  return account?.kind === 'organization' ? account : undefined;
}

export function findRobot(world: World, name: string): Account | undefined {
  const account = world.accounts.get(name);
  return account?.kind === 'robot' ? account : undefined;
}

/** The user or organisation that owns repositories under `name`. */
export function findNamespace(world: World, name: string): Account | undefined {
  const account = world.accounts.get(name);
  return account === undefined || account.kind === 'robot' ? undefined : account;
}

export function robotsOf(world: World, owner: string): Account[] {
  return [...world.accounts.values()].filter((account) => account.robot?.owner === owner);
}

export function teamsOf(world: World, organization: string): Team[] {
  return world.teams.filter((team) => team.organization === organization);
}

export function findTeam(world: World, organization: string, name: string): Team | undefined {
  return world.teams.find((team) => team.organization === organization && team.name === name);
}

/** The organisations in whose teams `user` is, in the order they were made. */
export function organizationsOf(world: World, user: string): Account[] {
  const names = new Set(world.teams.filter((team) => team.members.has(user)).map((team) => team.organization));
  return [...world.accounts.values()].filter(
    (account) => account.kind === 'organization' && names.has(account.username),
  );
}

export function isOrganizationAdmin(world: World, organization: string, user: string): boolean {
  return teamsOf(world, organization).some((team) => team.role === 'admin' && team.members.has(user));
}

/** Takes an account away with its rights everywhere. */
export function removeAccount(world: World, name: string): void {
  world.accounts.delete(name);
  for (const team of world.teams) team.members.delete(name);
  for (const repository of world.repositories.values()) repository.userRoles.delete(name);
  for (const account of world.accounts.values()) {
    const left = account.prototypes.filter((prototype) => !concerns(prototype, name));
    account.prototypes.splice(0, account.prototypes.length, ...left);
  }
}

function concerns(prototype: Account['prototypes'][number], name: string): boolean {
  if (prototype.activatingUser === name) return true;
  return prototype.delegate.kind === 'user' && prototype.delegate.name === name;
}

function add(world: World, kind: Account['kind'], { username, email, password }: NewAccount): Account {
  const hasEmail = email !== undefined && email !== '';
  const account: Account = {
    id: nextId(world, 'user'),
    uuid: randomUUID(),
    kind,
    username,
    email: hasEmail ? email : randomUUID(),
    hasEmail,
    ...(password === undefined ? {} : { password }),
    enabled: true,
    tagExpirationSeconds: twoWeeks,
    invoiceEmail: false,
    invoiceEmailAddress: null,
    company: null,
    familyName: null,
    givenName: null,
    location: null,
    created: world.clock.now(),
    autoPrune: [],
    immutability: [],
    notifications: [],
    applications: [],
    prototypes: [],
    stars: new Set(),
    throttledUntil: 0,
    failedLogins: 0,
  };
  world.accounts.set(username, account);
  return account;
}
