import { noContent, ok } from '../http/reply.ts';
import { findTeam, teamsOf } from '../model/accounts.ts';
import { logAction } from '../model/logs.ts';
import type { Account, Prototype, Role } from '../model/types.ts';
import { randomUUID } from '../model/world.ts';
import {
  type Call,
  type Handlers,
  invalidRequest,
  notFound,
  objectOf,
  organizationOf,
  param,
  requireOrganizationAdmin,
  textOf,
} from './call.ts';
import { messageError } from './errors.ts';
import { accountAvatar, teamAvatar } from './views.ts';

/** Default permissions of an organisation. */
export const prototypeHandlers: Handlers = {
  getOrganizationPrototypePermissions(call) {
    const organization = guarded(call);
    return ok({ prototypes: ordered(organization).map((one) => prototypeView(call, organization, one)) });
  },

  createOrganizationPrototypePermission(call) {
    const organization = guarded(call);
    const activatingUser = activatingUserOf(call);
    const prototype: Prototype = {
      id: randomUUID(),
      role: roleOf(call),
      delegate: delegateOf(call, organization.username),
      ...(activatingUser === undefined ? {} : { activatingUser }),
    };
    organization.prototypes.push(prototype);
    log(call, 'create_prototype_permission', organization, prototype);
    return ok(prototypeView(call, organization, prototype));
  },

  updateOrganizationPrototypePermission(call) {
    const organization = guarded(call);
    const prototype = find(call, organization);
    prototype.role = roleOf(call);
    // The database puts a changed row behind the others.
    organization.prototypes.splice(organization.prototypes.indexOf(prototype), 1);
    organization.prototypes.push(prototype);
    log(call, 'modify_prototype_permission', organization, prototype);
    return ok(prototypeView(call, organization, prototype));
  },

  deleteOrganizationPrototypePermission(call) {
    const organization = guarded(call);
    const prototype = find(call, organization);
    organization.prototypes.splice(organization.prototypes.indexOf(prototype), 1);
    log(call, 'delete_prototype_permission', organization, prototype);
    return noContent();
  },
};

function log(call: Call, kind: string, organization: Account, { id, role, activatingUser, delegate }: Prototype): void {
  logAction(call, kind, organization.username, {
    prototypeid: id,
    username: call.caller.user,
    activating_username: activatingUser ?? null,
    role,
    [`delegate_${delegate.kind}`]: delegate.name,
  });
}

function guarded(call: Call): Account {
  requireOrganizationAdmin(call, param(call, 'orgname'));
  return organizationOf(call);
}

function find(call: Call, organization: Account): Prototype {
  const prototype = organization.prototypes.find((one) => one.id === param(call, 'prototypeid'));
  if (prototype === undefined) throw notFound(call);
  return prototype;
}

/** Those with an activating user come first. */
function ordered(organization: Account): readonly Prototype[] {
  const bound = organization.prototypes.filter((one) => one.activatingUser !== undefined);
  return [...bound, ...organization.prototypes.filter((one) => one.activatingUser === undefined)];
}

function roleOf(call: Call): Role {
  const role = textOf(call, 'role');
  return role === 'admin' || role === 'write' ? role : 'read';
}

function activatingUserOf(call: Call): string | undefined {
  const name = objectOf(call, 'activating_user')?.['name'];
  if (typeof name !== 'string' || name === '') return undefined;
  if (!call.world.accounts.has(name)) throw invalidRequest(call, 'Unknown activating user');
  return name;
}

function delegateOf(call: Call, organization: string): Prototype['delegate'] {
  const delegate = objectOf(call, 'delegate');
  const name = String(delegate?.['name']);
  if (delegate?.['kind'] === 'team') {
    if (findTeam(call.world, organization, name) === undefined) {
      throw messageError(400, `('Team does not exist: %s/%s', '${organization}', '${name}')`);
    }
    return { kind: 'team', name };
  }
  if (!call.world.accounts.has(name)) throw invalidRequest(call, 'Missing delegate user or team');
  return { kind: 'user', name };
}

function prototypeView(call: Call, organization: Account, prototype: Prototype): object {
  const { kind, name } = prototype.delegate;
  const team = kind === 'team' ? findTeam(call.world, organization.username, name) : undefined;
  return {
    activating_user:
      prototype.activatingUser === undefined ? null : userView(call, organization, prototype.activatingUser),
    delegate:
      team === undefined ? userView(call, organization, name) : { name, kind: 'team', avatar: teamAvatar(team) },
    role: prototype.role,
    id: prototype.id,
  };
}

function userView(call: Call, organization: Account, name: string): object | null {
  const account = call.world.accounts.get(name);
  if (account === undefined) return null;
  return {
    name,
    is_robot: account.kind === 'robot',
    kind: 'user',
    is_org_member: isOrganizationMember(call, organization.username, account),
    avatar: accountAvatar(account),
  };
}

/** A user in any team, or one of the organisation's own robots. */
export function isOrganizationMember(call: Call, organization: string, account: Account): boolean {
  if (account.robot !== undefined) return account.robot.owner === organization;
  return teamsOf(call.world, organization).some((team) => team.members.has(account.username));
}
