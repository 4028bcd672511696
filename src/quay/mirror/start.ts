/** When the mirrors of an organisation begin. */
import { createHash } from 'node:crypto';

/**
 * The beginning of `repository`'s mirror: somewhere within `spread` seconds after `base`, always the same for one name, so
 * that the mirrors of an organisation do not all run in the same second, and a second set-up finds nothing to change.
 */
export function startOf(repository: string, base: string, spread = 0): string {
  if (spread <= 0) return base;
  const share = createHash('sha256').update(repository).digest().readUInt32BE(0) / 2 ** 32;
  return toSeconds(Date.parse(base) + Math.floor(share * spread) * 1000);
}

/** RFC 3339 to the second, the only form that Quay takes. */
export function toSeconds(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}
