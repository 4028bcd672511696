/**
 * The calls of Quay's API that the client knows, one row each: method, path below `/api/v1`, the OAuth scope it needs, its
 * reply. Some are there for users of the library alone. The trailing slashes are Quay's: a missing one is a redirect, or on
 * `/repository/…` another route altogether.
 */
import type { z } from 'zod';
import * as reply from './replies.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** `any`: whatever live token; `none`: no token at all. */
export type Scope =
  | 'repo:read'
  | 'repo:write'
  | 'repo:admin'
  | 'repo:create'
  | 'user:read'
  | 'user:admin'
  | 'org:admin'
  | 'super:user'
  | 'any'
  | 'none';

/** A feature flag of `GET /config`, without its `FEATURE_` prefix. */
export type Feature =
  | 'REPO_MIRROR'
  | 'ORG_MIRROR'
  | 'PROXY_CACHE'
  | 'QUOTA_MANAGEMENT'
  | 'AUTO_PRUNE'
  | 'IMMUTABLE_TAGS'
  | 'TEAM_SYNCING'
  | 'USER_INITIALIZE'
  | 'PERMANENTLY_DELETE_TAGS'
  | 'SUPER_USERS'
  | 'MAILING'
  | 'QUOTA_NOTIFICATIONS';

interface Extras {
  /** Query parameters that the call understands. */
  readonly query?: readonly string[];
  /**
   * The flag that must be on. While it is off, the path of a change may fall through to another route, which would then
   * change or delete another object: the client refuses to send it.
   */
  readonly feature?: Feature;
  /** The first Quay that has the call. Told to people; features and discovery decide. */
  readonly since?: string;
}

export interface Endpoint<Path extends string = string, Reply extends z.ZodType = z.ZodType> extends Extras {
  readonly method: Method;
  readonly path: Path;
  readonly scope: Scope;
  readonly reply: Reply;
}

function row<Path extends string, Reply extends z.ZodType>(
  method: Method,
  path: Path,
  scope: Scope,
  shape: Reply,
  extras: Extras = {},
): Endpoint<Path, Reply> {
  return { method, path, scope, reply: shape, ...extras };
}

const paged = ['next_page', 'limit'] as const;
const mirror = { feature: 'REPO_MIRROR' } as const;
const organizationMirror = { feature: 'ORG_MIRROR', since: '3.17' } as const;
const proxyCache = { feature: 'PROXY_CACHE', since: '3.7' } as const;
const quota = { feature: 'QUOTA_MANAGEMENT', since: '3.7' } as const;
const pruneOrganization = { feature: 'AUTO_PRUNE', since: '3.10' } as const;
const pruneRepository = { feature: 'AUTO_PRUNE', since: '3.11' } as const;
const immutability = { feature: 'IMMUTABLE_TAGS', since: '3.17' } as const;
const syncing = { feature: 'TEAM_SYNCING' } as const;
const tokens = { since: '3.18' } as const;
const federation = { since: '3.13' } as const;

