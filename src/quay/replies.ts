/**
 * What Quay answers, as far as tranship reads it. Every object is loose: fields that a version adds are no error, and a
 * field that some version lacks is optional.
 */
import { z } from 'zod';

const count = z.number();
const text = z.string();
const textOrNull = z.string().nullish();

/** An answer that is not looked into, or none at all. */
export const Unread = z.unknown();

export const RepositoryState = z.enum(['NORMAL', 'READ_ONLY', 'MIRROR', 'ORG_MIRROR', 'MARKED_FOR_DELETION']);
export type RepositoryState = z.infer<typeof RepositoryState>;

export const RepositoryEntry = z.looseObject({
  namespace: text,
  name: text,
  description: textOrNull,
  is_public: z.boolean().optional(),
  kind: text.nullish(),
  state: RepositoryState.nullish(),
  last_modified: count.nullish(),
});
export type RepositoryEntry = z.infer<typeof RepositoryEntry>;

export const RepositoryPage = z.looseObject({ repositories: z.array(RepositoryEntry), next_page: textOrNull });

export const RepositoryView = z.looseObject({
  namespace: text,
  name: text,
  description: textOrNull,
  is_public: z.boolean(),
  is_organization: z.boolean().optional(),
  state: RepositoryState.nullish(),
  tag_expiration_s: count.nullish(),
  can_write: z.boolean().optional(),
  can_admin: z.boolean().optional(),
});
export type RepositoryView = z.infer<typeof RepositoryView>;

export const CreatedRepository = z.looseObject({ namespace: text, name: text });
export const Success = z.looseObject({ success: z.boolean() }).nullable();

export const Tag = z.looseObject({
  name: text,
  manifest_digest: text,
  is_manifest_list: z.boolean().nullish(),
  size: count.nullish(),
  reversion: z.boolean().nullish(),
  start_ts: count.nullish(),
  end_ts: count.nullish(),
  last_modified: text.nullish(),
  expiration: text.nullish(),
  immutable: z.boolean().nullish(),
  is_sparse: z.boolean().nullish(),
});
export type Tag = z.infer<typeof Tag>;
export const TagPage = z.looseObject({ tags: z.array(Tag), page: count, has_additional: z.boolean() });

const Label = z.looseObject({
  id: text,
  key: text,
  value: text,
  media_type: textOrNull,
  source_type: textOrNull,
});
export const Labels = z.looseObject({ labels: z.array(Label) });
export const ManifestView = z.looseObject({
  digest: text,
  is_manifest_list: z.boolean().nullish(),
  manifest_data: textOrNull,
});

export const TeamEntry = z.looseObject({
  name: text,
  description: textOrNull,
  role: z.enum(['member', 'creator', 'admin']),
  is_synced: z.boolean().nullish(),
  member_count: count.nullish(),
});
export const OrganizationView = z.looseObject({
  name: text,
  email: textOrNull,
  is_admin: z.boolean(),
  is_member: z.boolean(),
  teams: z.record(text, TeamEntry).nullish(),
  tag_expiration_s: count.nullish(),
  invoice_email: z.boolean().nullish(),
  invoice_email_address: textOrNull,
  contact_email: textOrNull,
});
export type OrganizationView = z.infer<typeof OrganizationView>;

export const OrganizationMembers = z.looseObject({
  members: z.array(
    z.looseObject({ name: text, kind: textOrNull, teams: z.array(z.looseObject({ name: text })).nullish() }),
  ),
});

export const TeamView = z.looseObject({
  name: text,
  role: text,
  description: textOrNull,
  new_team: z.boolean().nullish(),
});
const TeamMember = z.looseObject({
  name: textOrNull,
  kind: textOrNull,
  is_robot: z.boolean().nullish(),
  email: textOrNull,
  invited: z.boolean().nullish(),
});
export const TeamMembers = z.looseObject({
  name: text,
  members: z.array(TeamMember),
  can_sync: z.unknown().optional(),
  /** Which group it is, only superusers are shown. */
  synced: z.looseObject({ service: text, config: z.record(text, z.unknown()).nullish() }).nullish(),
});

