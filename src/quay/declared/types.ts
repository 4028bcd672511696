/** Declared state with its credentials read: what is compared with a server and applied to it. */
import type * as state from '../../config/quay-state.ts';
import type { Secret } from '../../kit/secret.ts';

export interface DeclaredCredentials {
  readonly username: string;
  /** Absent: unchanged, as Quay never shows what it has. */
  readonly password?: Secret;
  /** Where an absent password was looked for, for messages. */
  readonly passwordFrom?: string;
}

export type DeclaredQuay = state.DeclaredQuay<DeclaredCredentials>;
export type DeclaredOrganization = state.DeclaredOrganization<DeclaredCredentials>;
export type DeclaredRepository = state.DeclaredRepository<DeclaredCredentials>;
export type DeclaredProxyCache = state.DeclaredProxyCache<DeclaredCredentials>;
export type DeclaredMirror = state.DeclaredMirror<DeclaredCredentials>;
export type DeclaredOrganizationMirror = state.DeclaredOrganizationMirror<DeclaredCredentials>;
export type {
  DeclaredApplication,
  DeclaredDefaultPermission,
  DeclaredImmutability,
  DeclaredMirrorProxy,
  DeclaredNotification,
  DeclaredPrune,
  DeclaredQuota,
  DeclaredRobot,
  DeclaredTeam,
  DeclaredTeamSync,
  DeclaredUser,
  Principal,
  Role,
} from '../../config/quay-state.ts';
