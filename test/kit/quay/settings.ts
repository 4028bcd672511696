import type { FakeClock } from './clock.ts';

/** The versions that change what a client may send or ask. `main` is the development after 3.18 that was recorded. */
type QuayVersion = '3.7' | '3.10' | '3.12' | '3.15' | '3.17' | '3.18' | 'main';

export interface FakeQuayOptions {
  /** Which Quay this is. Routes and fields that came later are unknown to it. Default `main`. */
  readonly version?: QuayVersion;
  /** Switches features by the names of `GET /config`, on top of a server with everything on. */
  readonly features?: Readonly<Record<string, boolean>>;
  /** How the server calls itself in its answers, as `SERVER_HOSTNAME`. Default: where it listens. */
  readonly hostname?: string;
  readonly superUsers?: readonly string[];
  readonly clock?: FakeClock;
  /** Private and loopback addresses that mirrors may read from. Default: all of them. */
  readonly allowedHosts?: readonly string[];
  /** Which host names exist; one that does not is refused as a source. Default: all. */
  readonly resolvable?: (host: string) => boolean;
  /** Where mirrors and proxy caches find the hosts that they name, as `host:port`. Default: as they are named. */
  readonly resolveHost?: (host: string) => string;
  /** Path in front of everything, for a Quay that does not stand at its host's root: `/quay`. */
  readonly basePath?: string;
  /**
   * Refuses requests that come too often with 429. `shipped` limits what Quay's own proxy configuration limits: tokens,
   * manifests, tag lists and the catalogue. Default: none.
   */
  readonly rateLimit?: 'shipped' | { readonly requestsPerSecond: number; readonly burst: number };
  readonly port?: number;
  /**
   * `automatic`: mirror and clean-up workers look for work before a request when five seconds of the clock have passed since
   * they last did. `manual`: only when told.
   */
  readonly workers?: 'automatic' | 'manual';
}

export interface Settings {
  readonly version: QuayVersion;
  /** May change while the server runs. */
  readonly features: Record<string, boolean>;
  readonly superUsers: ReadonlySet<string>;
  readonly allowedHosts: readonly string[] | undefined;
  readonly resolvable: (host: string) => boolean;
  readonly resolveHost: (host: string) => string;
  readonly basePath: string;
  readonly rateLimit: FakeQuayOptions['rateLimit'];
}

