import { hasFullAccess, hasScope, isSuperUser, organizationRank } from '../auth/access.ts';
import { json, noContent, ok } from '../http/reply.ts';
import { addOrganization, isOrganizationAdmin, teamsOf } from '../model/accounts.ts';
import { deleteOrganizationAccount } from '../model/deletion.ts';
import { logAction } from '../model/logs.ts';
import { isEmail, namespaceProblem } from '../model/names.ts';
import { repositoriesOf } from '../model/repositories.ts';
import type { Account, Team } from '../model/types.ts';
import { feature, knows, type World } from '../model/world.ts';
import {
  type Call,
  currentUser,
  type Handlers,
  invalidRequest,
  notFound,
  numberOf,
  organizationOf,
  param,
  refused,
  requireOrganizationAdmin,
  textOf,
} from './call.ts';
import { messageError } from './errors.ts';
import { accountAvatar, isFreeAccount, quotaFields, teamAvatar, userAvatar } from './views.ts';

const tagExpirationOptions = [0, 86_400, 604_800, 1_209_600, 2_419_200];

export const organizationHandlers: Handlers = {
  createOrganization(call) {
    const { world } = call;
    const onlySuperUsers = feature(world, 'SUPERUSERS_ORG_CREATION_ONLY');
    if (!hasScope(call.caller, 'user:admin') || (onlySuperUsers && !isSuperUser(world, call.caller))) {
      throw refused(call);
    }
    const user = currentUser(call);
    const name = textOf(call, 'name') ?? '';
    if (world.accounts.has(name)) throw invalidRequest(call, 'A user or organization with this name already exists');
    const email = (knows(call.world, '3.18') ? textOf(call, 'contact_email') : undefined) ?? textOf(call, 'email');
    if (feature(world, 'MAILING') && (email ?? '') === '') throw invalidRequest(call, 'Email address is required');
    if (email !== undefined && email !== '' && !isEmail(email)) throw invalidRequest(call, 'Invalid email address');
    const problem = namespaceProblem(name);
    if (problem !== undefined) throw invalidRequest(call, problem);
    if (world.deletedNames.has(name)) throw invalidRequest(call, 'Username is not available');
    addOrganization(world, { username: name, email }, user.username);
    logAction(call, 'org_create', name, { email: email ?? null, namespace: name });
    return json(201, 'Created');
  },

  getOrganization(call) {
    const organization = organizationOf(call);
    return ok(organizationView(call, organization, teamsOf(call.world, organization.username)));
  },

  changeOrganizationDetails(call) {
    const name = param(call, 'orgname');
    requireOrganizationAdmin(call, name);
    const organization = organizationOf(call, name);
    changeDetails(call, organization);
    return ok(organizationView(call, organization, teamsOf(call.world, name)));
  },

  deleteAdminedOrganization(call) {
    const name = param(call, 'orgname');
    requireOrganizationAdmin(call, name);
    deleteOrganizationAccount(call.world, organizationOf(call, name));
    return noContent();
  },

  getOrganizationMembers(call) {
    const name = param(call, 'orgname');
    requireOrganizationAdmin(call, name);
    organizationOf(call, name);
    return ok({ members: membersOf(call.world, name).map((member) => memberView(call.world, name, member)) });
  },

  getOrganizationMember(call) {
    const name = param(call, 'orgname');
    requireOrganizationAdmin(call, name);
    organizationOf(call, name);
    const member = call.world.accounts.get(param(call, 'membername'));
    if (member?.kind !== 'user' || !membersOf(call.world, name).includes(member)) throw notFound(call);
    return ok(memberView(call.world, name, member));
  },

  removeOrganizationMember(call) {
    const name = param(call, 'orgname');
    requireOrganizationAdmin(call, name);
    organizationOf(call, name);
    const member = call.world.accounts.get(param(call, 'membername'));
    if (member === undefined) throw notFound(call);
    removeMember(call.world, name, member.username);
    return noContent();
  },

  getOrganizationCollaborators(call) {
    const name = param(call, 'orgname');
    requireOrganizationAdmin(call, name);
    organizationOf(call, name);
    return ok({ collaborators: collaboratorsOf(call.world, name) });
  },
};

/** The organisation as its caller may see it; strangers get its name only. */
export function organizationView(call: Call, organization: Account, teams: readonly Team[]): object {
  const { world, caller } = call;
  const name = organization.username;
  const full = hasFullAccess(world, caller);
  const isAdmin = full || organizationRank(world, caller, name) >= 3;
  const isMember = full || organizationRank(world, caller, name) >= 1;
  return {
    name,
    // Older versions show what stands in an absent address's place.
    email: isAdmin && (organization.hasEmail || !knows(call.world, '3.18')) ? organization.email : '',
    avatar: userAvatar(organization),
    is_admin: isAdmin,
    is_member: isMember,
    ...(isMember ? memberDetails(call, teams) : {}),
    ...(isAdmin ? adminDetails(organization) : {}),
    ...(isMember ? quotaFields(world, organization) : {}),
  };
}

