import { hasFullAccess, organizationRank } from '../auth/access.ts';
import { noContent, ok } from '../http/reply.ts';
import { addTeam, findOrganization, findTeam, teamsOf } from '../model/accounts.ts';
import { logAction } from '../model/logs.ts';
import { teamProblem } from '../model/names.ts';
import { repositoriesOf } from '../model/repositories.ts';
import type { Account, Team, TeamRole } from '../model/types.ts';
import {
  type Call,
  type Handlers,
  invalidRequest,
  notFound,
  param,
  refused,
  requireOrganizationAdmin,
  textOf,
} from './call.ts';
import { messageError } from './errors.ts';
import { mayViewTeam } from './organizations.ts';
import { refuseSynced, syncingView } from './team-syncing.ts';
import { accountAvatar, teamAvatar, userAvatar } from './views.ts';

export const teamHandlers: Handlers = {
  updateOrganizationTeam(call) {
    const organization = guardedOrganization(call);
    const name = param(call, 'teamname');
    const existing = findTeam(call.world, organization, name);
    const team = existing ?? createTeam(call, organization, name);
    if (existing !== undefined) changeTeam(call, existing);
    return ok({
      name: team.name,
      description: team.description,
      can_view: mayViewTeam(call, team),
      role: team.role,
      avatar: teamAvatar(team),
      new_team: existing === undefined,
    });
  },

  deleteOrganizationTeam(call) {
    const organization = guardedOrganization(call);
    const name = param(call, 'teamname');
    const team = findTeam(call.world, organization, name);
    if (team === undefined) throw messageError(400, `Team '${name}' is not a team in org '${organization}'`);
    if (team.role === 'admin' && losesAdmin(call, team)) {
      throw messageError(
        400,
        `Deleting team '${name}' would remove admin ability for user '${call.caller.user}' in organization '${organization}'`,
      );
    }
    removeTeam(call, team);
    logAction(call, 'org_delete_team', organization, { team: name });
    return noContent();
  },

  getOrganizationTeamMembers(call) {
    const organization = param(call, 'orgname');
    const name = param(call, 'teamname');
    const team = findTeam(call.world, organization, name);
    if (team === undefined ? !isAdmin(call, organization) : !mayViewTeam(call, team)) throw refused(call);
    if (team === undefined) throw notFound(call);
    const members = [...team.members].flatMap((member) => {
      const account = call.world.accounts.get(member);
      return account === undefined ? [] : [memberView(account)];
    });
    return ok({ name, members, can_edit: isAdmin(call, organization), ...syncingView(call, team) });
  },

  updateOrganizationTeamMember(call) {
    const organization = guardedOrganization(call, false);
    const team = findTeam(call.world, organization, param(call, 'teamname'));
    if (team === undefined) throw notFound(call);
    const name = param(call, 'membername');
    const account = call.world.accounts.get(name);
    if (account === undefined || account.kind === 'organization') throw invalidRequest(call, 'Unknown user');
    if (account.robot !== undefined && account.robot.owner !== organization) throw invalidRequest(call, 'Unknown user');
    refuseSynced(call, team, name);
    if (team.members.has(name)) throw messageError(400, `User ${name} is already a member of team ${team.name}`);
    team.members.add(name);
    logAction(call, 'org_add_team_member', organization, { member: name, team: team.name });
    return ok(memberView(account));
  },

  deleteOrganizationTeamMember(call) {
    const organization = guardedOrganization(call, false);
    const team = findTeam(call.world, organization, param(call, 'teamname'));
    const name = param(call, 'membername');
    if (team === undefined || !call.world.accounts.has(name)) throw notFound(call);
    refuseSynced(call, team, name);
    if (!team.members.has(name)) throw messageError(400, `User ${name} does not belong to team ${team.name}`);
    if (name === call.caller.user && team.role === 'admin' && losesAdmin(call, team)) {
      throw messageError(400, 'User cannot remove themselves from their only admin team.');
    }
    team.members.delete(name);
    logAction(call, 'org_remove_team_member', organization, { member: name, team: team.name });
    return noContent();
  },

  getOrganizationTeamPermissions(call) {
    const organization = guardedOrganization(call, false);
    const team = findTeam(call.world, organization, param(call, 'teamname'));
    if (team === undefined) throw notFound(call);
    const permissions = repositoriesOf(call.world, organization).flatMap((repository) => {
      const role = repository.teamRoles.get(team.name);
      return role === undefined ? [] : [{ repository: { name: repository.name, is_public: repository.public }, role }];
    });
    return ok({ permissions });
  },
};

/** The organisation of the path, of which the caller must be an admin; an unknown one is a 400 to full access. */
function guardedOrganization(call: Call, mustExist = true): string {
  const name = param(call, 'orgname');
  requireOrganizationAdmin(call, name);
  if (mustExist && findOrganization(call.world, name) === undefined) {
    throw messageError(400, `Organization does not exist: ${name}`);
  }
  return name;
}

function isAdmin(call: Call, organization: string): boolean {
  return hasFullAccess(call.world, call.caller) || organizationRank(call.world, call.caller, organization) >= 3;
}

function createTeam(call: Call, organization: string, name: string): Team {
  const problem = teamProblem(name);
  if (problem !== undefined) throw messageError(400, problem);
  const team = addTeam(call.world, organization, name, roleOf(call), textOf(call, 'description') ?? '');
  logAction(call, 'org_create_team', organization, { team: name });
  return team;
}

function changeTeam(call: Call, team: Team): void {
  const role = roleOf(call);
  if (team.role === 'admin' && role !== 'admin' && losesAdmin(call, team)) {
    throw messageError(
      400,
      `Cannot remove admin from team '${team.name}' because calling user would no longer have admin on org '${team.organization}'`,
    );
  }
  const description = textOf(call, 'description');
  if (description !== undefined && description !== team.description) {
    team.description = description;
    logAction(call, 'org_set_team_description', team.organization, { team: team.name, description });
  }
  if (role !== team.role) {
    team.role = role;
    logAction(call, 'org_set_team_role', team.organization, { team: team.name, role });
  }
}

function roleOf(call: Call): TeamRole {
  const role = textOf(call, 'role');
  return role === 'admin' || role === 'creator' ? role : 'member';
}

/** Whether the caller's being an admin hangs on this team alone. */
function losesAdmin(call: Call, team: Team): boolean {
  const user = call.caller.user ?? '';
  return !teamsOf(call.world, team.organization).some(
    (other) => other !== team && other.role === 'admin' && other.members.has(user),
  );
}

function removeTeam(call: Call, team: Team): void {
  const { world } = call;
  world.teams.splice(world.teams.indexOf(team), 1);
  for (const repository of repositoriesOf(world, team.organization)) repository.teamRoles.delete(team.name);
  const prototypes = world.accounts.get(team.organization)?.prototypes ?? [];
  const left = prototypes.filter(({ delegate }) => delegate.kind !== 'team' || delegate.name !== team.name);
  prototypes.splice(0, prototypes.length, ...left);
}

function memberView(account: Account): object {
  return {
    name: account.username,
    kind: 'user',
    is_robot: account.kind === 'robot',
    avatar: account.kind === 'robot' ? accountAvatar(account) : userAvatar(account),
    invited: false,
  };
}
