/** When tags expire and whether they may be changed: what Quay keeps beside an image and a copy does not bring over. */

import type { CallOptions } from '../../oci/ports.ts';
import type { QuayClient } from '../client.ts';
import type { Tag } from '../replies.ts';

export interface MarkChange {
  readonly repository: string;
  readonly tag: string;
  /** Seconds since the epoch; `null` takes an expiry away. Absent: as it should be. */
  readonly expiration?: number | null;
  readonly immutable?: true;
}

export interface MarkRules {
  /** Seconds since the epoch. */
  readonly now: number;
  /** Whether the destination knows immutable tags. */
  readonly immutability: boolean;
}

/** Quay sets an earlier expiry than an hour ahead to one hour ahead, without a word (measured). */
const shortestLife = 3600;

/** Two clocks, and a request in between. */
const tolerance = 60;

/** What has to change so that the destination's tags end when the source's do. Tags that name different images are left out. */
export function compareMarks(
  repository: string,
  source: ReadonlyMap<string, Tag>,
  destination: ReadonlyMap<string, Tag>,
  rules: MarkRules,
): readonly MarkChange[] {
  return [...source.values()].flatMap((from): MarkChange[] => {
    const to = destination.get(from.name);
    if (to === undefined || to.manifest_digest !== from.manifest_digest) return [];
    const change = {
      ...(to.immutable !== true && expiryChange(from.end_ts, to.end_ts, rules)),
      ...(rules.immutability && from.immutable === true && to.immutable !== true && { immutable: true as const }),
    };
    return Object.keys(change).length === 0 ? [] : [{ repository, tag: from.name, ...change }];
  });
}

function expiryChange(
  from: number | null | undefined,
  to: number | null | undefined,
  { now }: MarkRules,
): Pick<MarkChange, 'expiration'> {
  if (typeof from !== 'number') return typeof to === 'number' ? { expiration: null } : {};
  if (from <= now + tolerance) return {};
  const wanted = Math.max(from, now + shortestLife);
  if (typeof to === 'number' && Math.abs(to - wanted) <= tolerance) return {};
  if (typeof to === 'number' && from < now + shortestLife && to <= now + shortestLife) return {};
  return { expiration: from };
}

/** The expiry first: a tag that may not be changed takes none any more. */
export async function applyMarks(
  quay: QuayClient,
  { repository, tag, expiration, immutable }: MarkChange,
  options: CallOptions = {},
): Promise<void> {
  const parameters = { repository, tag };
  if (expiration !== undefined) await quay.call('changeTag', { ...options, parameters, body: { expiration } });
  if (immutable) await quay.call('changeTag', { ...options, parameters, body: { immutable } });
}

/**
 * Tags that got an expiry or were locked merely by being pushed: by labels of their images (`quay.expires-after`,
 * `quay.immutable`), or by a policy of the destination.
 */
export function markedByPush(
  pushed: ReadonlySet<string>,
  destination: ReadonlyMap<string, Tag>,
): { readonly expiring: readonly string[]; readonly locked: readonly string[] } {
  const tags = [...destination.values()].filter(({ name }) => pushed.has(name));
  return {
    expiring: tags.filter(({ end_ts }) => typeof end_ts === 'number').map(({ name }) => name),
    locked: tags.filter(({ immutable }) => immutable === true).map(({ name }) => name),
  };
}