/** Every feature flag with its state on a server that has all optional features on. */
const allFeatures: Readonly<Record<string, boolean>> = parseFeatures(`
  ACTION_LOG_ROTATION- ADVERTISE_V2 AGGREGATED_LOG_COUNT_RETRIEVAL ANONYMOUS_ACCESS APP_SPECIFIC_TOKENS ASSIGN_OAUTH_TOKEN
  AUTO_PRUNE BILLING- BITBUCKET_BUILD- BLACKLISTED_EMAILS- BUILD_SUPPORT- CHANGE_TAG_EXPIRATION CLEAR_EXPIRED_RAC_ENTRIES-
  DIRECT_LOGIN DISABLE_PULL_LOGS_FOR_FREE_NAMESPACES- EDIT_QUOTA ENABLE_STALE_MPU_CLEANUP ENTITLEMENT_RECONCILIATION-
  EXPORT_COMPLIANCE- EXTENDED_ACTION_LOGGING- EXTENDED_REPOSITORY_NAMES FIPS- GARBAGE_COLLECTION GENERAL_OCI_SUPPORT
  GITHUB_BUILD- GITHUB_LOGIN- GITLAB_BUILD- GOOGLE_LOGIN- HELM_OCI_SUPPORT IMAGE_EXPIRY_TRIGGER- IMAGE_PULL_STATS-
  IMMUTABLE_TAGS IMMUTABLE_TAGS_CAN_EXPIRE- INVITE_ONLY_USER_CREATION- LIBRARY_SUPPORT LOG_EXPORT MAILING-
  MANIFEST_SIZE_BACKFILL MANIFEST_SUBJECT_BACKFILL NAMESPACE_GARBAGE_COLLECTION NONSUPERUSER_TEAM_SYNCING_SETUP- ORG_MIRROR
  ORG_SHARED_EMAIL- OTEL_TRACING- PARTIAL_USER_AUTOCOMPLETE PERMANENTLY_DELETE_TAGS PERMANENT_SESSIONS
  PROGRAMMATIC_BOOTSTRAP- PROXY_CACHE PROXY_CACHE_BLOB_DOWNLOAD PROXY_STORAGE- PUBLIC_CATALOG- QUOTA_MANAGEMENT
  QUOTA_NOTIFICATIONS QUOTA_SUPPRESS_FAILURES- RATE_LIMITS- READER_BUILD_LOGS- RECAPTCHA- REFERRERS_API
  REPOSITORY_ACTION_COUNTER REPOSITORY_GARBAGE_COLLECTION REPO_MIRROR REQUIRE_ENCRYPTED_BASIC_AUTH- REQUIRE_TEAM_INVITE
  RESTRICTED_USERS- RESTRICTED_V1_PUSH- RH_MARKETPLACE- SECURITY_NOTIFICATIONS- SECURITY_SCANNER-
  SECURITY_SCANNER_NOTIFY_ON_NEW_INDEX SECURITY_SCANNER_V2- SIGNING- SPAM_DETECTION- SPARSE_INDEX- STORAGE_REPLICATION-
  SUPERUSERS_FULL_ACCESS SUPERUSERS_ORG_CREATION_ONLY- SUPERUSER_CONFIGDUMP SUPER_USERS TEAM_SYNCING- UI_DELAY_AFTER_WRITE-
  UI_MODELCARD UI_V2 USERNAME_CONFIRMATION USER_CREATION USER_EVENTS USER_INITIALIZE USER_LAST_ACCESSED USER_LOG_ACCESS
  USER_METADATA- USER_RENAME- VERIFY_QUOTA
`);

/** The features that a version does not have yet. */
const featureSince: Readonly<Record<string, string>> = {
  AUTO_PRUNE: '3.10',
  REFERRERS_API: '3.12',
  ASSIGN_OAUTH_TOKEN: '3.12',
  ORG_MIRROR: '3.17',
  IMMUTABLE_TAGS: '3.17',
  SPARSE_INDEX: '3.17',
  PROGRAMMATIC_BOOTSTRAP: '3.18',
  QUOTA_NOTIFICATIONS: '3.18',
  IMMUTABLE_TAGS_CAN_EXPIRE: '3.17',
};

export function settingsFrom(options: FakeQuayOptions): Settings {
  const version = options.version ?? 'main';
  return {
    version,
    features: featuresOf(version, options.features ?? {}),
    superUsers: new Set(options.superUsers ?? ['admin']),
    allowedHosts: options.allowedHosts,
    resolvable: options.resolvable ?? (() => true),
    resolveHost: options.resolveHost ?? ((host) => host),
    basePath: options.basePath ?? '',
    rateLimit: options.rateLimit,
  };
}

/** Whether a server of `version` has what came with `since`. */
export function hasSince(version: string, since: string | undefined): boolean {
  return since === undefined || minor(version) >= minor(since);
}

function featuresOf(version: QuayVersion, changes: Readonly<Record<string, boolean>>): Record<string, boolean> {
  const known = Object.entries({ ...allFeatures, ...changes }).filter(([name]) =>
    hasSince(version, featureSince[name]),
  );
  return Object.fromEntries(known);
}

function minor(version: string): number {
  if (version === 'main') return 19;
  return Number(version.split('.')[1] ?? 0);
}

function parseFeatures(list: string): Record<string, boolean> {
  const words = list.trim().split(/\s+/);
  return Object.fromEntries(words.map((word) => [word.replace(/-$/, ''), !word.endsWith('-')]));
}
