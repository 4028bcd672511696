import { describe, expect, it } from 'vitest';
import { call, remove, update } from './change.ts';
import { deletionCap, deletionsOf, overCap, withoutDeletions } from './deletions.ts';
import type { PlanPart, StatePlan } from './state-plan.ts';

const deletion = remove('robot o+old', [call('deleteRobot', { organization: 'o', robot: 'old' })]);
const other = update('team o/t', 'role', [call('setTeam', { organization: 'o', team: 't' }, {})]);

function plan(part: Partial<PlanPart>): StatePlan {
  const whole = {
    name: 'o',
    kind: 'organization',
    exists: true,
    changes: [],
    remarks: [],
    seen: 0,
    repositoriesWithin: 0,
    ...part,
  } as const;
  return { server: 'quay.example.com', parts: [whole], seen: whole.seen };
}

describe('deletions', () => {
  it('are held back without prune, and nothing else is', () => {
    const { plan: kept, held } = withoutDeletions(plan({ changes: [other, deletion] }));
    expect(kept.parts[0]?.changes).toEqual([other]);
    expect(held).toEqual([deletion]);
  });

  it('are at most a tenth of what was looked at, and three in any case', () => {
    expect(deletionCap(plan({ seen: 5 }))).toBe(3);
    expect(deletionCap(plan({ seen: 100 }))).toBe(10);
    expect(overCap(plan({ seen: 5, changes: Array(3).fill(deletion) }), {})).toBeUndefined();
    expect(overCap(plan({ seen: 5, changes: Array(4).fill(deletion) }), {})).toMatchObject({
      code: 'E_QUAY_PRUNE_CAP',
      failure: 'refused',
    });
    expect(overCap(plan({ seen: 5, changes: Array(4).fill(deletion) }), { max: 4 })).toBeUndefined();
  });

  it('of an organisation weigh what it holds', () => {
    const gone = plan({
      changes: [remove('organization o', [call('deleteOrganization', { organization: 'o' })])],
      repositoriesWithin: 60,
      seen: 1,
    });
    expect(deletionsOf(gone)).toBe(61);
    expect(overCap(gone, {})?.message).toContain('61 objects, and at most 6');
  });
});
