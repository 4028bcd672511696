/**
 * Observed state as a declaration: what `quay export` writes. Comparing it with what it came from finds nothing to change
 * (secrets aside: Quay never gives them back).
 */

import { withoutFraction } from './mirror.ts';
import type { ObservedOrganization, ObservedRepository, ObservedTeam } from './observed.ts';
import { fromApi, memberFromApi, shortRobotName } from './principal.ts';
import type {
  DeclaredApplication,
  DeclaredDefaultPermission,
  DeclaredImmutability,
  DeclaredMirror,
  DeclaredOrganization,
  DeclaredOrganizationMirror,
  DeclaredProxyCache,
  DeclaredPrune,
  DeclaredQuota,
  DeclaredRepository,
  DeclaredTeam,
  DeclaredTeamSync,
  Principal,
  Role,
} from './types.ts';

export function describeOrganization(observed: ObservedOrganization): DeclaredOrganization {
  const { name, view } = observed;
  return present<DeclaredOrganization>({
    email: realEmail(view?.email),
    tagExpiration: view?.tag_expiration_s ?? undefined,
    teams: mapped(observed.teams, (team) => describeTeam(team, name)),
    robots:
      observed.robots &&
      Object.fromEntries(
        observed.robots.map((robot) => [
          shortRobotName(robot.name, name),
          present({ description: text(robot.description) }),
        ]),
      ),
    defaultPermissions: observed.prototypes?.map((prototype) => describePrototype(prototype, name)),
    proxyCache: describeProxyCache(observed.proxyCache),
    quota: describeQuota(observed.quotas),
    autoPrune: observed.autoPrune?.map(describePrune),
    immutability: observed.immutability?.map(describeImmutability),
    applications:
      observed.applications &&
      Object.fromEntries(
        observed.applications.toReversed().map((application) => [application.name, describeApplication(application)]),
      ),
    mirror: describeOrganizationMirror(observed.mirror, name),
    repositories: mapped(observed.repositories, (repository) => describeRepository(repository, name)),
  });
}

function describeTeam({ entry, members }: ObservedTeam, organization: string): DeclaredTeam {
  const synced = members?.synced;
  return present<DeclaredTeam>({
    role: entry.role,
    description: text(entry.description),
    members: synced
      ? undefined
      : members?.members
          .filter((member) => member.invited !== true)
          .map((member) => memberFromApi(member.name ?? '', organization)),
    sync: synced?.config ? describeSync(synced.config) : undefined,
  });
}

function describeSync(config: Readonly<Record<string, unknown>>): DeclaredTeamSync | undefined {
  if (typeof config['group_dn'] === 'string') return { ldap: config['group_dn'] };
  if (typeof config['group_name'] === 'string') return { oidc: config['group_name'] };
  if (typeof config['group_id'] === 'string') return { keystone: config['group_id'] };
  return undefined;
}

function describePrototype(
  prototype: NonNullable<ObservedOrganization['prototypes']>[number],
  organization: string,
): DeclaredDefaultPermission {
  return present<DeclaredDefaultPermission>({
    grant: prototype.role as Role,
    to: fromApi(prototype.delegate.name, prototype.delegate.kind, organization),
    createdBy: prototype.activating_user ? fromApi(prototype.activating_user.name, 'user', organization) : undefined,
  });
}

function describeProxyCache(cache: ObservedOrganization['proxyCache']): DeclaredProxyCache | undefined {
  if (cache === undefined || (cache.upstream_registry ?? '') === '') return undefined;
  return present<DeclaredProxyCache>({
    upstream: text(cache.upstream_registry),
    expiration: typeof cache.expiration_s === 'number' ? cache.expiration_s : undefined,
    insecure: cache.insecure === true ? true : undefined,
  });
}

function describeQuota(quotas: ObservedOrganization['quotas']): DeclaredQuota | undefined {
  const quota = quotas?.find((candidate) => candidate.default_config !== true);
  if (quota === undefined) return undefined;
  const percents = (type: string) =>
    (quota.limits ?? []).filter((limit) => limit.type === type).map((limit) => limit.limit_percent);
  return { limit: quota.limit_bytes, warn: percents('Warning'), reject: percents('Reject') };
}

function describePrune(policy: NonNullable<ObservedOrganization['autoPrune']>[number]): DeclaredPrune {
  return present<DeclaredPrune>({
    keepNewest: policy.method === 'number_of_tags' ? Number(policy.value) : undefined,
    keepFor: policy.method === 'creation_date' ? String(policy.value) : undefined,
    tags: text(policy.tagPattern),
    matches: policy.tagPattern && policy.tagPatternMatches === false ? false : undefined,
  });
}

function describeImmutability(policy: NonNullable<ObservedOrganization['immutability']>[number]): DeclaredImmutability {
  return present<DeclaredImmutability>({
    tags: policy.tagPattern,
    matches: policy.tagPatternMatches === false ? false : undefined,
  });
}

