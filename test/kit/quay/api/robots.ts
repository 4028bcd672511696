import { hasFullAccess, hasScope, organizationRank } from '../auth/access.ts';
import { rfc2822, rfc2822OrNull } from '../format.ts';
import { json, noContent, ok } from '../http/reply.ts';
import { addRobot, findOrganization, findRobot, removeAccount, robotsOf, teamsOf } from '../model/accounts.ts';
import { logAction } from '../model/logs.ts';
import { robotProblem } from '../model/names.ts';
import { repositoriesOf } from '../model/repositories.ts';
import type { Account, JsonObject, RobotDetails } from '../model/types.ts';
import { randomText } from '../model/world.ts';
import {
  type Call,
  flag,
  type Handlers,
  invalidRequest,
  param,
  refused,
  requireOrganizationAdmin,
  requireOrganizationMember,
} from './call.ts';
import { brokenServer, messageError } from './errors.ts';
import { adminUser } from './users.ts';
import { teamAvatar } from './views.ts';

export const robotHandlers: Handlers = {
  getOrgRobots(call) {
    const organization = param(call, 'orgname');
    requireOrganizationMember(call, organization);
    return listRobots(call, organization, isAdmin(call, organization));
  },
  getOrgRobot: (call) => ok(detailedView(robotOf(call, organizationAdmin(call)))),
  createOrgRobot(call) {
    const organization = organizationAdmin(call);
    if (findOrganization(call.world, organization) === undefined) {
      throw messageError(400, `Organization does not exist: ${organization}`);
    }
    return createRobot(call, organization);
  },
  deleteOrgRobot: (call) => deleteRobot(call, organizationAdmin(call)),
  regenerateOrgRobotToken: (call) => regenerate(call, organizationAdmin(call)),
  getOrgRobotPermissions(call) {
    if (!hasScope(call.caller, 'user:admin')) throw refused(call);
    const organization = param(call, 'orgname');
    if (!isAdmin(call, organization)) throw messageError(403, forbiddenMessage);
    return permissions(call, organization);
  },
  getOrgRobotFederation: (call) => ok(detailsOf(robotOf(call, organizationAdmin(call))).federation),
  createOrgRobotFederation: (call) => setFederation(call, organizationAdmin(call)),
  deleteOrgRobotFederation: (call) => clearFederation(call, organizationAdmin(call)),

  getUserRobots: (call) => listRobots(call, adminUser(call).username, true),
  getUserRobot: (call) => ok(detailedView(robotOf(call, adminUser(call).username))),
  createUserRobot: (call) => createRobot(call, adminUser(call).username),
  deleteUserRobot: (call) => deleteRobot(call, adminUser(call).username),
  regenerateUserRobotToken: (call) => regenerate(call, adminUser(call).username),
  getUserRobotPermissions: (call) => permissions(call, adminUser(call).username),
  getUserRobotFederation: (call) => ok(detailsOf(robotOf(call, adminUser(call).username)).federation),
  createUserRobotFederation: (call) => setFederation(call, adminUser(call).username),
  deleteUserRobotFederation: (call) => clearFederation(call, adminUser(call).username),
};

const forbiddenMessage =
  "You don't have the permission to access the requested resource. It is either read-protected or not readable by the server.";

function isAdmin(call: Call, organization: string): boolean {
  return hasFullAccess(call.world, call.caller) || organizationRank(call.world, call.caller, organization) >= 3;
}

function organizationAdmin(call: Call): string {
  const organization = param(call, 'orgname');
  requireOrganizationAdmin(call, organization);
  return organization;
}

function listRobots(call: Call, owner: string, asAdmin: boolean) {
  const withTokens = asAdmin && flag(call, 'token', true);
  const withRights = flag(call, 'permissions', false);
  const limit = limitOf(call);
  let robots = robotsOf(call.world, owner);
  // Quay reads in the order of its table, and newest first as soon as it joins or limits.
  if (withRights || limit > 0) robots = robots.toSorted((a, b) => b.id - a.id);
  if (limit > 0) robots = robots.slice(0, limit);
  return ok({ robots: robots.map((robot) => listView(call, robot, withTokens, withRights)) });
}

function limitOf(call: Call): number {
  const text = call.query.get('limit');
  if (text === null) return 0;
  if (!/^-?\d+$/.test(text)) {
    throw messageError(400, { limit: 'If specified, the number of robots to return.' });
  }
  const limit = Number(text);
  if (limit < 0) throw brokenServer();
  return limit;
}

