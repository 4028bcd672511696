import { isSuperUser } from '../auth/access.ts';
import { addToken, longestTokenSeconds, parseScopes } from '../auth/oauth.ts';
import { isoMicroseconds, rfc2822, rfc2822OrNull } from '../format.ts';
import { noContent, ok } from '../http/reply.ts';
import { logAction } from '../model/logs.ts';
import type { Account, Application, AppToken, OAuthToken } from '../model/types.ts';
import { randomText, randomUUID } from '../model/world.ts';
import {
  type Call,
  currentUser,
  type Handlers,
  notFound,
  numberOf,
  organizationOf,
  param,
  refused,
  requireOrganizationAdmin,
  textOf,
} from './call.ts';
import { messageError } from './errors.ts';
import { organizationView } from './organizations.ts';
import { adminUser } from './users.ts';
import { accountAvatar, avatar } from './views.ts';

export const applicationHandlers: Handlers = {
  getOrganizationApplications: (call) => ok({ applications: guarded(call).applications.map(applicationView) }),

  createOrganizationApplication(call) {
    const organization = guarded(call);
    const application: Application = {
      clientId: randomText(20),
      clientSecret: randomText(40),
      name: textOf(call, 'name') ?? '',
      description: textOf(call, 'description') ?? '',
      applicationUri: textOf(call, 'application_uri') ?? '',
      redirectUri: textOf(call, 'redirect_uri') ?? '',
      avatarEmail: textOf(call, 'avatar_email') ?? null,
    };
    organization.applications.push(application);
    log(call, 'create_application', application);
    return ok(applicationView(application));
  },

  getOrganizationApplication: (call) => ok(applicationView(applicationOf(call, guarded(call)))),

  updateOrganizationApplication(call) {
    const application = applicationOf(call, guarded(call));
    application.name = textOf(call, 'name') ?? '';
    application.applicationUri = textOf(call, 'application_uri') ?? '';
    application.redirectUri = textOf(call, 'redirect_uri') ?? '';
    application.description = textOf(call, 'description') ?? '';
    application.avatarEmail = textOf(call, 'avatar_email') ?? null;
    log(call, 'update_application', application);
    return ok(applicationView(application));
  },

  deleteOrganizationApplication(call) {
    const organization = guarded(call);
    const application = applicationOf(call, organization);
    organization.applications.splice(organization.applications.indexOf(application), 1);
    for (const token of tokensOf(call, application)) call.world.oauthTokens.delete(token.token);
    log(call, 'delete_application', application);
    return noContent();
  },

  resetOrganizationApplicationClientSecret(call) {
    const application = applicationOf(call, guarded(call));
    application.clientSecret = randomText(40);
    log(call, 'reset_application_client_secret', application);
    return ok(applicationView(application));
  },

  listOrganizationApplicationTokens(call) {
    const application = applicationOf(call, guarded(call));
    const now = call.world.clock.now();
    const rows = tokensOf(call, application)
      .filter((token) => token.expires > now)
      .toSorted((a, b) => b.id - a.id);
    return ok({ tokens: rows.map((token) => tokenView(token)) });
  },

  createOrganizationApplicationToken(call) {
    const organization = guarded(call);
    const application = applicationOf(call, organization);
    const text = textOf(call, 'scope') ?? '';
    const scopes = parseScopes(text);
    if (scopes === undefined) throw messageError(400, `Invalid scope: ${text}`);
    if (!mayGrant(call, scopes)) throw refused(call);
    const token = addToken(call.world, {
      user: currentUser(call),
      application,
      organization: organization.username,
      scopes,
      name: (textOf(call, 'name') ?? '').trim(),
      seconds: numberOf(call, 'expiration') ?? longestTokenSeconds,
    });
    logAction(call, 'create_oauth_api_token', organization.username, {
      oauth_token_uuid: token.uuid,
      scope: token.scope,
      token_display_name: token.name,
      application_name: application.name,
      auth_method: 'OAuth',
      client_id: application.clientId,
    });
    return ok({ ...tokenView(token), token: token.token });
  },

  deleteOrganizationApplicationToken(call) {
    const application = applicationOf(call, guarded(call));
    const token = tokensOf(call, application).find((one) => one.uuid === param(call, 'token_uuid'));
    if (token === undefined) throw notFound(call);
    call.world.oauthTokens.delete(token.token);
    logAction(call, 'revoke_oauth_api_token', param(call, 'orgname'), { oauth_token_uuid: token.uuid });
    return noContent();
  },

  getApplicationInformation(call) {
    const found = findApplication(call, param(call, 'client_id'));
    if (found === undefined) throw notFound(call);
    const { application, organization } = found;
    return ok({
      name: application.name,
      description: application.description,
      uri: application.applicationUri,
      avatar: applicationAvatar(application, organization),
      organization: organizationView(call, organization, []),
    });
  },

  listUserAuthorizations(call) {
    const user = adminUser(call);
    const tokens = [...call.world.oauthTokens.values()].filter((token) => token.user === user.username);
    return ok({ authorizations: tokens.flatMap((token) => authorizationView(call, token)) });
  },

  getUserAuthorization(call) {
    const [view] = authorizationView(call, authorizationOf(call));
    if (view === undefined) throw notFound(call);
    return ok(view);
  },

  deleteUserAuthorization(call) {
    call.world.oauthTokens.delete(authorizationOf(call).token);
    return noContent();
  },

  listAssignedAuthorizations(call) {
    adminUser(call);
    return ok({ authorizations: [] });
  },
  deleteAssignedAuthorization(call) {
    throw notFound(call);
  },

  listAppTokens(call) {
    const user = adminUser(call);
    const tokens = call.world.appTokens.filter((token) => token.user === user.username);
    return ok({ tokens: tokens.map(appTokenView), only_expiring: null });
  },

  createAppToken(call) {
    const user = adminUser(call);
    const token: AppToken = {
      uuid: randomUUID(),
      user: user.username,
      title: textOf(call, 'title') ?? '',
      code: randomText(120),
      created: call.world.clock.now(),
    };
    call.world.appTokens.push(token);
    logAction(call, 'create_app_specific_token', user.username, { app_specific_token_title: token.title });
    return ok({ token: { ...appTokenView(token), token_code: token.code } });
  },

  getAppToken(call) {
    const token = appTokenOf(call);
    return ok({ token: { ...appTokenView(token), token_code: token.code } });
  },

  revokeAppToken(call) {
    const token = appTokenOf(call);
    call.world.appTokens.splice(call.world.appTokens.indexOf(token), 1);
    return noContent();
  },
};