function describeApplication(
  application: NonNullable<ObservedOrganization['applications']>[number],
): DeclaredApplication {
  return present<DeclaredApplication>({
    description: text(application.description),
    homepage: text(application.application_uri),
    redirect: text(application.redirect_uri),
    email: text(application.avatar_email),
  });
}

function describeOrganizationMirror(
  mirror: ObservedOrganization['mirror'],
  organization: string,
): DeclaredOrganizationMirror | undefined {
  if (mirror === undefined) return undefined;
  return present<DeclaredOrganizationMirror>({
    enabled: mirror.is_enabled,
    kind: mirror.external_registry_type as 'quay' | 'harbor',
    from: mirror.external_registry_url,
    namespace: mirror.external_namespace,
    robot: mirror.robot_username ? shortRobotName(mirror.robot_username, organization) : undefined,
    visibility: mirror.visibility as 'public' | 'private' | undefined,
    every: mirror.sync_interval,
    start: withoutFraction(mirror.sync_start_date),
    credentials: mirror.external_registry_username ? { username: mirror.external_registry_username } : undefined,
    repositories: mirror.repository_filters ?? undefined,
    verifyTls: mirror.external_registry_config?.verify_tls ?? undefined,
    timeout: mirror.skopeo_timeout ?? undefined,
  });
}

const states = {
  NORMAL: 'normal',
  READ_ONLY: 'read-only',
  MIRROR: 'mirror',
  ORG_MIRROR: undefined,
  MARKED_FOR_DELETION: undefined,
} as const;

function describeRepository(observed: ObservedRepository, organization: string): DeclaredRepository {
  const { view } = observed;
  const mirrored = observed.mirror !== undefined && view?.state === 'MIRROR';
  return present<DeclaredRepository>({
    visibility: view?.is_public === true ? 'public' : 'private',
    description: text(view?.description),
    state: mirrored ? undefined : states[view?.state ?? 'NORMAL'],
    permissions: describePermissions(observed, organization),
    mirror: mirrored && observed.mirror ? describeMirror(observed.mirror, organization) : undefined,
    autoPrune: observed.autoPrune?.map(describePrune),
    immutability: observed.immutability?.map(describeImmutability),
    notifications: observed.notifications?.map((notification) =>
      present({
        title: text(notification.title),
        event: notification.event,
        method: notification.method,
        config: notification.config ?? undefined,
        eventConfig: notification.event_config ?? undefined,
      }),
    ),
  });
}

function describePermissions(observed: ObservedRepository, organization: string): Record<Principal, Role> | undefined {
  if (observed.users === undefined && observed.teams === undefined) return undefined;
  return Object.fromEntries([
    ...Object.entries(observed.teams ?? {}).map(([name, { role }]) => [fromApi(name, 'team', organization), role]),
    ...Object.entries(observed.users ?? {}).map(([name, { role }]) => [fromApi(name, 'user', organization), role]),
  ]);
}

function describeMirror(mirror: NonNullable<ObservedRepository['mirror']>, organization: string): DeclaredMirror {
  const config = mirror.external_registry_config;
  return present<DeclaredMirror>({
    enabled: mirror.is_enabled,
    from: mirror.external_reference,
    tags: mirror.root_rule.rule_value,
    every: mirror.sync_interval,
    start: withoutFraction(mirror.sync_start_date),
    robot: shortRobotName(mirror.robot_username ?? '', organization),
    credentials: mirror.external_registry_username ? { username: mirror.external_registry_username } : undefined,
    verifyTls: config?.verify_tls ?? undefined,
    unsignedImages: config?.unsigned_images ?? undefined,
    proxy: describeProxy(config?.proxy),
    timeout: mirror.skopeo_timeout_interval ?? undefined,
    architectures: mirror.architecture_filter?.length ? mirror.architecture_filter : undefined,
  });
}

function describeProxy(proxy: Readonly<Record<string, unknown>> | null | undefined): DeclaredMirror['proxy'] {
  const fields = present({
    http: asText(proxy?.['http_proxy']),
    https: asText(proxy?.['https_proxy']),
    none: asText(proxy?.['no_proxy']),
  });
  return Object.keys(fields).length === 0 ? undefined : fields;
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function text(value: string | null | undefined): string | undefined {
  return value === null || value === '' ? undefined : value;
}

/** Up to 3.18 an account without an address is shown with a random identifier in its place, which no call takes back. */
export function realEmail(value: string | null | undefined): string | undefined {
  return value?.includes('@') === true ? value : undefined;
}

function mapped<In, Out>(
  record: Readonly<Record<string, In>> | undefined,
  map: (value: In) => Out,
): Record<string, Out> | undefined {
  return record && Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

/** The fields that have a value. */
function present<T extends object>(fields: { [Key in keyof T]: T[Key] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
