import { describe, expect, it } from 'vitest';
import { call, create } from './change.ts';
import { compareState } from './compare.ts';
import { needsOf } from './depend.ts';

const needs = (object: string, planned: ReturnType<typeof call>) => [...needsOf(create(object, [planned]))].toSorted();

describe('what a change stands on', () => {
  it.each([
    ['robot o+ci', call('createRobot', { organization: 'o', robot: 'ci' }), ['organization o']],
    [
      'member',
      call('addTeamMember', { organization: 'o', team: 't', member: 'o+ci' }),
      ['organization o', 'robot o+ci', 'team o/t'],
    ],
    [
      'member',
      call('addTeamMember', { organization: 'o', team: 't', member: 'ana' }),
      ['organization o', 'team o/t', 'user ana'],
    ],
    ['repository o/a/b', call('createRepository', {}, { namespace: 'o', repository: 'a/b' }), ['organization o']],
    [
      'permission',
      call('setTeamPermission', { repository: 'o/a', team: 't' }),
      ['organization o', 'repository o/a', 'team o/t'],
    ],
    [
      'permission',
      call('setUserPermission', { repository: 'o/a', user: 'o+ci' }),
      ['organization o', 'repository o/a', 'robot o+ci'],
    ],
    [
      'mirror',
      call('createMirror', { repository: 'o/a' }, { robot_username: 'o+ci' }),
      ['organization o', 'repository o/a', 'robot o+ci'],
    ],
    [
      'default',
      call(
        'createPrototype',
        { organization: 'o' },
        { delegate: { name: 't', kind: 'team' }, activating_user: { name: 'ana' } },
      ),
      ['organization o', 'team o/t', 'user ana'],
    ],
    ['organization o', call('createOrganization', {}, { name: 'o' }), []],
    ['user ana', call('createUser', {}, { username: 'ana' }), []],
  ])('%s', (object, planned, expected) => {
    expect(needs(object, planned)).toEqual(expected);
  });

  it('names are those that comparing gives, so that a failed creation is recognised', () => {
    const declared = {
      robots: { ci: {} },
      teams: { devs: { members: ['robot/ci'] } },
      repositories: { api: { permissions: { 'team/devs': 'read', 'robot/ci': 'write' } as const } },
    };
    const context = { abilities: { timeout: true, architectures: true }, now: '2026-11-24T06:00:00Z' };
    const { changes } = compareState(declared, { name: 'o' }, context);
    const made = new Set(changes.map(({ object }) => object));
    const needed = new Set(changes.flatMap((change) => [...needsOf(change)]));
    expect([...needed].filter((object) => !made.has(object))).toEqual([]);
    expect(needed.size).toBe(4);
  });
});
