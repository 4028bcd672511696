import type { FailureClass } from '../../oci/errors.ts';

/** What an error code means, in words that hold for every place where it can come from. */
export interface ErrorEntry {
  /** One line, no full stop. */
  readonly meaning: string;
  /** What to do, one paragraph. */
  readonly action: string;
  /** The classes that it can have; each stands for an exit code. */
  readonly failure: readonly FailureClass[];
}

export type ErrorEntries = Readonly<Record<`E_${string}`, ErrorEntry>>;

export function entry(failure: FailureClass | readonly FailureClass[], meaning: string, action: string): ErrorEntry {
  return { meaning, action, failure: typeof failure === 'string' ? [failure] : failure };
}
