/** An organisation's quota and the shares of it at which Quay warns and refuses. */
import type { QuayFeatures } from '../features.ts';
import {
  type Comparison,
  call,
  changesOnly,
  create,
  newQuota,
  type PlannedCall,
  remove,
  together,
  update,
} from './change.ts';
import type { ObservedOrganization } from './observed.ts';
import type { DeclaredQuota } from './types.ts';

interface Limit {
  readonly type: 'Warning' | 'Reject';
  readonly percent: number;
}

/**
 * Who sets quotas: a superuser with full access by the organisation's own calls, a plain one by those of the superusers, which
 * are there for quotas and not for their limits.
 */
export type QuotaSetter = 'full-access' | 'superuser';

const setters = {
  'full-access': { create: 'createQuota', change: 'changeQuota', remove: 'deleteQuota' },
  superuser: {
    create: 'createOrganizationQuotaAsSuperUser',
    change: 'changeOrganizationQuotaAsSuperUser',
    remove: 'deleteOrganizationQuotaAsSuperUser',
  },
} as const;

export function quotaSetter(features: QuayFeatures): QuotaSetter {
  const isPlain = !features.isOn('SUPERUSERS_FULL_ACCESS') && features.offers('createOrganizationQuotaAsSuperUser');
  return isPlain ? 'superuser' : 'full-access';
}

export function compareQuota(
  organization: string,
  declared: DeclaredQuota | undefined,
  observed: NonNullable<ObservedOrganization['quotas']> = [],
  setter: QuotaSetter = 'full-access',
): Comparison {
  if (declared === undefined) return together();
  const calls = setters[setter];
  const object = `quota of ${organization}`;
  const existing = observed.find((quota) => quota.default_config !== true);
  if (declared.present === false) {
    return changesOnly(existing && remove(object, [call(calls.remove, { organization, id: `${existing.id}` })]));
  }
  if (existing === undefined) {
    const making = [
      call(calls.create, { organization }, { limit_bytes: declared.limit }),
      ...wantedLimits(declared).map((limit) => limitCreation(organization, newQuota, limit)),
    ];
    return changesOnly(declared.limit === undefined ? undefined : create(object, making));
  }
  const id = `${existing.id}`;
  const changed = declared.limit !== undefined && declared.limit !== existing.limit_bytes;
  return together(
    changesOnly(
      changed
        ? update(object, `limit: ${existing.limit_bytes} → ${declared.limit} bytes`, [
            call(calls.change, { organization, id }, { limit_bytes: declared.limit }),
          ])
        : undefined,
    ),
    compareLimits(organization, declared, existing),
  );
}

function compareLimits(
  organization: string,
  declared: DeclaredQuota,
  quota: NonNullable<ObservedOrganization['quotas']>[number],
): Comparison {
  const id = `${quota.id}`;
  const there = quota.limits ?? [];
  const wanted = wantedLimits(declared);
  const managed = new Set([
    ...(declared.warn === undefined ? [] : ['Warning']),
    ...(declared.reject === undefined ? [] : ['Reject']),
  ]);
  const equals = (limit: Limit, other: { type: string; limit_percent: number }) =>
    limit.type === other.type && limit.percent === other.limit_percent;
  const object = (type: string, percent: number) => `quota ${type.toLowerCase()} of ${organization} at ${percent} %`;
  return changesOnly(
    ...wanted
      .filter((limit) => !there.some((other) => equals(limit, other)))
      .map((limit) => create(object(limit.type, limit.percent), [limitCreation(organization, id, limit)])),
    ...there
      .filter((other) => managed.has(other.type) && !wanted.some((limit) => equals(limit, other)))
      .map((other) =>
        remove(
          object(other.type, other.limit_percent),
          [call('deleteQuotaLimit', { organization, id, limit: `${other.id}` })],
          'not among the declared ones',
        ),
      ),
  );
}

function wantedLimits(declared: DeclaredQuota): Limit[] {
  return [
    ...(declared.warn ?? []).map((percent): Limit => ({ type: 'Warning', percent })),
    ...(declared.reject ?? []).map((percent): Limit => ({ type: 'Reject', percent })),
  ];
}

function limitCreation(organization: string, id: string, limit: Limit): PlannedCall {
  return call('createQuotaLimit', { organization, id }, { type: limit.type, threshold_percent: limit.percent });
}
