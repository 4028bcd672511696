import { expect, test } from 'vitest';
import { tagName } from '../../test/kit/images.ts';
import { digestOf } from '../oci/digest.ts';
import { totalsOf } from './totals.ts';
import type { PlanItem, RepositoryPlan } from './types.ts';

const digest = digestOf(Buffer.from('image'));
const target = tagName('v1');
const of = { tag: target, target, digest, reason: '' };

function repository(host: string, items: readonly PlanItem[], more: Partial<RepositoryPlan> = {}): RepositoryPlan {
  const place = { registry: host, repository: 'app', location: `${host}/app` };
  return { stage: 'all', source: place, destination: place, items, same: 2, trusted: 1, warnings: [], ...more };
}

const effort = { requests: { 'a.example.com': 3 }, isCounted: (location: string) => location.startsWith('hub.') };

test('items are counted by what is done with them, and bytes where they are known', () => {
  const items: PlanItem[] = [
    { action: 'copy', ...of, bytes: { total: 100, toMove: 60 } },
    { action: 'copy', ...of },
    { action: 'update', ...of, previous: digest, bytes: { total: 10, toMove: 0 } },
    { action: 'prune', target, previous: digest, reason: '' },
    { action: 'blocked', ...of, previous: digest, why: 'immutable' },
  ];
  expect(totalsOf([repository('a.example.com', items), repository('b.example.com', [])], effort)).toEqual({
    copy: 2,
    update: 1,
    prune: 1,
    blocked: 1,
    same: 6,
    failed: 0,
    bytes: { total: 110, toMove: 60 },
    requests: { 'a.example.com': 3 },
    expected: { requests: 10, countedPulls: 0 },
  });
});

test('of bytes nothing is said where none are known', () => {
  const totals = totalsOf([repository('a.example.com', [{ action: 'copy', ...of }])], effort);
  expect(totals).not.toHaveProperty('bytes');
});

test('only what is copied from a registry that counts is a counted pull', () => {
  const items: PlanItem[] = [
    { action: 'copy', ...of },
    { action: 'blocked', ...of, previous: digest, why: 'diverged' },
  ];
  const { expected } = totalsOf([repository('hub.example.com', items), repository('a.example.com', items)], effort);
  expect(expected.countedPulls).toBe(1);
});

test('a repository that could not be looked at is counted as failed', () => {
  const failure = { code: 'E_UNREACHABLE', failure: 'temporary', message: '' } as const;
  expect(totalsOf([repository('a.example.com', [], { failure, same: 0, trusted: 0 })], effort)).toMatchObject({
    failed: 1,
    same: 0,
  });
});
