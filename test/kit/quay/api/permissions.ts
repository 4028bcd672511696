import { noContent, ok } from '../http/reply.ts';
import { findOrganization, findTeam, isOrganizationAdmin, teamsOf } from '../model/accounts.ts';
import { logAction } from '../model/logs.ts';
import { splitPath } from '../model/repositories.ts';
import type { Repository, Role } from '../model/types.ts';
import { type Call, type Handlers, invalidRequest, maybeRepository, notFound, param, textOf } from './call.ts';
import { brokenServer, messageError } from './errors.ts';
import { isOrganizationMember } from './prototypes.ts';
import { accountAvatar, teamAvatar } from './views.ts';

export const permissionHandlers: Handlers = {
  listRepoUserPermissions(call) {
    const roles = maybeRepository(call)?.userRoles ?? new Map<string, Role>();
    const views = [...roles].map(([name, role]) => [name, userView(call, name, role)] as const);
    return ok({ permissions: Object.fromEntries(views) });
  },

  getUserPermissions(call) {
    const name = param(call, 'username');
    const role = maybeRepository(call)?.userRoles.get(name);
    if (role === undefined) throw messageError(400, 'User does not have permission for repo.');
    return ok(userView(call, name, role));
  },

  changeUserPermissions(call) {
    const name = param(call, 'username');
    const repository = existing(call);
    const account = call.world.accounts.get(name);
    if (name === repository.namespace) throw invalidRequest(call, 'Namespace owner must always be admin.');
    if (account === undefined) throw invalidRequest(call, `Invalid username: ${name}`);
    if (account.robot !== undefined && account.robot.owner !== repository.namespace) {
      throw invalidRequest(call, `Cannot add robot ${name} under namespace ${repository.namespace}`);
    }
    const role = roleOf(call);
    repository.userRoles.set(name, role);
    log(call, 'change_repo_permission', repository, { username: name, role });
    return ok(userView(call, name, role));
  },

  deleteUserPermissions(call) {
    const name = param(call, 'username');
    const repository = maybeRepository(call);
    if (repository?.userRoles.delete(name) !== true)
      throw invalidRequest(call, 'User does not have permission for repo.');
    log(call, 'delete_repo_permission', repository, { username: name });
    return noContent();
  },

  getUserTransitivePermission(call) {
    const repository = maybeRepository(call);
    const name = param(call, 'username');
    const roles = repository === undefined ? [] : rolesOf(call, repository, name);
    if (roles.length === 0) throw notFound(call);
    return ok({ permissions: roles.map((role) => ({ role })) });
  },

  listRepoTeamPermissions(call) {
    const roles = maybeRepository(call)?.teamRoles ?? new Map<string, Role>();
    const views = [...roles].map(([name, role]) => [name, teamView(call, name, role)] as const);
    return ok({ permissions: Object.fromEntries(views) });
  },

  getTeamPermissions(call) {
    const role = maybeRepository(call)?.teamRoles.get(param(call, 'teamname'));
    if (role === undefined) throw messageError(400, 'Team does not have permission for repo.');
    return ok({ role });
  },

  changeTeamPermissions(call) {
    const name = param(call, 'teamname');
    const repository = existing(call);
    if (findTeam(call.world, repository.namespace, name) === undefined) {
      throw invalidRequest(call, `No team ${name} in organization ${repository.namespace}`);
    }
    const role = roleOf(call);
    repository.teamRoles.set(name, role);
    log(call, 'change_repo_permission', repository, { team: name, role });
    return ok(teamView(call, name, role));
  },

  deleteTeamPermissions(call) {
    const name = param(call, 'teamname');
    const repository = maybeRepository(call);
    if (repository?.teamRoles.delete(name) !== true)
      throw invalidRequest(call, 'Team does not have permission for repo.');
    log(call, 'delete_repo_permission', repository, { team: name });
    return noContent();
  },
};

/** Setting a right on a repository that does not exist breaks Quay. */
function existing(call: Call): Repository {
  const repository = maybeRepository(call);
  if (repository === undefined) throw brokenServer();
  return repository;
}

function roleOf(call: Call): Role {
  const role = textOf(call, 'role');
  return role === 'admin' || role === 'write' ? role : 'read';
}

/** A user's own right and those of its teams, the namespace's admins among them. */
function rolesOf(call: Call, repository: Repository, user: string): Role[] {
  const roles: Role[] = [];
  const own = repository.userRoles.get(user);
  if (own !== undefined) roles.push(own);
  for (const team of teamsOf(call.world, repository.namespace)) {
    const role = repository.teamRoles.get(team.name);
    if (role !== undefined && team.members.has(user)) roles.push(role);
  }
  if (roles.length === 0 && isOrganizationAdmin(call.world, repository.namespace, user)) roles.push('admin');
  return roles;
}

function userView(call: Call, name: string, role: Role): object {
  const account = call.world.accounts.get(name);
  if (account === undefined) return {};
  const { namespace } = splitPath(param(call, 'repository'));
  return {
    role,
    name,
    is_robot: account.kind === 'robot',
    avatar: accountAvatar(account),
    ...(isInOrganization(call, namespace) ? { is_org_member: isOrganizationMember(call, namespace, account) } : {}),
  };
}

function isInOrganization(call: Call, namespace: string): boolean {
  return findOrganization(call.world, namespace) !== undefined;
}

function teamView(call: Call, name: string, role: Role): object {
  const { namespace } = splitPath(param(call, 'repository'));
  const team = findTeam(call.world, namespace, name);
  return { role, name, ...(team === undefined ? {} : { avatar: teamAvatar(team) }) };
}

function log(call: Call, kind: string, repository: Repository, details: object): void {
  const { namespace, name } = repository;
  logAction(call, kind, namespace, { repo: name, namespace, ...details }, repository);
}
