export {
  exitCodeOf,
  exitCodeOfItems,
  exitDone,
  exitFailed,
  exitUsage,
} from '../oci/exit-code.ts';

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

export const exitDifference = 5;