export const Permission = z.looseObject({ role: text, name: textOrNull, is_robot: z.boolean().nullish() });
export const PermissionsByName = z.looseObject({ permissions: z.record(text, Permission) });

const Principal = z.looseObject({ name: text, kind: textOrNull, is_robot: z.boolean().nullish() });
export const Prototype = z.looseObject({
  id: text,
  role: text,
  activating_user: Principal.nullish(),
  delegate: Principal,
});
export type Prototype = z.infer<typeof Prototype>;
export const Prototypes = z.looseObject({ prototypes: z.array(Prototype) });

export const Robot = z.looseObject({
  name: text,
  description: textOrNull,
  token: textOrNull,
  created: textOrNull,
  last_accessed: textOrNull,
  teams: z.array(z.unknown()).nullish(),
  repositories: z.array(z.unknown()).nullish(),
  unstructured_metadata: z.unknown().optional(),
});
export type Robot = z.infer<typeof Robot>;
export const Robots = z.looseObject({ robots: z.array(Robot) });
export const RobotPermissions = z.looseObject({
  permissions: z.array(z.looseObject({ repository: z.looseObject({ name: text }), role: text })),
});
export const Federation = z.array(z.looseObject({ issuer: text, subject: text }));

/** Three empty strings mean that there is none. */
export const ProxyCache = z.looseObject({
  upstream_registry: textOrNull,
  expiration_s: z.union([count, text]).nullish(),
  insecure: z.union([z.boolean(), text]).nullish(),
});
export type ProxyCache = z.infer<typeof ProxyCache>;

const QuotaLimit = z.looseObject({ id: z.union([text, count]), type: text, limit_percent: count });
export const Quota = z.looseObject({
  id: z.union([text, count]),
  limit_bytes: count,
  limits: z.array(QuotaLimit).nullish(),
  default_config: z.boolean().nullish(),
});
export type Quota = z.infer<typeof Quota>;
export const Quotas = z.array(Quota);

export const AutoPrunePolicy = z.looseObject({
  uuid: text,
  method: z.enum(['number_of_tags', 'creation_date']),
  value: z.union([count, text]),
  tagPattern: textOrNull,
  tagPatternMatches: z.boolean().nullish(),
});
export const AutoPrunePolicies = z.looseObject({ policies: z.array(AutoPrunePolicy) });
export const ImmutabilityPolicy = z.looseObject({
  uuid: text,
  tagPattern: text,
  tagPatternMatches: z.boolean().nullish(),
});
export const ImmutabilityPolicies = z.looseObject({ policies: z.array(ImmutabilityPolicy) });
export const PolicyCreated = z.looseObject({ uuid: text });

export const Notification = z.looseObject({
  uuid: text,
  title: textOrNull,
  event: text,
  method: text,
  config: z.record(text, z.unknown()).nullish(),
  event_config: z.record(text, z.unknown()).nullish(),
  number_of_failures: count.nullish(),
});
export const Notifications = z.looseObject({ notifications: z.array(Notification) });

export const Application = z.looseObject({
  name: text,
  client_id: text,
  client_secret: textOrNull,
  redirect_uri: textOrNull,
  application_uri: textOrNull,
  description: textOrNull,
  avatar_email: textOrNull,
});
export type Application = z.infer<typeof Application>;
export const Applications = z.looseObject({ applications: z.array(Application) });
export const OAuthToken = z.looseObject({
  uuid: text,
  name: textOrNull,
  scope: textOrNull,
  expires_at: textOrNull,
  token: textOrNull,
});
export const OAuthTokens = z.looseObject({ tokens: z.array(OAuthToken) });

export const FirstUser = z.looseObject({ username: text, email: textOrNull, access_token: textOrNull });

