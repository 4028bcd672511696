import { type SchemaName, schemas } from './schemas.ts';

/** One call of `/api/v1`. */
export interface Route {
  readonly method: string;
  /** Without `/api/v1`. `{repository}` stands for `namespace/name` and may hold slashes. */
  readonly path: string;
  /** The operation's name in the discovery document; its handler has the same. */
  readonly operation: string;
  /** The OAuth scope that the discovery document names. `repo:*` routes are guarded by it before their handler runs. */
  readonly scope?: string;
  /** The route exists only while this feature is on. */
  readonly feature?: string;
  /** The first Quay version that has the route. */
  readonly since?: string;
  readonly body?: SchemaName;
  /** Left out of the discovery document. */
  readonly internal: boolean;
  /** A cookie session must have signed in recently. */
  readonly fresh: boolean;
}

/** Columns: method, path, operation, scope, feature, since, body, flags. `-` is none. */
const table = `
GET    /user/apptoken listAppTokens user:admin APP_SPECIFIC_TOKENS - - -
POST   /user/apptoken createAppToken user:admin APP_SPECIFIC_TOKENS - NewAppToken fresh
DELETE /user/apptoken/{token_uuid} revokeAppToken user:admin APP_SPECIFIC_TOKENS - - fresh
GET    /user/apptoken/{token_uuid} getAppToken user:admin APP_SPECIFIC_TOKENS - - fresh
GET    /registry/capabilities getRegistryCapabilities - - 3.17 - -
GET    /discovery discovery - - - - -
GET    /error/{error_type} getErrorDescription - - - - -
DELETE /message/{uuid} deleteGlobalMessage super:user - - - fresh
GET    /messages getGlobalMessages - - - - -
POST   /messages createGlobalMessage super:user - - CreateMessage fresh
GET    /organization/{orgname}/immutabilitypolicy/ listOrgImmutabilityPolicies org:admin IMMUTABLE_TAGS 3.17 - -
POST   /organization/{orgname}/immutabilitypolicy/ createOrgImmutabilityPolicy org:admin IMMUTABLE_TAGS 3.17 ImmutabilityPolicyConfig -
DELETE /organization/{orgname}/immutabilitypolicy/{policy_uuid} deleteOrgImmutabilityPolicy org:admin IMMUTABLE_TAGS 3.17 - -
GET    /organization/{orgname}/immutabilitypolicy/{policy_uuid} getOrgImmutabilityPolicy org:admin IMMUTABLE_TAGS 3.17 - -
PUT    /organization/{orgname}/immutabilitypolicy/{policy_uuid} updateOrgImmutabilityPolicy org:admin IMMUTABLE_TAGS 3.17 ImmutabilityPolicyConfig -
GET    /repository/{repository}/immutabilitypolicy/ listRepositoryImmutabilityPolicies repo:admin IMMUTABLE_TAGS 3.17 - -
POST   /repository/{repository}/immutabilitypolicy/ createRepositoryImmutabilityPolicy repo:admin IMMUTABLE_TAGS 3.17 ImmutabilityPolicyConfig -
DELETE /repository/{repository}/immutabilitypolicy/{policy_uuid} deleteRepositoryImmutabilityPolicy repo:admin IMMUTABLE_TAGS 3.17 - -
GET    /repository/{repository}/immutabilitypolicy/{policy_uuid} getRepositoryImmutabilityPolicy repo:admin IMMUTABLE_TAGS 3.17 - -
PUT    /repository/{repository}/immutabilitypolicy/{policy_uuid} updateRepositoryImmutabilityPolicy repo:admin IMMUTABLE_TAGS 3.17 ImmutabilityPolicyConfig -
GET    /organization/{orgname}/aggregatelogs getAggregateOrgLogs org:admin AGGREGATED_LOG_COUNT_RETRIEVAL - - -
POST   /organization/{orgname}/exportlogs exportOrgLogs org:admin LOG_EXPORT - ExportLogs -
GET    /organization/{orgname}/logs listOrgLogs org:admin - - - -
GET    /repository/{repository}/aggregatelogs getAggregateRepoLogs repo:admin AGGREGATED_LOG_COUNT_RETRIEVAL - - -
POST   /repository/{repository}/exportlogs exportRepoLogs repo:admin LOG_EXPORT - ExportLogs -
GET    /repository/{repository}/logs listRepoLogs repo:admin - - - -
GET    /user/aggregatelogs getAggregateUserLogs user:admin AGGREGATED_LOG_COUNT_RETRIEVAL - - -
POST   /user/exportlogs exportUserLogs user:admin LOG_EXPORT - ExportLogs -
GET    /user/logs listUserLogs user:admin - - - -
GET    /repository/{repository}/manifest/{manifestref} getRepoManifest repo:read - - - -
GET    /repository/{repository}/manifest/{manifestref}/labels listManifestLabels repo:read - - - -
POST   /repository/{repository}/manifest/{manifestref}/labels addManifestLabel repo:write - - AddLabel -
DELETE /repository/{repository}/manifest/{manifestref}/labels/{labelid} deleteManifestLabel repo:write - - - -
GET    /repository/{repository}/manifest/{manifestref}/labels/{labelid} getManifestLabel repo:read - - - -
GET    /repository/{repository}/mirror getRepoMirrorConfig repo:admin REPO_MIRROR - - -
POST   /repository/{repository}/mirror createRepoMirrorConfig repo:admin REPO_MIRROR - CreateMirrorConfig -
PUT    /repository/{repository}/mirror changeRepoMirrorConfig repo:admin REPO_MIRROR - UpdateMirrorConfig -
POST   /repository/{repository}/mirror/sync-cancel syncCancel repo:admin REPO_MIRROR - - -
POST   /repository/{repository}/mirror/sync-now syncNow repo:admin REPO_MIRROR - - -
GET    /repository/mirror/health getRepositoryMirrorHealth - REPO_MIRROR 3.18 - fresh
GET    /organization/{orgname}/notifications listOrgNotifications - QUOTA_NOTIFICATIONS 3.18 - -
POST   /organization/{orgname}/notifications createOrgNotification - QUOTA_NOTIFICATIONS 3.18 - -
DELETE /organization/{orgname}/notifications/{uuid} deleteOrgNotification - QUOTA_NOTIFICATIONS 3.18 - -
GET    /organization/{orgname}/notifications/{uuid} getOrgNotification - QUOTA_NOTIFICATIONS 3.18 - -
POST   /organization/{orgname}/notifications/{uuid} resetOrgNotificationFailures - QUOTA_NOTIFICATIONS 3.18 - -
POST   /organization/{orgname}/notifications/{uuid}/test testOrgNotification - QUOTA_NOTIFICATIONS 3.18 - -
GET    /user/namespacenotifications listUserNamespaceNotifications user:admin QUOTA_NOTIFICATIONS 3.18 - -
POST   /user/namespacenotifications createUserNamespaceNotification user:admin QUOTA_NOTIFICATIONS 3.18 NotificationCreateRequest -
DELETE /user/namespacenotifications/{uuid} deleteUserNamespaceNotification user:admin QUOTA_NOTIFICATIONS 3.18 - -
GET    /user/namespacenotifications/{uuid} getUserNamespaceNotification user:admin QUOTA_NOTIFICATIONS 3.18 - -
POST   /user/namespacenotifications/{uuid} resetUserNamespaceNotificationFailures user:admin QUOTA_NOTIFICATIONS 3.18 - -
POST   /user/namespacenotifications/{uuid}/test testUserNamespaceNotification user:admin QUOTA_NOTIFICATIONS 3.18 - -
GET    /organization/{orgname}/quota listOrganizationQuota - QUOTA_MANAGEMENT - - -
POST   /organization/{orgname}/quota createOrganizationQuota super:user QUOTA_MANAGEMENT - NewOrgQuota -
DELETE /organization/{orgname}/quota/{quota_id} deleteOrganizationQuota super:user QUOTA_MANAGEMENT - - -
GET    /organization/{orgname}/quota/{quota_id} getOrganizationQuota - QUOTA_MANAGEMENT - - -
PUT    /organization/{orgname}/quota/{quota_id} changeOrganizationQuota super:user QUOTA_MANAGEMENT - UpdateOrgQuota -
GET    /organization/{orgname}/quota/{quota_id}/limit listOrganizationQuotaLimit - QUOTA_MANAGEMENT - - -
POST   /organization/{orgname}/quota/{quota_id}/limit createOrganizationQuotaLimit super:user QUOTA_MANAGEMENT - NewOrgQuotaLimit -
DELETE /organization/{orgname}/quota/{quota_id}/limit/{limit_id} deleteOrganizationQuotaLimit super:user QUOTA_MANAGEMENT - - -
GET    /organization/{orgname}/quota/{quota_id}/limit/{limit_id} getOrganizationQuotaLimit - QUOTA_MANAGEMENT - - -
PUT    /organization/{orgname}/quota/{quota_id}/limit/{limit_id} changeOrganizationQuotaLimit super:user QUOTA_MANAGEMENT - UpdateOrgQuotaLimit -
GET    /user/quota listUserQuota user:admin QUOTA_MANAGEMENT - - -
GET    /user/quota/{quota_id} getUserQuota user:admin QUOTA_MANAGEMENT - - -
GET    /user/quota/{quota_id}/limit listUserQuotaLimit user:admin QUOTA_MANAGEMENT - - -
GET    /user/quota/{quota_id}/limit/{limit_id} getUserQuotaLimit user:admin QUOTA_MANAGEMENT - - -
DELETE /organization/{orgname}/mirror deleteOrgMirrorConfig org:admin ORG_MIRROR 3.17 - -
GET    /organization/{orgname}/mirror getOrgMirrorConfig org:admin ORG_MIRROR 3.17 - -
POST   /organization/{orgname}/mirror createOrgMirrorConfig org:admin ORG_MIRROR 3.17 CreateOrgMirrorConfig -
PUT    /organization/{orgname}/mirror updateOrgMirrorConfig org:admin ORG_MIRROR 3.17 UpdateOrgMirrorConfig -
GET    /organization/{orgname}/mirror/repositories listOrgMirrorRepositories org:admin ORG_MIRROR 3.17 - -
POST   /organization/{orgname}/mirror/sync-cancel cancelOrgMirrorSync org:admin ORG_MIRROR 3.17 - -
POST   /organization/{orgname}/mirror/sync-now syncOrgMirrorNow org:admin ORG_MIRROR 3.17 - -
POST   /organization/{orgname}/mirror/verify verifyOrgMirrorConnection org:admin ORG_MIRROR 3.17 - -
GET    /app/{client_id} getApplicationInformation - - - - -
POST   /organization/ createOrganization user:admin - - NewOrg -
DELETE /organization/{orgname} deleteAdminedOrganization org:admin - - - fresh
GET    /organization/{orgname} getOrganization - - - - -
PUT    /organization/{orgname} changeOrganizationDetails org:admin - - UpdateOrg -
GET    /organization/{orgname}/applications getOrganizationApplications org:admin - - - -
POST   /organization/{orgname}/applications createOrganizationApplication org:admin - - NewApp -
DELETE /organization/{orgname}/applications/{client_id} deleteOrganizationApplication org:admin - - - -
GET    /organization/{orgname}/applications/{client_id} getOrganizationApplication org:admin - - - -
PUT    /organization/{orgname}/applications/{client_id} updateOrganizationApplication org:admin - - UpdateApp -
POST   /organization/{orgname}/applications/{client_id}/resetclientsecret resetOrganizationApplicationClientSecret - - - - internal
GET    /organization/{orgname}/collaborators getOrganizationCollaborators org:admin - - - -
GET    /organization/{orgname}/members getOrganizationMembers org:admin - - - -
DELETE /organization/{orgname}/members/{membername} removeOrganizationMember org:admin - - - -
GET    /organization/{orgname}/members/{membername} getOrganizationMember org:admin - - - -
DELETE /organization/{orgname}/proxycache deleteProxyCacheConfig - PROXY_CACHE - - -
GET    /organization/{orgname}/proxycache getProxyCacheConfig - PROXY_CACHE - - -
POST   /organization/{orgname}/proxycache createProxyCacheConfig - PROXY_CACHE - NewProxyCacheConfig -
POST   /organization/{orgname}/validateproxycache validateProxyCacheConfig - PROXY_CACHE - NewProxyCacheConfig -
GET    /organization/{orgname}/applications/{client_id}/tokens listOrganizationApplicationTokens org:admin - 3.18 - -
POST   /organization/{orgname}/applications/{client_id}/tokens createOrganizationApplicationToken org:admin - 3.18 NewApplicationToken -
DELETE /organization/{orgname}/applications/{client_id}/tokens/{token_uuid} deleteOrganizationApplicationToken org:admin - 3.18 - -
GET    /repository/{repository}/permissions/team/ listRepoTeamPermissions repo:admin - - - -
DELETE /repository/{repository}/permissions/team/{teamname} deleteTeamPermissions repo:admin - - - -
GET    /repository/{repository}/permissions/team/{teamname} getTeamPermissions repo:admin - - - -
PUT    /repository/{repository}/permissions/team/{teamname} changeTeamPermissions repo:admin - - TeamPermission -
GET    /repository/{repository}/permissions/user/ listRepoUserPermissions repo:admin - - - -
DELETE /repository/{repository}/permissions/user/{username} deleteUserPermissions repo:admin - - - -
GET    /repository/{repository}/permissions/user/{username} getUserPermissions repo:admin - - - -
PUT    /repository/{repository}/permissions/user/{username} changeUserPermissions repo:admin - - UserPermission -
GET    /repository/{repository}/permissions/user/{username}/transitive getUserTransitivePermission repo:admin - - - -
GET    /organization/{orgname}/autoprunepolicy/ listOrganizationAutoPrunePolicies org:admin AUTO_PRUNE 3.10 - -
POST   /organization/{orgname}/autoprunepolicy/ createOrganizationAutoPrunePolicy org:admin AUTO_PRUNE 3.10 AutoPrunePolicyConfig -
DELETE /organization/{orgname}/autoprunepolicy/{policy_uuid} deleteOrganizationAutoPrunePolicy org:admin AUTO_PRUNE 3.10 - -
GET    /organization/{orgname}/autoprunepolicy/{policy_uuid} getOrganizationAutoPrunePolicy org:admin AUTO_PRUNE 3.10 - -
PUT    /organization/{orgname}/autoprunepolicy/{policy_uuid} updateOrganizationAutoPrunePolicy org:admin AUTO_PRUNE 3.10 AutoPrunePolicyConfig -
GET    /repository/{repository}/autoprunepolicy/ listRepositoryAutoPrunePolicies repo:admin AUTO_PRUNE 3.11 - -
POST   /repository/{repository}/autoprunepolicy/ createRepositoryAutoPrunePolicy repo:admin AUTO_PRUNE 3.11 AutoPrunePolicyConfig -
DELETE /repository/{repository}/autoprunepolicy/{policy_uuid} deleteRepositoryAutoPrunePolicy repo:admin AUTO_PRUNE 3.11 - -
GET    /repository/{repository}/autoprunepolicy/{policy_uuid} getRepositoryAutoPrunePolicy repo:admin AUTO_PRUNE 3.11 - -
PUT    /repository/{repository}/autoprunepolicy/{policy_uuid} updateRepositoryAutoPrunePolicy repo:admin AUTO_PRUNE 3.11 AutoPrunePolicyConfig -
GET    /user/autoprunepolicy/ listUserAutoPrunePolicies user:admin AUTO_PRUNE 3.10 - -
POST   /user/autoprunepolicy/ createUserAutoPrunePolicy user:admin AUTO_PRUNE 3.10 AutoPrunePolicyConfig -
DELETE /user/autoprunepolicy/{policy_uuid} deleteUserAutoPrunePolicy user:admin AUTO_PRUNE 3.10 - -
GET    /user/autoprunepolicy/{policy_uuid} getUserAutoPrunePolicy user:admin AUTO_PRUNE 3.10 - -
PUT    /user/autoprunepolicy/{policy_uuid} updateUserAutoPrunePolicy user:admin AUTO_PRUNE 3.10 AutoPrunePolicyConfig -
GET    /organization/{orgname}/prototypes getOrganizationPrototypePermissions org:admin - - - -
POST   /organization/{orgname}/prototypes createOrganizationPrototypePermission org:admin - - NewPrototype -
DELETE /organization/{orgname}/prototypes/{prototypeid} deleteOrganizationPrototypePermission org:admin - - - -
PUT    /organization/{orgname}/prototypes/{prototypeid} updateOrganizationPrototypePermission org:admin - - PrototypeUpdate -
GET    /repository listRepos repo:read - - - -
POST   /repository createRepo repo:create - - NewRepo -
DELETE /repository/{repository} deleteRepository repo:admin - - - -
GET    /repository/{repository} getRepo repo:read - - - -
PUT    /repository/{repository} updateRepo repo:write - - RepoUpdate -
PUT    /repository/{repository}/changestate changeRepoState repo:admin REPO_MIRROR - ChangeRepoState -
POST   /repository/{repository}/changevisibility changeRepoVisibility repo:admin - - ChangeVisibility -
GET    /repository/{repository}/notification/ listRepoNotifications repo:admin - - - -
POST   /repository/{repository}/notification/ createRepoNotification repo:admin - - NotificationCreateRequest -
DELETE /repository/{repository}/notification/{uuid} deleteRepoNotification repo:admin - - - -
GET    /repository/{repository}/notification/{uuid} getRepoNotification repo:admin - - - -
POST   /repository/{repository}/notification/{uuid} resetRepositoryNotificationFailures repo:admin - - - -
POST   /repository/{repository}/notification/{uuid}/test testRepoNotification repo:admin - - - -
GET    /organization/{orgname}/robots getOrgRobots org:admin - - - -
DELETE /organization/{orgname}/robots/{robot_shortname} deleteOrgRobot org:admin - - - -
GET    /organization/{orgname}/robots/{robot_shortname} getOrgRobot org:admin - - - -
PUT    /organization/{orgname}/robots/{robot_shortname} createOrgRobot org:admin - - CreateRobot -
DELETE /organization/{orgname}/robots/{robot_shortname}/federation deleteOrgRobotFederation org:admin - 3.13 - -
GET    /organization/{orgname}/robots/{robot_shortname}/federation getOrgRobotFederation org:admin - 3.13 - -
POST   /organization/{orgname}/robots/{robot_shortname}/federation createOrgRobotFederation org:admin - 3.13 CreateRobotFederation -
GET    /organization/{orgname}/robots/{robot_shortname}/permissions getOrgRobotPermissions user:admin - - - -
POST   /organization/{orgname}/robots/{robot_shortname}/regenerate regenerateOrgRobotToken org:admin - - - -
GET    /user/robots getUserRobots user:admin - - - -
DELETE /user/robots/{robot_shortname} deleteUserRobot user:admin - - - -
GET    /user/robots/{robot_shortname} getUserRobot user:admin - - - -
PUT    /user/robots/{robot_shortname} createUserRobot user:admin - - CreateRobot -
DELETE /user/robots/{robot_shortname}/federation deleteUserRobotFederation user:admin - 3.13 - -
GET    /user/robots/{robot_shortname}/federation getUserRobotFederation user:admin - 3.13 - -
POST   /user/robots/{robot_shortname}/federation createUserRobotFederation user:admin - 3.13 CreateRobotFederation -
GET    /user/robots/{robot_shortname}/permissions getUserRobotPermissions user:admin - - - -
POST   /user/robots/{robot_shortname}/regenerate regenerateUserRobotToken user:admin - - - -
GET    /entities/{prefix} getMatchingEntities - - - - -
GET    /find/all conductSearch repo:read - - - -
GET    /find/repositories conductRepoSearch - - - - -
GET    /superuser/aggregatelogs listAllAggregateLogs - SUPER_USERS - - internal,fresh
GET    /superuser/apptokens listAllAppTokens super:user APP_SPECIFIC_TOKENS - - fresh
GET    /superuser/logs listAllLogs super:user SUPER_USERS - - fresh
GET    /superuser/mirror/health getSuperUserRepositoryMirrorHealth - REPO_MIRROR 3.18 - fresh
GET    /superuser/organization/{namespace}/quota listOrganizationQuotaSuperUser super:user QUOTA_MANAGEMENT - - fresh
POST   /superuser/organization/{namespace}/quota createOrganizationQuotaSuperUser super:user QUOTA_MANAGEMENT - NewNamespaceQuota fresh
DELETE /superuser/organization/{namespace}/quota/{quota_id} deleteOrganizationQuotaSuperUser super:user QUOTA_MANAGEMENT - - -
PUT    /superuser/organization/{namespace}/quota/{quota_id} changeOrganizationQuotaSuperUser super:user QUOTA_MANAGEMENT - UpdateNamespaceQuota fresh
GET    /superuser/organizations/ listAllOrganizations super:user SUPER_USERS - - internal,fresh
DELETE /superuser/organizations/{name} deleteOrganization super:user SUPER_USERS - - fresh
PUT    /superuser/organizations/{name} changeOrganization super:user SUPER_USERS - - fresh
GET    /superuser/registrysize/ getRegistrySize super:user SUPER_USERS - - internal,fresh
POST   /superuser/registrysize/ queueRegistrySizeCalculation super:user SUPER_USERS - - internal,fresh
POST   /superuser/takeownership/{namespace} takeOwnership super:user SUPER_USERS - - internal,fresh
GET    /superuser/users/ listAllUsers super:user SUPER_USERS - - fresh
POST   /superuser/users/ createInstallUser super:user SUPER_USERS - CreateInstallUser fresh
GET    /superuser/users/{namespace}/quota listUserQuotaSuperUser super:user QUOTA_MANAGEMENT - - fresh
POST   /superuser/users/{namespace}/quota createUserQuotaSuperUser super:user QUOTA_MANAGEMENT - NewNamespaceQuota fresh
DELETE /superuser/users/{namespace}/quota/{quota_id} deleteUserQuotaSuperUser super:user QUOTA_MANAGEMENT - - -
PUT    /superuser/users/{namespace}/quota/{quota_id} changeUserQuotaSuperUser super:user QUOTA_MANAGEMENT - UpdateNamespaceQuota fresh
DELETE /superuser/users/{username} deleteInstallUser super:user SUPER_USERS - - fresh
GET    /superuser/users/{username} getInstallUser super:user SUPER_USERS - - fresh
PUT    /superuser/users/{username} changeInstallUser super:user SUPER_USERS - UpdateInstallUser fresh
GET    /repository/{repository}/build/ getRepoBuilds repo:read - - - -
POST   /repository/{repository}/build/ requestRepoBuild repo:write - - - -
GET    /repository/{repository}/build/{build_uuid} getRepoBuild repo:read - - - -
DELETE /repository/{repository}/build/{build_uuid} cancelRepoBuild repo:admin - - - -
GET    /repository/{repository}/build/{build_uuid}/status getRepoBuildStatus repo:read - - - -
GET    /repository/{repository}/build/{build_uuid}/logs getRepoBuildLogs repo:read - - - -
GET    /repository/{repository}/tokens/ listRepoTokens repo:admin - - - -
POST   /repository/{repository}/tokens/ createToken repo:admin - - - -
GET    /repository/{repository}/tokens/{code} getTokens repo:admin - - - -
PUT    /repository/{repository}/tokens/{code} changeToken repo:admin - - - -
DELETE /repository/{repository}/tokens/{code} deleteToken repo:admin - - - -
GET    /repository/{repository}/trigger/ listBuildTriggers repo:admin - - - -
GET    /repository/{repository}/trigger/{trigger_uuid} getBuildTrigger repo:admin - - - -
PUT    /repository/{repository}/trigger/{trigger_uuid} updateBuildTrigger repo:admin - - - -
DELETE /repository/{repository}/trigger/{trigger_uuid} deleteBuildTrigger repo:admin - - - -
POST   /repository/{repository}/trigger/{trigger_uuid}/activate activateBuildTrigger repo:admin - - - -
POST   /repository/{repository}/trigger/{trigger_uuid}/start manuallyStartBuildTrigger repo:admin - - - -
GET    /repository/{repository}/trigger/{trigger_uuid}/builds listTriggerRecentBuilds repo:admin - - - -
GET    /repository/{repository}/tag/ listRepoTags repo:read - - - -
DELETE /repository/{repository}/tag/{tag} deleteFullTag repo:write - - - -
PUT    /repository/{repository}/tag/{tag} changeTag repo:write - - ChangeTag -
POST   /repository/{repository}/tag/{tag}/expire removeTagFromTimemachine repo:write PERMANENTLY_DELETE_TAGS 3.9 ExpireTag -
POST   /repository/{repository}/tag/{tag}/restore restoreTag repo:write - - RestoreTag -
DELETE /organization/{orgname}/team/{teamname} deleteOrganizationTeam org:admin - - - -
PUT    /organization/{orgname}/team/{teamname} updateOrganizationTeam org:admin - - TeamDescription -
GET    /organization/{orgname}/team/{teamname}/members getOrganizationTeamMembers org:admin - - - -
DELETE /organization/{orgname}/team/{teamname}/members/{membername} deleteOrganizationTeamMember org:admin - - - -
PUT    /organization/{orgname}/team/{teamname}/members/{membername} updateOrganizationTeamMember org:admin - - - -
DELETE /organization/{orgname}/team/{teamname}/syncing disableOrganizationTeamSync org:admin TEAM_SYNCING - - fresh
POST   /organization/{orgname}/team/{teamname}/syncing enableOrganizationTeamSync org:admin TEAM_SYNCING - - fresh
GET    /organization/{orgname}/team/{teamname}/permissions getOrganizationTeamPermissions - - - - -
POST   /signin signinUser - DIRECT_LOGIN - SigninUser internal
POST   /signin/verify verifyUser user:admin DIRECT_LOGIN - VerifyUser internal
POST   /signout logout - - - - internal
DELETE /user/ deleteCurrentUser user:admin - - - internal,fresh
GET    /user/ getLoggedInUser user:read - - - -
POST   /user/ createNewUser - USER_CREATION - NewUser internal
PUT    /user/ changeUserDetails user:admin - - UpdateUser internal,fresh
GET    /user/assignedauthorization listAssignedAuthorizations user:admin - 3.12 - internal
DELETE /user/assignedauthorization/{assigned_authorization_uuid} deleteAssignedAuthorization user:admin - 3.12 - internal
GET    /user/authorizations listUserAuthorizations user:admin - - - internal
DELETE /user/authorizations/{access_token_uuid} deleteUserAuthorization user:admin - - - internal
GET    /user/authorizations/{access_token_uuid} getUserAuthorization user:admin - - - internal
POST   /user/convert convertUserToOrganization user:admin - - ConvertUser internal
GET    /user/notifications listUserNotifications user:admin - - - internal
GET    /user/notifications/{uuid} getUserNotification user:admin - - - internal
PUT    /user/notifications/{uuid} updateUserNotification user:admin - - - internal
GET    /user/starred listStarredRepos user:admin - - - -
POST   /user/starred createStar repo:read - - NewStarredRepository -
DELETE /user/starred/{repository} deleteStar user:admin - - - -
GET    /users/{username} getUserInformation - - - - -
GET    /superuser/config getSuperuserConfig super:user - - - internal
GET    /superuser/keys listServiceKeys super:user - - - -
`;

export const routes: readonly Route[] = table.trim().split('\n').map(parseRow);

function parseRow(row: string): Route {
  const [method = '', path = '', operation = '', scope, feature, since, body, flags = ''] = row.split(/\s+/);
  return {
    method,
    path,
    operation,
    ...given('scope', scope),
    ...given('feature', feature),
    ...given('since', since),
    ...(isSchemaName(body) ? { body } : {}),
    internal: flags.includes('internal'),
    fresh: flags.includes('fresh'),
  };
}

function given<K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> {
  return value === undefined || value === '-' ? {} : ({ [key]: value } as Record<K, string>);
}

function isSchemaName(name: string | undefined): name is SchemaName {
  if (name === undefined || name === '-') return false;
  if (name in schemas) return true;
  throw new Error(`The route table names the schema ${name}, which does not exist`);
}
