/** Declared state with its credentials read: what is compared with a server and applied to it. */
import type * as state from '../../config/quay-state.ts';
import type { Secret } from '../../kit/secret.ts';

export interface DeclaredMirrorCredentials {
  readonly username: string;
  /** Absent: unchanged, as Quay never shows what it has. */
  readonly password?: Secret;
  /** Where an absent password was looked for, for messages. */
  readonly passwordFrom?: string;
}

export type DeclaredQuay = state.DeclaredQuay<DeclaredMirrorCredentials>;
export type DeclaredOrganization = state.DeclaredOrganization<DeclaredMirrorCredentials>;
export type DeclaredRepository = state.DeclaredRepository<DeclaredMirrorCredentials>;
export type DeclaredProxyCache = state.DeclaredProxyCache<DeclaredMirrorCredentials>;
export type DeclaredMirror = state.DeclaredMirror<DeclaredMirrorCredentials>;
export type DeclaredOrganizationMirror = state.DeclaredOrganizationMirror<DeclaredMirrorCredentials>;
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
