/**
 * Quay's state as people declare it (`quay.yaml`). An absent key means "not managed"; nothing is removed for being
 * unmentioned. Where a key holds a list, the list is the whole of it, and what is more than the list is removed only with
 * `--prune`.
 *
 * `C` is what credentials are: in a file references, when it is acted upon their values.
 */
export interface DeclaredQuay<C> {
  readonly organizations: Readonly<Record<string, DeclaredOrganization<C>>>;
  /** Users of a Quay with its own user database. Needs a superuser's token. */
  readonly users?: Readonly<Record<string, DeclaredUser>>;
}

export interface DeclaredUser {
  readonly present?: boolean;
  readonly email?: string;
  readonly enabled?: boolean;
}

export interface DeclaredOrganization<C> {
  /** `false`: the organisation is to be deleted, with all that it holds. */
  readonly present?: boolean;
  readonly email?: string;
  /** Seconds that a deleted tag can be brought back; one of the server's options. */
  readonly tagExpiration?: number;
  readonly teams?: Readonly<Record<string, DeclaredTeam>>;
  /** By short name: `ci`, not `payments+ci`. */
  readonly robots?: Readonly<Record<string, DeclaredRobot>>;
  readonly defaultPermissions?: readonly DeclaredDefaultPermission[];
  readonly proxyCache?: DeclaredProxyCache<C>;
  readonly quota?: DeclaredQuota;
  readonly autoPrune?: readonly DeclaredPrune[];
  readonly immutability?: readonly DeclaredImmutability[];
  readonly applications?: Readonly<Record<string, DeclaredApplication>>;
  readonly mirror?: DeclaredOrganizationMirror<C>;
  readonly repositories?: Readonly<Record<string, DeclaredRepository<C>>>;
}

export type Role = 'read' | 'write' | 'admin';

/** Who a permission is for: `user/ana`, `robot/ci` (of the same organisation), `team/developers`. */
export type Principal = `user/${string}` | `robot/${string}` | `team/${string}`;

export interface DeclaredTeam {
  readonly present?: boolean;
  readonly role?: 'member' | 'creator' | 'admin';
  readonly description?: string;
  /** Users by name, robots as `robot/ci`. */
  readonly members?: readonly string[];
  readonly sync?: DeclaredTeamSync;
}

export type DeclaredTeamSync = { readonly ldap: string } | { readonly oidc: string } | { readonly keystone: string };

export interface DeclaredRobot {
  readonly present?: boolean;
  /** Set when the robot is made. Quay has no call to change it. */
  readonly description?: string;
}

export interface DeclaredDefaultPermission {
  readonly grant: Role;
  readonly to: Principal;
  /** Only for repositories that this user or robot makes. */
  readonly createdBy?: Principal;
}

export interface DeclaredProxyCache<C> {
  readonly present?: boolean;
  readonly upstream?: string;
  /** Seconds. */
  readonly expiration?: number;
  readonly insecure?: boolean;
  /** Quay never gives them back: they go out when the cache is made or replaced. */
  readonly credentials?: C;
}

export interface DeclaredQuota {
  readonly present?: boolean;
  /** Bytes. */
  readonly limit?: number;
  /** Percent of the limit at which Quay warns. */
  readonly warn?: readonly number[];
  /** Percent of the limit at which Quay refuses pushes. */
  readonly reject?: readonly number[];
}

export interface DeclaredPrune {
  /** Keep this many of the newest tags … */
  readonly keepNewest?: number;
  /** … or those made within this time: `7d`, `2w`. Exactly one of the two. */
  readonly keepFor?: string;
  /** A regular expression of the tags that it is about (or not about: `matches: false`). */
  readonly tags?: string;
  readonly matches?: boolean;
}

export interface DeclaredImmutability {
  readonly tags: string;
  readonly matches?: boolean;
}

export interface DeclaredApplication {
  readonly present?: boolean;
  readonly description?: string;
  readonly homepage?: string;
  readonly redirect?: string;
  readonly email?: string;
}

export interface DeclaredMirrorProxy {
  readonly http?: string;
  readonly https?: string;
  readonly none?: string;
}

export interface DeclaredMirror<C> {
  readonly enabled?: boolean;
  /** `host[:port]/namespace/repository` */
  readonly from: string;
  /** Globs, never regular expressions. */
  readonly tags: readonly string[];
  /** Seconds between two runs, at least 60. */
  readonly every: number;
  /** RFC 3339 without a fraction. Default: now. */
  readonly start?: string;
  /** Short name of the organisation's robot that writes. */
  readonly robot: string;
  readonly credentials?: C;
  readonly verifyTls?: boolean;
  readonly unsignedImages?: boolean;
  readonly proxy?: DeclaredMirrorProxy;
  /** Seconds that one tag may take (Quay 3.15 or newer), at least 300. */
  readonly timeout?: number;
  /** `amd64`… (Quay 3.17 or newer). */
  readonly architectures?: readonly string[];
}

export interface DeclaredOrganizationMirror<C> {
  readonly present?: boolean;
  readonly enabled?: boolean;
  readonly kind?: 'quay' | 'harbor';
  /** The source's address, with scheme. */
  readonly from?: string;
  readonly namespace?: string;
  readonly robot?: string;
  readonly visibility?: 'public' | 'private';
  readonly every?: number;
  readonly start?: string;
  readonly credentials?: C;
  readonly repositories?: readonly string[];
  readonly verifyTls?: boolean;
  readonly timeout?: number;
}

export interface DeclaredNotification {
  readonly title?: string;
  readonly event: string;
  readonly method: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly eventConfig?: Readonly<Record<string, unknown>>;
}

export interface DeclaredRepository<C> {
  readonly present?: boolean;
  readonly visibility?: 'public' | 'private';
  readonly description?: string;
  readonly state?: 'normal' | 'read-only' | 'mirror';
  readonly permissions?: Readonly<Record<Principal, Role>>;
  readonly mirror?: DeclaredMirror<C>;
  readonly autoPrune?: readonly DeclaredPrune[];
  readonly immutability?: readonly DeclaredImmutability[];
  readonly notifications?: readonly DeclaredNotification[];
}
