/** What failures mean to a script that started the program. The numbers' meanings: `docs/decisions/exit-codes.md`. */
import type { FailureClass } from './errors.ts';

export const exitDone = 0;
export const exitFailed = 1;
export const exitUsage = 2;
export const exitPartly = 3;

const byFailure: Readonly<Record<FailureClass, number>> = {
  usage: exitUsage,
  failed: exitFailed,
  auth: 4,
  refused: 6,
  unwritable: 7,
  temporary: 75,
  cancelled: 130,
};

export function exitCodeOf(failure: FailureClass): number {
  return byFailure[failure];
}

/**
 * The exit code of a run of several items: 0 when all succeeded, 3 when only some did, else the code that all failures
 * share, or 1 where they differ.
 */
export function exitCodeOfItems(succeeded: number, failures: readonly FailureClass[]): number {
  const [first, ...others] = failures;
  if (first === undefined) return exitDone;
  if (succeeded > 0) return exitPartly;
  return others.every((other) => other === first) ? exitCodeOf(first) : exitFailed;
}
