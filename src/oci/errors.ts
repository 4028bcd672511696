import type { Digest } from './digest.ts';

/**
 * What a failure means to whoever runs the program. The command line maps each class to one exit code, and the executor
 * decides by it whether another pass may help.
 */
export type FailureClass =
  /** Bad usage or configuration: nothing was tried. Exit 2. */
  | 'usage'
  /** Permanent: trying again gives the same. Exit 1. */
  | 'failed'
  /** Credentials missing, wrong or not enough. Exit 4. */
  | 'auth'
  /** A safety limit, a policy, or an immutable tag said no. Exit 6. */
  | 'refused'
  /** The destination takes no writes: full, over quota, read-only. Exit 7. */
  | 'unwritable'
  /** May pass: unreachable, throttled, 5xx, cut connections. Exit 75. */
  | 'temporary'
  /** Stopped by a signal. Exit 130 or 143. */
  | 'cancelled';

export type Side = 'source' | 'destination';

export interface FailureDetails {
  /** Which end of a copy failed. Absent where there is only one. */
  readonly side?: Side;
  /** The reference, file or URL (without secrets) that it is about. */
  readonly subject?: string;
  /** The server's own words, made safe to print. */
  readonly serverSaid?: string;
  /** What the user can do. */
  readonly hint?: string;
  /** The contents it is about, where the server named them: the blobs that `E_BLOB_MISSING` says are absent. */
  readonly digests?: readonly Digest[];
  readonly cause?: unknown;
}

/**
 * An error that a user may see: a stable code (`E_…`, listed in `docs/reference/errors.md` and by `tranship explain`),
 * what failed, why, and what to do. States that cannot happen throw a plain `Error` instead.
 */
export class TranshipError extends Error {
  override readonly name = 'TranshipError';
  readonly code: string;
  readonly failure: FailureClass;
  readonly side: Side | undefined;
  readonly subject: string | undefined;
  readonly serverSaid: string | undefined;
  readonly hint: string | undefined;
  readonly digests: readonly Digest[];

  constructor(code: `E_${string}`, failure: FailureClass, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.failure = failure;
    this.side = details.side;
    this.subject = details.subject;
    this.serverSaid = details.serverSaid;
    this.hint = details.hint;
    this.digests = details.digests ?? [];
  }

  /** The same error, told from one end of a copy. What it already says wins. */
  at(side: Side, subject?: string): TranshipError {
    if (this.side !== undefined && (this.subject !== undefined || subject === undefined)) return this;
    const { cause, serverSaid, hint } = this;
    return new TranshipError(this.code as `E_${string}`, this.failure, this.message, {
      side: this.side ?? side,
      ...definedOnly({ subject: this.subject ?? subject, serverSaid, hint }),
      digests: this.digests,
      cause: cause ?? this,
    });
  }
}

export function isTranshipError(error: unknown): error is TranshipError {
  return error instanceof TranshipError;
}

function definedOnly(fields: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
