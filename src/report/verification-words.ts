/** What `verify` found, in words that all its renderings share. */
import { countText } from '../kit/quantity.ts';
import { shortDigest } from '../oci/digest.ts';
import type { TagDamage, Verification, VerifiedTag } from './verification.ts';
import { failureText } from './words.ts';

/** Why a tag is listed: `missing at the destination`, `damaged`. */
export function reasonText({ state, reason, error }: VerifiedTag): string {
  if (error !== undefined) return failureText(error);
  return reason ?? state;
}

export function damageText({ what, digest, problem }: TagDamage): string {
  return `${what} ${shortDigest(digest)}  ${problem}`;
}

/** `12 tags whole, 1 damaged`. */
export function verificationText({ totals }: Verification): string {
  const { whole, differs, damaged, repaired, unknown } = totals;
  const trouble = [
    [differs, 'differ'],
    [damaged, 'damaged'],
    [repaired, 'repaired'],
    [unknown, 'not found out'],
  ] as const;
  const parts = trouble.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return [`${countText(whole, 'tag')} whole`, ...parts].join(', ');
}