// biome-ignore format: a table is read row by row
export const endpoints = {
  // repositories
  listRepositories:        row('GET',    '/repository', 'any', reply.RepositoryPage, { query: ['namespace', 'public', 'last_modified', 'next_page'] }),
  createRepository:        row('POST',   '/repository', 'repo:create', reply.CreatedRepository),
  getRepository:           row('GET',    '/repository/{repository}', 'repo:read', reply.RepositoryView, { query: ['includeTags', 'includeStats'] }),
  describeRepository:      row('PUT',    '/repository/{repository}', 'repo:write', reply.Success),
  deleteRepository:        row('DELETE', '/repository/{repository}', 'repo:admin', reply.Unread),
  changeVisibility:        row('POST',   '/repository/{repository}/changevisibility', 'repo:admin', reply.Success),
  findRepositories:        row('GET',    '/find/repositories', 'none', reply.SearchPage, { query: ['query', 'page', 'includeUsage'] }),
  findAll:                 row('GET',    '/find/all', 'repo:read', reply.SearchPage, { query: ['query'] }),
  findEntities:            row('GET',    '/entities/{prefix}', 'any', reply.SearchPage, { query: ['namespace', 'includeTeams', 'includeOrgs'] }),
  changeState:             row('PUT',    '/repository/{repository}/changestate', 'repo:admin', reply.Success, mirror),

  // tags and manifests
  listTags:                row('GET',    '/repository/{repository}/tag/', 'repo:read', reply.TagPage, { query: ['limit', 'page', 'onlyActiveTags', 'specificTag', 'filter_tag_name'] }),
  changeTag:               row('PUT',    '/repository/{repository}/tag/{tag}', 'repo:write', reply.Unread),
  deleteTag:               row('DELETE', '/repository/{repository}/tag/{tag}', 'repo:write', reply.Unread),
  restoreTag:              row('POST',   '/repository/{repository}/tag/{tag}/restore', 'repo:write', reply.Unread),
  expireTag:               row('POST',   '/repository/{repository}/tag/{tag}/expire', 'repo:write', reply.Unread, { feature: 'PERMANENTLY_DELETE_TAGS', since: '3.9' }),
  getManifest:             row('GET',    '/repository/{repository}/manifest/{digest}', 'repo:read', reply.ManifestView),
  listLabels:              row('GET',    '/repository/{repository}/manifest/{digest}/labels', 'repo:read', reply.Labels),
  addLabel:                row('POST',   '/repository/{repository}/manifest/{digest}/labels', 'repo:write', reply.Unread),
  deleteLabel:             row('DELETE', '/repository/{repository}/manifest/{digest}/labels/{id}', 'repo:write', reply.Unread),
  getVulnerabilities:      row('GET',    '/repository/{repository}/manifest/{digest}/security', 'repo:read', reply.Unread, { query: ['vulnerabilities'] }),

  // repository permissions
  listUserPermissions:     row('GET',    '/repository/{repository}/permissions/user/', 'repo:admin', reply.PermissionsByName),
  setUserPermission:       row('PUT',    '/repository/{repository}/permissions/user/{user}', 'repo:admin', reply.Permission),
  deleteUserPermission:    row('DELETE', '/repository/{repository}/permissions/user/{user}', 'repo:admin', reply.Unread),
  getUserPermission:       row('GET',    '/repository/{repository}/permissions/user/{user}', 'repo:admin', reply.Permission),
  getTransitivePermission: row('GET',    '/repository/{repository}/permissions/user/{user}/transitive', 'repo:admin', reply.TransitivePermissions),
  listTeamPermissions:     row('GET',    '/repository/{repository}/permissions/team/', 'repo:admin', reply.PermissionsByName),
  setTeamPermission:       row('PUT',    '/repository/{repository}/permissions/team/{team}', 'repo:admin', reply.Permission),
  deleteTeamPermission:    row('DELETE', '/repository/{repository}/permissions/team/{team}', 'repo:admin', reply.Unread),
  getTeamPermission:       row('GET',    '/repository/{repository}/permissions/team/{team}', 'repo:admin', reply.Permission),

  // organisations
  createOrganization:      row('POST',   '/organization/', 'user:admin', reply.Unread),
  getOrganization:         row('GET',    '/organization/{organization}', 'any', reply.OrganizationView),
  changeOrganization:      row('PUT',    '/organization/{organization}', 'org:admin', reply.Unread),
  deleteOrganization:      row('DELETE', '/organization/{organization}', 'org:admin', reply.Unread),
  listMembers:             row('GET',    '/organization/{organization}/members', 'org:admin', reply.OrganizationMembers),
  getMember:               row('GET',    '/organization/{organization}/members/{member}', 'org:admin', reply.Member),
  removeMember:            row('DELETE', '/organization/{organization}/members/{member}', 'org:admin', reply.Unread),
  listCollaborators:       row('GET',    '/organization/{organization}/collaborators', 'org:admin', reply.Collaborators),

  // teams
  setTeam:                 row('PUT',    '/organization/{organization}/team/{team}', 'org:admin', reply.TeamView),
  deleteTeam:              row('DELETE', '/organization/{organization}/team/{team}', 'org:admin', reply.Unread),
  listTeamMembers:         row('GET',    '/organization/{organization}/team/{team}/members', 'org:admin', reply.TeamMembers, { query: ['includePending'] }),
  addTeamMember:           row('PUT',    '/organization/{organization}/team/{team}/members/{member}', 'org:admin', reply.Unread),
  removeTeamMember:        row('DELETE', '/organization/{organization}/team/{team}/members/{member}', 'org:admin', reply.Unread),
  listPermissionsOfTeam:   row('GET',    '/organization/{organization}/team/{team}/permissions', 'org:admin', reply.RobotPermissions),
  inviteTeamMember:        row('PUT',    '/organization/{organization}/team/{team}/invite/{email}', 'org:admin', reply.Unread, { feature: 'MAILING' }),
  uninviteTeamMember:      row('DELETE', '/organization/{organization}/team/{team}/invite/{email}', 'org:admin', reply.Unread, { feature: 'MAILING' }),
  syncTeam:                row('POST',   '/organization/{organization}/team/{team}/syncing', 'org:admin', reply.Unread, syncing),
  unsyncTeam:              row('DELETE', '/organization/{organization}/team/{team}/syncing', 'org:admin', reply.Unread, syncing),

  // default permissions
  listPrototypes:          row('GET',    '/organization/{organization}/prototypes', 'org:admin', reply.Prototypes),
  createPrototype:         row('POST',   '/organization/{organization}/prototypes', 'org:admin', reply.Prototype),
  changePrototype:         row('PUT',    '/organization/{organization}/prototypes/{id}', 'org:admin', reply.Unread),
  deletePrototype:         row('DELETE', '/organization/{organization}/prototypes/{id}', 'org:admin', reply.Unread),

  // robots: `token=false` keeps their passwords out of listings
  listRobots:              row('GET',    '/organization/{organization}/robots', 'repo:create', reply.Robots, { query: ['permissions', 'token', 'limit'] }),
  getRobot:                row('GET',    '/organization/{organization}/robots/{robot}', 'org:admin', reply.Robot),
  createRobot:             row('PUT',    '/organization/{organization}/robots/{robot}', 'org:admin', reply.Robot),
  deleteRobot:             row('DELETE', '/organization/{organization}/robots/{robot}', 'org:admin', reply.Unread),
  regenerateRobot:         row('POST',   '/organization/{organization}/robots/{robot}/regenerate', 'org:admin', reply.Robot),
  listRobotPermissions:    row('GET',    '/organization/{organization}/robots/{robot}/permissions', 'user:admin', reply.RobotPermissions),
  getFederation:           row('GET',    '/organization/{organization}/robots/{robot}/federation', 'org:admin', reply.Federation, federation),
  setFederation:           row('POST',   '/organization/{organization}/robots/{robot}/federation', 'org:admin', reply.Unread, federation),
  deleteFederation:        row('DELETE', '/organization/{organization}/robots/{robot}/federation', 'org:admin', reply.Unread, federation),
  listUserRobots:          row('GET',    '/user/robots', 'user:admin', reply.Robots, { query: ['permissions', 'token', 'limit'] }),
  createUserRobot:         row('PUT',    '/user/robots/{robot}', 'user:admin', reply.Robot),
  getUserRobot:            row('GET',    '/user/robots/{robot}', 'user:admin', reply.Robot),
  deleteUserRobot:         row('DELETE', '/user/robots/{robot}', 'user:admin', reply.Unread),
  regenerateUserRobot:     row('POST',   '/user/robots/{robot}/regenerate', 'user:admin', reply.Robot),
  listUserRobotPermissions: row('GET',    '/user/robots/{robot}/permissions', 'user:admin', reply.RobotPermissions),

  // proxy cache
  getProxyCache:           row('GET',    '/organization/{organization}/proxycache', 'org:admin', reply.ProxyCache, proxyCache),
  createProxyCache:        row('POST',   '/organization/{organization}/proxycache', 'org:admin', reply.Unread, proxyCache),
  deleteProxyCache:        row('DELETE', '/organization/{organization}/proxycache', 'org:admin', reply.Unread, proxyCache),
  validateProxyCache:      row('POST',   '/organization/{organization}/validateproxycache', 'org:admin', reply.Unread, proxyCache),

  // quota
  listQuotas:              row('GET',    '/organization/{organization}/quota', 'any', reply.Quotas, quota),
  createQuota:             row('POST',   '/organization/{organization}/quota', 'super:user', reply.Unread, quota),
  changeQuota:             row('PUT',    '/organization/{organization}/quota/{id}', 'super:user', reply.Unread, quota),
  deleteQuota:             row('DELETE', '/organization/{organization}/quota/{id}', 'super:user', reply.Unread, quota),
  createQuotaLimit:        row('POST',   '/organization/{organization}/quota/{id}/limit', 'super:user', reply.Unread, quota),
  changeQuotaLimit:        row('PUT',    '/organization/{organization}/quota/{id}/limit/{limit}', 'super:user', reply.Unread, quota),
  deleteQuotaLimit:        row('DELETE', '/organization/{organization}/quota/{id}/limit/{limit}', 'super:user', reply.Unread, quota),
  listOrganizationQuotasAsSuperUser:  row('GET',    '/superuser/organization/{organization}/quota', 'super:user', reply.Quotas, quota),
  createOrganizationQuotaAsSuperUser: row('POST',   '/superuser/organization/{organization}/quota', 'super:user', reply.Unread, quota),
  changeOrganizationQuotaAsSuperUser: row('PUT',    '/superuser/organization/{organization}/quota/{id}', 'super:user', reply.Unread, quota),
  deleteOrganizationQuotaAsSuperUser: row('DELETE', '/superuser/organization/{organization}/quota/{id}', 'super:user', reply.Unread, quota),
  listUserQuotasAsSuperUser:          row('GET',    '/superuser/users/{user}/quota', 'super:user', reply.Quotas, quota),
  createUserQuotaAsSuperUser:         row('POST',   '/superuser/users/{user}/quota', 'super:user', reply.Unread, quota),
  listOwnQuotas:                      row('GET',    '/user/quota', 'user:admin', reply.Quotas, quota),

  // auto-prune
  listOrganizationPrune:   row('GET',    '/organization/{organization}/autoprunepolicy/', 'org:admin', reply.AutoPrunePolicies, pruneOrganization),
  createOrganizationPrune: row('POST',   '/organization/{organization}/autoprunepolicy/', 'org:admin', reply.PolicyCreated, pruneOrganization),
  changeOrganizationPrune: row('PUT',    '/organization/{organization}/autoprunepolicy/{uuid}', 'org:admin', reply.Unread, pruneOrganization),
  deleteOrganizationPrune: row('DELETE', '/organization/{organization}/autoprunepolicy/{uuid}', 'org:admin', reply.Unread, pruneOrganization),
  listRepositoryPrune:     row('GET',    '/repository/{repository}/autoprunepolicy/', 'repo:admin', reply.AutoPrunePolicies, pruneRepository),
  createRepositoryPrune:   row('POST',   '/repository/{repository}/autoprunepolicy/', 'repo:admin', reply.PolicyCreated, pruneRepository),
  changeRepositoryPrune:   row('PUT',    '/repository/{repository}/autoprunepolicy/{uuid}', 'repo:admin', reply.Unread, pruneRepository),
  deleteRepositoryPrune:   row('DELETE', '/repository/{repository}/autoprunepolicy/{uuid}', 'repo:admin', reply.Unread, pruneRepository),
  listUserPrune:           row('GET',    '/user/autoprunepolicy/', 'user:admin', reply.AutoPrunePolicies, pruneOrganization),
  createUserPrune:         row('POST',   '/user/autoprunepolicy/', 'user:admin', reply.PolicyCreated, pruneOrganization),
  changeUserPrune:         row('PUT',    '/user/autoprunepolicy/{uuid}', 'user:admin', reply.Unread, pruneOrganization),
  deleteUserPrune:         row('DELETE', '/user/autoprunepolicy/{uuid}', 'user:admin', reply.Unread, pruneOrganization),

  // immutability
  listOrganizationImmutability:   row('GET',    '/organization/{organization}/immutabilitypolicy/', 'org:admin', reply.ImmutabilityPolicies, immutability),
  createOrganizationImmutability: row('POST',   '/organization/{organization}/immutabilitypolicy/', 'org:admin', reply.PolicyCreated, immutability),
  changeOrganizationImmutability: row('PUT',    '/organization/{organization}/immutabilitypolicy/{uuid}', 'org:admin', reply.Unread, immutability),
  deleteOrganizationImmutability: row('DELETE', '/organization/{organization}/immutabilitypolicy/{uuid}', 'org:admin', reply.Unread, immutability),
  listRepositoryImmutability:     row('GET',    '/repository/{repository}/immutabilitypolicy/', 'repo:admin', reply.ImmutabilityPolicies, immutability),
  createRepositoryImmutability:   row('POST',   '/repository/{repository}/immutabilitypolicy/', 'repo:admin', reply.PolicyCreated, immutability),
  changeRepositoryImmutability:   row('PUT',    '/repository/{repository}/immutabilitypolicy/{uuid}', 'repo:admin', reply.Unread, immutability),
  deleteRepositoryImmutability:   row('DELETE', '/repository/{repository}/immutabilitypolicy/{uuid}', 'repo:admin', reply.Unread, immutability),

  // notifications
  listNotifications:       row('GET',    '/repository/{repository}/notification/', 'repo:admin', reply.Notifications),
  createNotification:      row('POST',   '/repository/{repository}/notification/', 'repo:admin', reply.Notification),
  deleteNotification:      row('DELETE', '/repository/{repository}/notification/{uuid}', 'repo:admin', reply.Unread),
  getNotification:         row('GET',    '/repository/{repository}/notification/{uuid}', 'repo:admin', reply.Notification),
  resetNotification:       row('POST',   '/repository/{repository}/notification/{uuid}', 'repo:admin', reply.Unread),
  testNotification:        row('POST',   '/repository/{repository}/notification/{uuid}/test', 'repo:admin', reply.Unread),
  listOrganizationNotifications: row('GET', '/organization/{organization}/notifications', 'org:admin', reply.Unread, { feature: 'QUOTA_NOTIFICATIONS', since: '3.18' }),

  // OAuth applications and tokens
  listApplications:        row('GET',    '/organization/{organization}/applications', 'org:admin', reply.Applications),
  createApplication:       row('POST',   '/organization/{organization}/applications', 'org:admin', reply.Application),
  changeApplication:       row('PUT',    '/organization/{organization}/applications/{client}', 'org:admin', reply.Application),
  deleteApplication:       row('DELETE', '/organization/{organization}/applications/{client}', 'org:admin', reply.Unread),
  getApplication:          row('GET',    '/organization/{organization}/applications/{client}', 'org:admin', reply.Application),
  resetClientSecret:       row('POST',   '/organization/{organization}/applications/{client}/resetclientsecret', 'org:admin', reply.Application),
  listApplicationTokens:   row('GET',    '/organization/{organization}/applications/{client}/tokens', 'org:admin', reply.OAuthTokens, tokens),
  createApplicationToken:  row('POST',   '/organization/{organization}/applications/{client}/tokens', 'org:admin', reply.OAuthToken, tokens),
  revokeApplicationToken:  row('DELETE', '/organization/{organization}/applications/{client}/tokens/{uuid}', 'org:admin', reply.Unread, tokens),
  listAppTokens:           row('GET',    '/user/apptoken', 'user:admin', reply.Unread),
  createAppToken:          row('POST',   '/user/apptoken', 'user:admin', reply.CreatedAppToken),
  revokeAppToken:          row('DELETE', '/user/apptoken/{uuid}', 'user:admin', reply.Unread),

  // users and superusers
  initializeUser:          row('POST',   '/user/initialize', 'none', reply.FirstUser, { feature: 'USER_INITIALIZE', since: '3.7' }),
  currentUser:             row('GET',    '/user/', 'user:read', reply.CurrentUser),
  getUser:                 row('GET',    '/users/{user}', 'any', reply.PublicUser),
  listAllUsers:            row('GET',    '/superuser/users/', 'super:user', reply.SuperUserPage, { query: [...paged, 'disabled'], feature: 'SUPER_USERS' }),
  createUser:              row('POST',   '/superuser/users/', 'super:user', reply.CreatedUser, { feature: 'SUPER_USERS' }),
  changeUser:              row('PUT',    '/superuser/users/{user}', 'super:user', reply.Unread, { feature: 'SUPER_USERS' }),
  deleteUser:              row('DELETE', '/superuser/users/{user}', 'super:user', reply.Unread, { feature: 'SUPER_USERS' }),
  listAllOrganizations:    row('GET',    '/superuser/organizations/', 'super:user', reply.SuperOrganizationPage, { query: paged, feature: 'SUPER_USERS' }),
  renameOrganization:      row('PUT',    '/superuser/organizations/{organization}', 'super:user', reply.Unread, { feature: 'SUPER_USERS' }),
  deleteAnyOrganization:   row('DELETE', '/superuser/organizations/{organization}', 'super:user', reply.Unread, { feature: 'SUPER_USERS' }),
  getAnyUser:              row('GET',    '/superuser/users/{user}', 'super:user', reply.SuperUserEntry, { feature: 'SUPER_USERS' }),
  getServerConfig:         row('GET',    '/superuser/config', 'super:user', reply.Unread, { feature: 'SUPER_USERS' }),
  getRegistrySize:         row('GET',    '/superuser/registrysize/', 'super:user', reply.Unread, { feature: 'SUPER_USERS' }),
  takeOwnership:           row('POST',   '/superuser/takeownership/{namespace}', 'super:user', reply.Unread, { feature: 'SUPER_USERS' }),

  // logs: where the outcome of a mirror run stands
  listRepositoryLogs:      row('GET',    '/repository/{repository}/logs', 'repo:admin', reply.LogPage, { query: ['starttime', 'endtime', 'next_page'] }),
  listOrganizationLogs:    row('GET',    '/organization/{organization}/logs', 'org:admin', reply.LogPage, { query: ['starttime', 'endtime', 'next_page'] }),
  listOwnLogs:             row('GET',    '/user/logs', 'user:admin', reply.LogPage, { query: ['starttime', 'endtime', 'next_page'] }),

  // repository mirrors. There is no DELETE: it would delete the repository called `…/mirror`
  getMirror:               row('GET',    '/repository/{repository}/mirror', 'repo:admin', reply.Mirror, mirror),
  createMirror:            row('POST',   '/repository/{repository}/mirror', 'repo:admin', reply.Unread, mirror),
  changeMirror:            row('PUT',    '/repository/{repository}/mirror', 'repo:admin', reply.Unread, mirror),
  startMirror:             row('POST',   '/repository/{repository}/mirror/sync-now', 'repo:admin', reply.Unread, mirror),
  cancelMirror:            row('POST',   '/repository/{repository}/mirror/sync-cancel', 'repo:admin', reply.Unread, mirror),
  getMirrorHealth:         row('GET',    '/repository/mirror/health', 'any', reply.Unread, { feature: 'REPO_MIRROR', since: '3.18', query: ['namespace', 'detailed', 'limit', 'offset'] }),

  // organisation mirrors
  getOrganizationMirror:    row('GET',    '/organization/{organization}/mirror', 'org:admin', reply.OrganizationMirror, organizationMirror),
  createOrganizationMirror: row('POST',   '/organization/{organization}/mirror', 'org:admin', reply.Unread, organizationMirror),
  changeOrganizationMirror: row('PUT',    '/organization/{organization}/mirror', 'org:admin', reply.Unread, organizationMirror),
  deleteOrganizationMirror: row('DELETE', '/organization/{organization}/mirror', 'org:admin', reply.Unread, organizationMirror),
  verifyOrganizationMirror: row('POST',   '/organization/{organization}/mirror/verify', 'org:admin', reply.VerifyAnswer, organizationMirror),
  startOrganizationMirror:  row('POST',   '/organization/{organization}/mirror/sync-now', 'org:admin', reply.Unread, organizationMirror),
  cancelOrganizationMirror: row('POST',   '/organization/{organization}/mirror/sync-cancel', 'org:admin', reply.Unread, organizationMirror),
  listMirroredRepositories: row('GET',    '/organization/{organization}/mirror/repositories', 'org:admin', reply.OrganizationMirrorRepositories, { ...organizationMirror, query: ['page', 'limit', 'status'] }),

  // the server itself
  discovery:               row('GET',    '/discovery', 'none', reply.Discovery),
  getCapabilities:         row('GET',    '/registry/capabilities', 'none', reply.Capabilities, { since: '3.17' }),
  listMessages:            row('GET',    '/messages', 'none', reply.Messages),
} as const;

export type EndpointName = keyof typeof endpoints;
export type PathOf<Name extends EndpointName> = (typeof endpoints)[Name]['path'];
export type ReplyOf<Name extends EndpointName> = z.infer<(typeof endpoints)[Name]['reply']>;
