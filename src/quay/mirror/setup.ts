/** What is wanted: a whole organisation of one Quay mirrored by another, repository by repository. */
import type { DeclaredMirror, DeclaredMirrorCredentials, DeclaredMirrorProxy } from '../declared/types.ts';

export interface MirrorSetup {
  readonly source: MirrorSource;
  /** Where the mirrors stand; an organisation that exists. */
  readonly organization: string;
  /** Globs, as the shell reads them. At least one. */
  readonly tags: readonly string[];
  /** Seconds between two runs, at least 60. */
  readonly every: number;
  /** The robot that writes: `mirror`, or in full `payments+mirror`. */
  readonly robot: string;
  /** What the destination signs in to the source with. Absent: it pulls without. */
  readonly credentials?: DeclaredMirrorCredentials;
  /** Whether a repository takes part, by its name below the organisation. Absent: all. */
  readonly selects?: (name: string) => boolean;
  /** Of new repositories private where absent; of those that exist left as it is where absent. */
  readonly visibility?: 'private' | 'public' | 'source';
  /** Of new repositories `Mirrored from HOST` where absent; of those that exist left as it is where absent. */
  readonly description?: string | { readonly from: 'source' };
  /** RFC 3339 to the second: when new mirrors begin. Absent: now. */
  readonly start?: string;
  /** Seconds over which the beginnings of new mirrors are spread, so that not all run in the same second. */
  readonly spread?: number;
  readonly verifyTls?: boolean;
  readonly proxy?: DeclaredMirrorProxy;
  /** Seconds that one tag may take, at least 300 (Quay 3.15 or newer). */
  readonly timeout?: number;
  /** `amd64`… (Quay 3.17 or newer, with sparse indexes on). */
  readonly architectures?: readonly string[];
  /** Write existing configurations again, password and start included: the password cannot be read back. */
  readonly renew?: boolean;
}

export interface MirrorSource {
  /** `host[:port]`, as the destination reaches it. */
  readonly host: string;
  readonly organization: string;
}

/** Where the mirror of a repository reads from. */
export function referenceOf({ host, organization }: MirrorSource, name: string): string {
  return `${host}/${organization}/${name}`;
}

/** The mirror that a setup declares for one repository. `start` only where an existing one is to begin anew. */
export function declaredMirror(setup: MirrorSetup, name: string, start: string | undefined): DeclaredMirror {
  const { tags, every, robot, credentials, verifyTls, proxy, timeout, architectures } = setup;
  return {
    from: referenceOf(setup.source, name),
    tags,
    every,
    robot: shortName(robot),
    ...(credentials && { credentials }),
    ...(verifyTls !== undefined && { verifyTls }),
    ...(proxy && { proxy }),
    ...(timeout !== undefined && { timeout }),
    ...(architectures && { architectures }),
    ...(start !== undefined && { start }),
  };
}

/** `payments+mirror` → `mirror`: a mirror's robot is always one of its own organisation. */
export function shortName(robot: string): string {
  return robot.slice(robot.indexOf('+') + 1);
}