function guarded(call: Call): Account {
  requireOrganizationAdmin(call, param(call, 'orgname'));
  return organizationOf(call);
}

function applicationOf(call: Call, organization: Account): Application {
  const application = organization.applications.find((one) => one.clientId === param(call, 'client_id'));
  if (application === undefined) throw notFound(call);
  return application;
}

/** The application with this client id, in whatever organisation. */
export function findApplication(
  call: Pick<Call, 'world'>,
  clientId: string,
): { readonly application: Application; readonly organization: Account } | undefined {
  for (const organization of call.world.accounts.values()) {
    const application = organization.applications.find((one) => one.clientId === clientId);
    if (application !== undefined) return { application, organization };
  }
  return undefined;
}

function tokensOf(call: Call, application: Application): OAuthToken[] {
  return [...call.world.oauthTokens.values()].filter((token) => token.clientId === application.clientId);
}

/** A token gives away no more than its maker has: its own scopes, and super:user only from a superuser. */
function mayGrant(call: Call, scopes: readonly string[]): boolean {
  const { scopes: own } = call.caller;
  if (own !== 'direct') return scopes.every((scope) => own.has(scope));
  return !scopes.includes('super:user') || isSuperUser(call.world, call.caller);
}

function applicationView(application: Application): object {
  return {
    name: application.name,
    description: application.description,
    application_uri: application.applicationUri,
    client_id: application.clientId,
    client_secret: application.clientSecret,
    redirect_uri: application.redirectUri,
    avatar_email: application.avatarEmail,
  };
}