function memberDetails(call: Call, teams: readonly Team[]): object {
  const views = teams.map((team) => [team.name, organizationTeamView(call, team)] as const);
  return { teams: Object.fromEntries(views), ordered_teams: teams.map((team) => team.name) };
}

function adminDetails(organization: Account): object {
  return {
    invoice_email: organization.invoiceEmail,
    invoice_email_address: organization.invoiceEmailAddress,
    tag_expiration_s: organization.tagExpirationSeconds,
    is_free_account: isFreeAccount(),
  };
}

function organizationTeamView(call: Call, team: Team): object {
  const { world } = call;
  return {
    name: team.name,
    description: team.description,
    role: team.role,
    avatar: teamAvatar(team),
    can_view: mayViewTeam(call, team),
    repo_count: repositoriesOf(world, team.organization).filter((one) => one.teamRoles.has(team.name)).length,
    member_count: team.members.size,
    is_synced: team.sync !== undefined && isSyncing(world),
  };
}

/** Whether teams can be filled from a directory: the feature is on, and there is one. */
export function isSyncing(world: World): boolean {
  return feature(world, 'TEAM_SYNCING') && world.directory !== undefined;
}

/** Admins see every team, members their own. */
export function mayViewTeam(call: Call, team: Team): boolean {
  const { world, caller } = call;
  if (hasFullAccess(world, caller) || organizationRank(world, caller, team.organization) >= 3) return true;
  const inside = caller.user !== undefined && team.members.has(caller.user);
  const isAdmin = caller.user !== undefined && isOrganizationAdmin(world, team.organization, caller.user);
  return (inside || isAdmin) && organizationRank(world, caller, team.organization) >= 1;
}

function changeDetails(call: Call, organization: Account): void {
  const email = (knows(call.world, '3.18') ? textOf(call, 'contact_email') : undefined) ?? textOf(call, 'email');
  if (email !== undefined && email !== organization.email) {
    if (!isEmail(email)) throw invalidRequest(call, 'Invalid email address');
    organization.email = email;
    organization.hasEmail = true;
  }
  const expiration = numberOf(call, 'tag_expiration_s');
  if (expiration !== undefined) {
    if (!tagExpirationOptions.includes(expiration)) throw messageError(400, 'Invalid tag expiration option');
    organization.tagExpirationSeconds = expiration;
    const { username: namespace } = organization;
    logAction(call, 'org_change_tag_expiration', namespace, { tag_expiration: expiration, namespace });
  }
  if (typeof call.body['invoice_email'] === 'boolean') organization.invoiceEmail = call.body['invoice_email'];
  const address = call.body['invoice_email_address'];
  if (address === null || typeof address === 'string') organization.invoiceEmailAddress = address;
}

/** Users in any team, in the order they joined the first. */
function membersOf(world: World, organization: string): Account[] {
  const names = new Set(teamsOf(world, organization).flatMap((team) => [...team.members]));
  return [...names].flatMap((name) => {
    const account = world.accounts.get(name);
    return account?.kind === 'user' ? [account] : [];
  });
}

function memberView(world: World, organization: string, member: Account): object {
  const teams = teamsOf(world, organization).filter((team) => team.members.has(member.username));
  return {
    name: member.username,
    kind: 'user',
    avatar: accountAvatar(member),
    teams: teams.map((team) => ({ name: team.name, avatar: teamAvatar(team) })),
    repositories: repositoriesWith(world, organization, member.username),
  };
}

function repositoriesWith(world: World, organization: string, user: string): string[] {
  return repositoriesOf(world, organization)
    .filter((repository) => repository.userRoles.has(user))
    .map((repository) => repository.name)
    .sort();
}

function removeMember(world: World, organization: string, member: string): void {
  const admins = teamsOf(world, organization).filter((team) => team.role === 'admin');
  const others = admins.flatMap((team) => [...team.members]).filter((name) => name !== member);
  if (isOrganizationAdmin(world, organization, member) && others.length === 0) {
    throw messageError(400, 'Cannot remove user as they are the only organization admin');
  }
  for (const team of teamsOf(world, organization)) team.members.delete(member);
  for (const repository of repositoriesOf(world, organization)) repository.userRoles.delete(member);
}

function collaboratorsOf(world: World, organization: string): object[] {
  const members = new Set(membersOf(world, organization).map((member) => member.username));
  const outside = new Set<string>();
  for (const repository of repositoriesOf(world, organization)) {
    for (const user of repository.userRoles.keys()) if (!members.has(user)) outside.add(user);
  }
  return [...outside].flatMap((name) => {
    const account = world.accounts.get(name);
    if (account?.kind !== 'user') return [];
    const repositories = repositoriesWith(world, organization, name);
    return [{ kind: 'user', name, avatar: accountAvatar(account), repositories }];
  });
}