export const CurrentUser = z.looseObject({
  anonymous: z.boolean().nullish(),
  username: textOrNull,
  super_user: z.boolean().nullish(),
  /** May read everything and change nothing (newer Quays). */
  global_readonly_super_user: z.boolean().nullish(),
  organizations: z.array(z.looseObject({ name: text, is_org_admin: z.boolean().nullish() })).nullish(),
});
export const PublicUser = z.looseObject({ username: textOrNull, name: textOrNull });

export const SuperUserEntry = z.looseObject({
  username: text,
  email: textOrNull,
  enabled: z.boolean().nullish(),
  super_user: z.boolean().nullish(),
});
export const SuperUserPage = z.looseObject({ users: z.array(SuperUserEntry), next_page: text.nullish() });
export const CreatedUser = z.looseObject({ username: text, email: textOrNull, password: textOrNull });
export const SuperOrganizationPage = z.looseObject({
  organizations: z.array(z.looseObject({ name: text, email: textOrNull })),
  next_page: text.nullish(),
});

export const LogEntry = z.looseObject({ kind: text, metadata: z.record(text, z.unknown()), datetime: text });
export const LogPage = z.looseObject({ logs: z.array(LogEntry), next_page: text.nullish() });

export const Mirror = z.looseObject({
  is_enabled: z.boolean(),
  external_reference: text,
  external_registry_username: textOrNull,
  external_registry_config: z
    .looseObject({
      verify_tls: z.boolean().nullish(),
      unsigned_images: z.boolean().nullish(),
      proxy: z.record(text, z.unknown()).nullish(),
    })
    .nullish(),
  sync_interval: count,
  sync_start_date: textOrNull,
  sync_retries_remaining: count.nullish(),
  sync_status: text,
  root_rule: z.looseObject({ rule_kind: text, rule_value: z.array(text) }),
  robot_username: textOrNull,
  skopeo_timeout_interval: count.nullish(),
  architecture_filter: z.array(text).nullish(),
});
export type Mirror = z.infer<typeof Mirror>;

export const OrganizationMirror = z.looseObject({
  is_enabled: z.boolean(),
  external_registry_type: text,
  external_registry_url: text,
  external_namespace: text,
  external_registry_username: textOrNull,
  external_registry_config: z.looseObject({ verify_tls: z.boolean().nullish() }).nullish(),
  robot_username: textOrNull,
  visibility: textOrNull,
  sync_interval: count,
  sync_start_date: textOrNull,
  sync_status: text,
  sync_retries_remaining: count.nullish(),
  repository_filters: z.array(text).nullish(),
  skopeo_timeout: count.nullish(),
});
export const OrganizationMirrorRepositories = z.looseObject({
  repositories: z.array(
    z.looseObject({ name: text, sync_status: text, status_message: textOrNull, last_sync_date: textOrNull }),
  ),
  page: count,
  has_next: z.boolean(),
});

export const ServerConfig = z.looseObject({
  features: z.record(text, z.unknown()),
  config: z.record(text, z.unknown()).nullish(),
  registry_state: textOrNull,
  version_number: textOrNull,
});
export const Discovery = z.looseObject({ paths: z.record(text, z.unknown()) });
export const Messages = z.looseObject({ messages: z.array(z.unknown()) });
export const VerifyAnswer = z.looseObject({ success: z.boolean(), message: textOrNull });

export const SearchPage = z.looseObject({ results: z.array(z.unknown()), has_additional: z.boolean().nullish() });
export const TransitivePermissions = z.looseObject({ permissions: z.array(z.looseObject({ role: text })) });
export const Member = z.looseObject({ name: text, kind: textOrNull });
export const Collaborators = z.looseObject({ collaborators: z.array(z.looseObject({ name: text })) });
export const CreatedAppToken = z.looseObject({
  token: z.looseObject({ uuid: text, title: textOrNull, token_code: textOrNull }),
});
export const Capabilities = z.looseObject({
  sparse_manifests: z.looseObject({ supported: z.boolean() }).nullish(),
  mirror_architectures: z.array(text).nullish(),
});