function applicationAvatar(application: Application, organization: Account) {
  return avatar(application.name, application.avatarEmail || organization.email, 'app');
}

function tokenView(token: OAuthToken): object {
  return {
    uuid: token.uuid,
    name: token.name,
    scope: token.scope,
    expires_at: isoMicroseconds(token.expires),
    created: isoMicroseconds(token.created),
    created_by: token.user,
    last_accessed: token.lastAccessed === undefined ? null : isoMicroseconds(token.lastAccessed),
  };
}

function authorizationOf(call: Call): OAuthToken {
  const user = adminUser(call);
  const token = [...call.world.oauthTokens.values()].find(
    (one) => one.uuid === param(call, 'access_token_uuid') && one.user === user.username,
  );
  if (token === undefined) throw notFound(call);
  return token;
}

const scopeTexts: Readonly<Record<string, { title: string; icon: string; dangerous: boolean }>> = {
  'repo:read': { title: 'View all visible repositories', icon: 'fa-hdd-o', dangerous: false },
  'repo:write': { title: 'Read/Write to any accessible repositories', icon: 'fa-hdd-o', dangerous: false },
  'repo:admin': { title: 'Administer Repositories', icon: 'fa-hdd-o', dangerous: false },
  'repo:create': { title: 'Create Repositories', icon: 'fa-plus', dangerous: false },
  'user:read': { title: 'Read User Information', icon: 'fa-user', dangerous: false },
  'user:admin': { title: 'Administer User', icon: 'fa-gear', dangerous: true },
  'org:admin': { title: 'Administer Organization', icon: 'fa-gear', dangerous: true },
  'super:user': { title: 'Super User Access', icon: 'fa-street-view', dangerous: true },
};

function authorizationView(call: Call, token: OAuthToken): object[] {
  const scopes = token.scope.split(' ').map((scope) => ({ scope, ...scopeTexts[scope] }));
  const user = call.world.accounts.get(token.user);
  if (user !== undefined && token.clientId === token.user) return [firstAuthorization(user, token, scopes)];
  const found = findApplication(call, token.clientId);
  if (found === undefined) return [];
  const { application, organization } = found;
  return [
    {
      application: {
        name: application.name,
        description: application.description,
        url: application.applicationUri,
        avatar: applicationAvatar(application, organization),
        organization: { name: organization.username, avatar: accountAvatar(organization) },
      },
      scopes,
      uuid: token.uuid,
    },
  ];
}

/** The token that the first user got on creation belongs to an application of that user, who counts as an organisation. */
function firstAuthorization(user: Account, token: OAuthToken, scopes: readonly object[]): object {
  return {
    application: {
      name: token.applicationName,
      description: 'Application token generated via /api/v1/user/initialize',
      url: '',
      avatar: avatar(token.applicationName, user.email, 'app'),
      organization: { name: user.username, avatar: { ...accountAvatar(user), kind: 'org' } },
    },
    scopes,
    uuid: token.uuid,
  };
}

function appTokenOf(call: Call): AppToken {
  const user = adminUser(call);
  const token = call.world.appTokens.find(
    (one) => one.uuid === param(call, 'token_uuid') && one.user === user.username,
  );
  if (token === undefined) throw notFound(call);
  return token;
}

function appTokenView(token: AppToken): object {
  return {
    uuid: token.uuid,
    title: token.title,
    last_accessed: rfc2822OrNull(token.lastAccessed),
    created: rfc2822(token.created),
    expiration: null,
  };
}

const withBody = new Set(['create_application', 'update_application']);

function log(call: Call, kind: string, application: Application): void {
  const body = withBody.has(kind) ? call.body : {};
  logAction(call, kind, param(call, 'orgname'), {
    ...body,
    application_name: application.name,
    client_id: application.clientId,
  });
}
