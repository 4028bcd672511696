import type { FailureClass } from '../oci/errors.ts';

export interface ExitCode {
  readonly code: number;
  readonly meaning: string;
}

/** What every exit code means; printed by `tranship help exit-codes`. */
export const exitCodes: readonly ExitCode[] = [
  { code: 0, meaning: 'done, or nothing to do' },
  { code: 1, meaning: 'failed' },
  { code: 2, meaning: 'bad usage or configuration' },
  { code: 3, meaning: 'partly failed: some items' },
  { code: 4, meaning: 'authentication needed or denied' },
  { code: 5, meaning: 'difference found (only with --exit-code)' },
  { code: 6, meaning: 'refused by a safety limit or policy' },
  { code: 7, meaning: 'the destination takes no writes: full, over quota, read-only' },
  { code: 75, meaning: 'temporary, worth trying again later' },
  { code: 130, meaning: 'stopped by SIGINT (Ctrl-C)' },
  { code: 143, meaning: 'stopped by SIGTERM' },
];

export const exitDone = 0;
export const exitFailed = 1;
export const exitUsage = 2;
const exitPartly = 3;
export const exitDifference = 5;

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
