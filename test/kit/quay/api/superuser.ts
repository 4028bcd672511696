import { encryptedPassword } from '../auth/login.ts';
import { noContent, ok } from '../http/reply.ts';
import { addTeam, addUser, findOrganization, findTeam, findUser } from '../model/accounts.ts';
import { deleteOrganizationAccount } from '../model/deletion.ts';
import { logAction } from '../model/logs.ts';
import { namespaceProblem, passwordProblem } from '../model/names.ts';
import { pageById } from '../model/paging.ts';
import { renameNamespace } from '../model/rename.ts';
import type { Account } from '../model/types.ts';
import { feature, randomText } from '../model/world.ts';
import {
  type Call,
  currentUser,
  type Handlers,
  invalidRequest,
  notFound,
  param,
  refused,
  requireSuperUser,
  textOf,
} from './call.ts';
import { brokenServer, messageError } from './errors.ts';
import { accountAvatar, quotaFields } from './views.ts';

export const superuserHandlers: Handlers = {
  listAllUsers(call) {
    requireSuperUser(call);
    const withDisabled = call.query.get('disabled') !== 'false';
    const users = all(call, 'user').filter((user) => withDisabled || user.enabled);
    const { page, next } = pageOf(call, users, 100);
    return ok({ users: page.map((user) => userView(call, user)), ...nextPage(next) });
  },

  createInstallUser(call) {
    requireSuperUser(call);
    const username = textOf(call, 'username') ?? '';
    const email = textOf(call, 'email');
    const problem = namespaceProblem(username) ?? takenProblem(call, username) ?? emailProblem(call, email);
    if (problem !== undefined) throw messageError(400, problem);
    const password = randomText(32);
    addUser(call.world, { username, email, password });
    logAction(call, 'user_create', username, { email: email ?? null, username, superuser: call.caller.user });
    return ok({ username, email: email ?? null, password, encrypted_password: encryptedPassword(password) });
  },

  getInstallUser(call) {
    requireSuperUser(call);
    return ok(userView(call, userOf(call)));
  },

  changeInstallUser(call) {
    requireSuperUser(call);
    const user = userOf(call);
    if (call.world.settings.superUsers.has(user.username)) throw invalidRequest(call, 'Cannot update a superuser');
    const password = textOf(call, 'password');
    if (password !== undefined) {
      const problem = passwordProblem(password);
      if (problem !== undefined) throw messageError(400, problem);
      user.password = password;
    }
    user.email = textOf(call, 'email') ?? user.email;
    // Quay shows the row as it read it, before `enabled` changed.
    const view = userView(call, user);
    if (typeof call.body['enabled'] === 'boolean') user.enabled = call.body['enabled'];
    return ok({ ...view, ...(password === undefined ? {} : { encrypted_password: encryptedPassword(password) }) });
  },

  deleteInstallUser(call) {
    requireSuperUser(call);
    const user = userOf(call);
    if (call.world.settings.superUsers.has(user.username)) throw invalidRequest(call, 'Cannot delete a superuser');
    deleteOrganizationAccount(call.world, user);
    return noContent();
  },

  listAllOrganizations(call) {
    requireSuperUser(call);
    const rows = all(call, 'organization');
    const { page, next } = pageOf(call, rows, rows.length + 1);
    return ok({ organizations: page.map((one) => organizationView(call, one)), ...nextPage(next) });
  },

  changeOrganization(call) {
    requireSuperUser(call);
    const organization = findOrganization(call.world, param(call, 'name'));
    const name = textOf(call, 'name');
    if (organization === undefined) throw brokenServer();
    if (name !== undefined) renameNamespace(call.world, organization, name);
    return ok(organizationView(call, organization));
  },

  deleteOrganization(call) {
    requireSuperUser(call);
    const organization = findOrganization(call.world, param(call, 'name'));
    if (organization === undefined) throw notFound(call);
    deleteOrganizationAccount(call.world, organization);
    return noContent();
  },

  takeOwnership(call) {
    requireSuperUser(call);
    const name = param(call, 'namespace');
    const account = findUser(call.world, name) ?? findOrganization(call.world, name);
    if (account === undefined) throw notFound(call);
    const wasUser = account.kind === 'user';
    if (wasUser) convertToOrganization(call, account);
    const { username } = currentUser(call);
    (findTeam(call.world, name, 'owners') ?? addTeam(call.world, name, 'owners', 'admin')).members.add(username);
    logAction(call, 'take_ownership', username, {
      entity_id: account.id,
      namespace: name,
      was_user: wasUser,
      superuser: username,
    });
    return ok({ namespace: name });
  },

  getRegistrySize(call) {
    requireSuperUser(call);
    return ok({ size_bytes: 0, last_ran: null, running: false, queued: false });
  },

  queueRegistrySizeCalculation(call) {
    requireSuperUser(call);
    return ok({});
  },

  listAllAppTokens(call) {
    requireSuperUser(call);
    return ok({ tokens: [], only_expiring: null });
  },

  listServiceKeys(call) {
    requireSuperUser(call);
    return ok({ keys: [] });
  },

  /** Quay shows its whole configuration here, and the environment of its process with it. This double has neither. */
  getSuperuserConfig(call) {
    requireSuperUser(call);
    if (!feature(call.world, 'SUPERUSER_CONFIGDUMP')) throw refused(call);
    const features = Object.entries(call.world.settings.features).map(([name, on]) => [`FEATURE_${name}`, on]);
    const config = {
      ...Object.fromEntries(features),
      SERVER_HOSTNAME: new URL(call.world.origin).host,
      SUPER_USERS: [...call.world.settings.superUsers],
      AUTHENTICATION_TYPE: 'Database',
    };
    return ok({ config, warning: {}, env: {}, schema: {} });
  },
};

