import { hasScope, isSuperUser, mayCreateRepository, mayReadUser, organizationRank } from '../auth/access.ts';
import { checkPassword } from '../auth/login.ts';
import { sessionOf, startSession, withSession } from '../auth/sessions.ts';
import { json, noContent, ok } from '../http/reply.ts';
import { addTeam, addUser, findUser, organizationsOf, removeAccount } from '../model/accounts.ts';
import { namespaceProblem, passwordProblem } from '../model/names.ts';
import type { Account } from '../model/types.ts';
import { type Call, currentUser, type Handlers, invalidRequest, param, refused, textOf } from './call.ts';
import { apiError, messageError } from './errors.ts';
import { convertToOrganization } from './superuser.ts';
import { accountAvatar, isFreeAccount, quotaFields } from './views.ts';

export const userHandlers: Handlers = {
  getLoggedInUser(call) {
    const user = call.caller.user === undefined ? undefined : findUser(call.world, call.caller.user);
    if (user === undefined || !mayReadUser(call.caller)) {
      throw apiError(call.world.origin, 'invalid_token', 'Requires authentication', { session_required: false });
    }
    return ok(userView(call, user));
  },

  getUserInformation(call) {
    const user = findUser(call.world, param(call, 'username'));
    if (user === undefined) throw messageError(404, notFoundMessage);
    return ok(userView(call, user));
  },

  changeUserDetails(call) {
    const user = adminUser(call);
    const password = textOf(call, 'password');
    if (password !== undefined) {
      const problem = passwordProblem(password);
      if (problem !== undefined) throw messageError(400, problem);
      user.password = password;
    }
    user.company = textOf(call, 'company') ?? user.company;
    user.familyName = textOf(call, 'family_name') ?? user.familyName;
    user.givenName = textOf(call, 'given_name') ?? user.givenName;
    user.location = textOf(call, 'location') ?? user.location;
    user.email = textOf(call, 'email') ?? user.email;
    if (typeof call.body['tag_expiration_s'] === 'number') user.tagExpirationSeconds = call.body['tag_expiration_s'];
    return ok(userView(call, user));
  },

  createNewUser(call) {
    const username = textOf(call, 'username') ?? '';
    if (call.world.accounts.has(username)) throw invalidRequest(call, 'The username already exists');
    const problem = namespaceProblem(username);
    if (problem !== undefined) throw invalidRequest(call, problem);
    const password = textOf(call, 'password') ?? '';
    const weak = passwordProblem(password);
    if (weak !== undefined) throw invalidRequest(call, weak);
    addUser(call.world, { username, email: textOf(call, 'email'), password });
    const session = startSession(call.world, username);
    return withSession(ok({ awaiting_verification: false }), session, true);
  },

  deleteCurrentUser(call) {
    const user = adminUser(call);
    removeAccount(call.world, user.username);
    return noContent();
  },

  signinUser(call) {
    const result = checkPassword(call.world, textOf(call, 'username') ?? '', textOf(call, 'password') ?? '');
    if ('user' in result) {
      logSignIn(call, result.user.username);
      return withSession(ok({ success: true }), startSession(call.world, result.user.username), true);
    }
    return json(403, { needsEmailVerification: false, invalidCredentials: true, message: result.error });
  },

  verifyUser(call) {
    const user = adminUser(call);
    const result = checkPassword(call.world, user.username, textOf(call, 'password') ?? '');
    if (!('user' in result)) {
      return json(403, { message: result.error, invalidCredentials: true });
    }
    return ok({ success: true });
  },

  convertUserToOrganization(call) {
    const user = adminUser(call);
    const result = checkPassword(call.world, textOf(call, 'adminUser') ?? '', textOf(call, 'adminPassword') ?? '');
    if (!('user' in result) || result.user === user) {
      throw invalidRequest(call, 'The admin user credentials are not valid');
    }
    convertToOrganization(call, user);
    addTeam(call.world, user.username, 'owners', 'admin').members.add(result.user.username);
    return ok({ success: true });
  },

  logout(call) {
    const current = sessionOf(call.world, call.request);
    if (current !== undefined) call.world.sessions.delete(current.key);
    return withSession(ok({ success: true }), startSession(call.world));
  },
};

const notFoundMessage =
  'The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.';

function logSignIn(call: Call, username: string): void {
  call.world.logs.push({
    kind: 'login_success',
    namespace: username,
    repository: undefined,
    performer: username,
    metadata: { type: 'quayauth', useragent: call.request.headers['user-agent'] ?? '' },
    ip: '127.0.0.1',
    time: call.world.clock.now(),
  });
}

/** The caller, who must have user:admin. */
export function adminUser(call: Call): Account {
  const user = currentUser(call);
  if (!hasScope(call.caller, 'user:admin')) throw refused(call);
  return user;
}

function userView(call: Call, user: Account): object {
  const { world, caller } = call;
  const isMe = caller.user === user.username;
  const isAdmin = isMe && hasScope(caller, 'user:admin');
  return {
    anonymous: false,
    username: user.username,
    avatar: accountAvatar(user),
    ...(isAdmin ? ownDetails(call, user) : {}),
    ...(isMe && mayReadUser(caller)
      ? { organizations: organizationsOf(world, user.username).map((one) => membershipView(call, one, isAdmin)) }
      : {}),
    ...(isSuperUser(world, caller) ? { super_user: isMe } : {}),
  };
}

function ownDetails(call: Call, user: Account): object {
  return {
    can_create_repo: true,
    is_me: true,
    verified: true,
    email: user.email,
    logins: [],
    invoice_email: user.invoiceEmail,
    invoice_email_address: user.invoiceEmailAddress,
    preferred_namespace: false,
    tag_expiration_s: user.tagExpirationSeconds,
    prompts: [],
    company: user.company,
    family_name: user.familyName,
    given_name: user.givenName,
    location: user.location,
    is_free_account: isFreeAccount(),
    has_password_set: user.password !== undefined,
    ...quotaFields(call.world, user),
  };
}

function membershipView(call: Call, organization: Account, isAdmin: boolean): object {
  const { world, caller } = call;
  const name = organization.username;
  return {
    name,
    avatar: accountAvatar(organization),
    can_create_repo: mayCreateRepository(world, caller, name),
    public: false,
    ...(isAdmin ? { is_org_admin: organizationRank(world, caller, name) >= 3, preferred_namespace: false } : {}),
  };
}