function listView(call: Call, robot: Account, withToken: boolean, withRights: boolean): object {
  const details = detailsOf(robot);
  return {
    name: robot.username,
    created: rfc2822(robot.created),
    last_accessed: rfc2822OrNull(robot.lastAccessed),
    ...(withRights ? rightsOf(call, robot) : {}),
    description: details.description,
    ...(withToken ? { token: details.token } : {}),
  };
}

function rightsOf(call: Call, robot: Account): object {
  const { owner } = detailsOf(robot);
  const teams = teamsOf(call.world, owner).filter((team) => team.members.has(robot.username));
  return {
    teams: teams.map((team) => ({ name: team.name, avatar: teamAvatar(team) })),
    repositories: repositoriesOf(call.world, owner)
      .filter((repository) => repository.userRoles.has(robot.username))
      .map((repository) => repository.name),
  };
}

function plainView(robot: Account): object {
  const details = detailsOf(robot);
  return {
    name: robot.username,
    created: rfc2822(robot.created),
    last_accessed: rfc2822OrNull(robot.lastAccessed),
    description: details.description,
    token: details.token,
  };
}

function detailedView(robot: Account): object {
  return { ...plainView(robot), unstructured_metadata: detailsOf(robot).metadata ?? {} };
}

function detailsOf(robot: Account): RobotDetails {
  if (robot.robot === undefined) throw new Error(`${robot.username} is no robot`);
  return robot.robot;
}

function robotOf(call: Call, owner: string): Account {
  const robot = findRobot(call.world, `${owner}+${param(call, 'robot_shortname')}`);
  if (robot === undefined) throw messageError(400, 'Could not find robot with specified username');
  return robot;
}

function createRobot(call: Call, owner: string) {
  const shortName = param(call, 'robot_shortname');
  const problem = robotProblem(shortName);
  if (problem !== undefined) throw invalidRequest(call, problem);
  const name = `${owner}+${shortName}`;
  if (findRobot(call.world, name) !== undefined) throw invalidRequest(call, `Existing robot with name: ${name}`);
  if (name.length > 255) throw messageError(400, 'value too long for type character varying(255)\n');
  const description = call.body['description'];
  const metadata = call.body['unstructured_metadata'] ?? null;
  const robot = addRobot(call.world, owner, shortName, {
    description: typeof description === 'string' ? description : '',
    metadata,
  });
  logAction(call, 'create_robot', owner, {
    robot: shortName,
    description: description ?? '',
    unstructured_metadata: metadata,
  });
  return json(201, { ...plainView(robot), unstructured_metadata: metadata });
}

function deleteRobot(call: Call, owner: string) {
  const robot = robotOf(call, owner);
  const used = repositoriesOf(call.world, owner).some((repository) => repository.mirror?.robot === robot.username);
  if (used) throw invalidRequest(call, 'Robot is being used by a mirror');
  removeAccount(call.world, robot.username);
  logAction(call, 'delete_robot', owner, { robot: detailsOf(robot).shortName });
  return noContent();
}

function regenerate(call: Call, owner: string) {
  const robot = robotOf(call, owner);
  detailsOf(robot).token = randomText(64);
  logAction(call, 'regenerate_robot_token', owner, { robot: detailsOf(robot).shortName });
  return ok(plainView(robot));
}

function permissions(call: Call, owner: string) {
  const robot = robotOf(call, owner);
  const found = repositoriesOf(call.world, owner).flatMap((repository) => {
    const role = repository.userRoles.get(robot.username);
    return role === undefined ? [] : [{ repository: { name: repository.name, is_public: repository.public }, role }];
  });
  return ok({ permissions: found });
}

function setFederation(call: Call, owner: string) {
  const entries = call.body as unknown as readonly JsonObject[];
  for (const { issuer, subject } of entries) {
    if (!issuer || !subject) throw invalidRequest(call, 'Missing one or more required fields (issuer, subject)');
    if (!/^https?:\/\//.test(String(issuer))) {
      throw invalidRequest(call, 'Issuer must be a URL (http:// or https://)');
    }
  }
  const robot = robotOf(call, owner);
  detailsOf(robot).federation = entries;
  logAction(call, 'create_robot_federation', owner, { config: entries, robot: robot.username });
  return ok(entries);
}

function clearFederation(call: Call, owner: string) {
  const robot = robotOf(call, owner);
  detailsOf(robot).federation = [];
  logAction(call, 'delete_robot_federation', owner, { robot: robot.username });
  return noContent();
}