function all(call: Call, kind: Account['kind']): Account[] {
  return [...call.world.accounts.values()].filter((account) => account.kind === kind).sort((a, b) => a.id - b.id);
}

function pageOf(call: Call, rows: readonly Account[], fallback: number) {
  const limit = Number(call.query.get('limit') ?? fallback);
  return pageById(call.world, rows, call.query.get('next_page'), limit);
}

function nextPage(token: string | undefined): object {
  return token === undefined ? {} : { next_page: token };
}

function userOf(call: Call): Account {
  const user = findUser(call.world, param(call, 'username'));
  if (user === undefined) throw notFound(call);
  return user;
}

function takenProblem(call: Call, name: string): string | undefined {
  const account = call.world.accounts.get(name);
  if (account?.kind === 'organization') {
    return `Username has already been taken by an organization and cannot be reused: ${name}`;
  }
  return account === undefined ? undefined : `Username has already been taken by user cannot be reused: ${name}`;
}

function emailProblem(call: Call, email: string | undefined): string | undefined {
  const taken = all(call, 'user').some((user) => user.hasEmail && user.email === email);
  if (email === undefined || !taken) return undefined;
  return `duplicate key value violates unique constraint "user_email_unique_non_org"\nDETAIL:  Key (email)=(${email}) already exists.\n`;
}

function userView(call: Call, user: Account): object {
  return {
    kind: 'user',
    name: user.username,
    username: user.username,
    email: user.email,
    verified: true,
    avatar: accountAvatar(user),
    super_user: call.world.settings.superUsers.has(user.username),
    global_readonly_super_user: false,
    enabled: user.enabled,
    ...quotas(call, user),
  };
}

function organizationView(call: Call, organization: Account): object {
  return {
    name: organization.username,
    email: organization.email,
    avatar: accountAvatar(organization),
    ...quotas(call, organization),
  };
}

function quotas(call: Call, account: Account): object {
  return quotaFields(call.world, account);
}

export function convertToOrganization(call: Call, user: Account): void {
  user.kind = 'organization';
  delete user.password;
  for (const team of call.world.teams) team.members.delete(user.username);
}
