/** What `verify` found, as plain data. */
import type { Digest } from '../oci/digest.ts';
import type { FailureClass } from '../oci/errors.ts';
import { exitCodeOfItems } from '../oci/exit-code.ts';
import type { Failure } from './events.ts';

export interface Verification {
  readonly apiVersion: 'tranship/v1';
  readonly kind: 'Verification';
  readonly intent: string;
  /**
   * Tags that are not as they should be, or were not until they were repaired; whole ones are only counted. Where a repository
   * or a whole stage could not be looked at, one item stands for it, without a tag.
   */
  readonly items: readonly VerifiedTag[];
  readonly totals: Readonly<Record<VerifiedTag['state'] | 'whole', number>>;
}

export interface VerifiedTag {
  readonly stage: string;
  readonly source: string;
  readonly destination: string;
  /**
   * - `differs`: the tag is missing or names something else than at the source;
   * - `damaged`: it names the right digest, and something below is missing or wrong, `error` says why it still is after a repair;
   * - `unknown`: it could not be found out.
   */
  readonly state: 'differs' | 'damaged' | 'repaired' | 'unknown';
  readonly reason?: string;
  readonly digest?: Digest;
  readonly damages?: readonly TagDamage[];
  readonly error?: Failure;
}

export interface TagDamage {
  readonly what: 'manifest' | 'blob' | 'referrer';
  readonly digest: Digest;
  readonly problem: 'missing' | 'wrong content';
}

export function verificationOf(intent: string, whole: number, items: readonly VerifiedTag[]): Verification {
  const of = (state: VerifiedTag['state']) => items.filter((item) => item.state === state).length;
  const totals = {
    whole,
    differs: of('differs'),
    damaged: of('damaged'),
    repaired: of('repaired'),
    unknown: of('unknown'),
  };
  return { apiVersion: 'tranship/v1', kind: 'Verification', intent, items, totals };
}

/** 0 where everything is whole, or was repaired; else as for every run of several items. */
export function exitCodeOfVerification({ items, totals }: Verification): number {
  const failures = items.flatMap(({ state, error }): readonly FailureClass[] =>
    state === 'repaired' ? [] : [error?.failure ?? 'failed'],
  );
  return exitCodeOfItems(totals.whole + totals.repaired, failures);
}
