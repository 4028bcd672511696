/** The rows of the store. Times are epoch milliseconds. */

export type Role = 'read' | 'write' | 'admin';
export type TeamRole = 'member' | 'creator' | 'admin';
type RepositoryState = 'NORMAL' | 'READ_ONLY' | 'MIRROR' | 'ORG_MIRROR';
export type JsonObject = Readonly<Record<string, unknown>>;

/** A user, an organisation or a robot: Quay keeps them in one table, and their names exclude each other. */
export interface Account {
  readonly id: number;
  readonly uuid: string;
  kind: 'user' | 'organization' | 'robot';
  username: string;
  /** A random UUID where none was given. */
  email: string;
  hasEmail: boolean;
  password?: string;
  enabled: boolean;
  tagExpirationSeconds: number;
  invoiceEmail: boolean;
  invoiceEmailAddress: string | null;
  company: string | null;
  familyName: string | null;
  givenName: string | null;
  location: string | null;
  readonly created: number;
  lastAccessed?: number;
  robot?: RobotDetails;
  quota?: Quota;
  proxyCache?: ProxyCache;
  mirror?: OrganizationMirror;
  readonly autoPrune: AutoPrunePolicy[];
  readonly immutability: ImmutabilityPolicy[];
  readonly notifications: Notification[];
  readonly applications: Application[];
  readonly prototypes: Prototype[];
  readonly stars: Set<number>;
  throttledUntil: number;
  failedLogins: number;
}

export interface RobotDetails {
  readonly owner: string;
  readonly shortName: string;
  description: string;
  token: string;
  metadata: unknown;
  federation: readonly JsonObject[];
}

export interface Team {
  readonly id: number;
  readonly organization: string;
  readonly name: string;
  description: string;
  role: TeamRole;
  /** User and robot names in the order they joined. */
  readonly members: Set<string>;
  /** The directory group that fills it, as it was asked for. */
  sync?: Readonly<Record<string, unknown>> | undefined;
}

/** A directory that Quay takes its users from, and its groups with their members. */
export interface Directory {
  readonly service: 'ldap' | 'oidc' | 'keystone';
  readonly groups: Readonly<Record<string, readonly string[]>>;
}

export interface Prototype {
  readonly id: string;
  role: Role;
  readonly activatingUser?: string;
  readonly delegate: { readonly kind: 'user' | 'team'; readonly name: string };
}

export interface Application {
  readonly clientId: string;
  clientSecret: string;
  name: string;
  description: string;
  applicationUri: string;
  redirectUri: string;
  avatarEmail: string | null;
}

export interface OAuthToken {
  readonly id: number;
  readonly uuid: string;
  readonly token: string;
  readonly user: string;
  readonly clientId: string;
  readonly applicationName: string;
  readonly organization: string;
  readonly name: string | null;
  readonly scope: string;
  readonly created: number;
  readonly expires: number;
  lastAccessed?: number;
}

export interface AppToken {
  readonly uuid: string;
  readonly user: string;
  readonly title: string;
  readonly code: string;
  readonly created: number;
  lastAccessed?: number;
}

export interface Repository {
  readonly id: number;
  readonly namespace: string;
  readonly name: string;
  description: string | null;
  public: boolean;
  state: RepositoryState;
  readonly statusToken: string;
  readonly userRoles: Map<string, Role>;
  readonly teamRoles: Map<string, Role>;
  readonly tags: Tag[];
  readonly manifests: Map<string, Manifest>;
  /** Digests of the blobs that this repository may serve. */
  readonly blobs: Set<string>;
  readonly notifications: Notification[];
  readonly autoPrune: AutoPrunePolicy[];
  readonly immutability: ImmutabilityPolicy[];
  mirror?: RepositoryMirror;
  readonly created: number;
}

export interface Tag {
  readonly id: number;
  readonly name: string;
  readonly digest: string;
  readonly start: number;
  end: number | undefined;
  reversion: boolean;
  immutable: boolean;
  /** Keeps a manifest that was pushed by digest for a while; listed nowhere. */
  readonly hidden: boolean;
}

export interface Manifest {
  readonly id: number;
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly labels: Label[];
  readonly created: number;
}

export interface Label {
  readonly id: string;
  readonly key: string;
  readonly value: string;
  readonly sourceType: 'manifest' | 'api';
  readonly mediaType: string;
}

export interface Notification {
  readonly uuid: string;
  readonly title: string | null;
  readonly event: string;
  readonly method: string;
  readonly config: JsonObject;
  readonly eventConfig: JsonObject;
  failures: number;
}

export interface AutoPrunePolicy {
  readonly uuid: string;
  method: string;
  value: number | string;
  tagPattern: string | null;
  tagPatternMatches: boolean;
}

export interface ImmutabilityPolicy {
  readonly uuid: string;
  tagPattern: string;
  tagPatternMatches: boolean;
}

export interface Quota {
  readonly id: number;
  limitBytes: number;
  readonly limits: QuotaLimit[];
}

export interface QuotaLimit {
  readonly id: number;
  type: string;
  percent: number;
}

export interface ProxyCache {
  readonly upstream: string;
  readonly username: string | null;
  readonly password: string | null;
  readonly expirationSeconds: number;
  readonly insecure: boolean;
}

export type SyncStatus = 'CANCEL' | 'FAIL' | 'NEVER_RUN' | 'SUCCESS' | 'SYNCING' | 'SYNC_NOW';

/** What repository and organisation mirrors have in common. */
export interface MirrorSchedule {
  enabled: boolean;
  intervalSeconds: number;
  /** When the next run is due; `undefined` only for a mirror that waits for its first schedule. */
  start: number;
  status: SyncStatus;
  retries: number;
  expires: number | undefined;
}

export interface RepositoryMirror extends MirrorSchedule {
  readonly id: number;
  reference: string;
  username: string | null;
  password: string | null;
  config: JsonObject;
  robot: string;
  globs: readonly string[];
  architectures: readonly string[];
  timeoutSeconds: number;
}

export interface OrganizationMirror extends MirrorSchedule {
  readonly id: number;
  readonly type: string;
  url: string;
  namespace: string;
  username: string | null;
  password: string | null;
  config: JsonObject;
  robot: string;
  visibility: string;
  filters: readonly string[];
  timeoutSeconds: number;
  readonly created: number;
  readonly repositories: MirroredRepository[];
}

export interface MirroredRepository {
  readonly name: string;
  status: SyncStatus | 'SKIP';
  readonly discovered: number;
  lastSync: number | undefined;
  message: string | null;
  repository: string | null;
  /** Its copy here was deleted: it is neither shown nor copied again. */
  deleted: boolean;
}

export interface LogEntry {
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly repository: string | undefined;
  readonly performer: string | undefined;
  readonly metadata: JsonObject;
  readonly ip: string | undefined;
  readonly time: number;
}

export interface GlobalMessage {
  readonly uuid: string;
  readonly content: string;
  readonly mediaType: string;
  readonly severity: string;
}

export interface Upload {
  readonly uuid: string;
  readonly repository: number;
  readonly chunks: Buffer[];
  size: number;
}

export interface Session {
  user?: string;
  csrf: string;
  freshAt: number;
}
