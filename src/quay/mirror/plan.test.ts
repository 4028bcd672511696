import { describe, expect, test } from 'vitest';
import { TranshipError } from '../../oci/errors.ts';
import type { Mirror } from '../replies.ts';
import { removalCap } from './carry-out.ts';
import { planMirrors } from './plan.ts';
import type { MirrorSetup } from './setup.ts';
import type { Found, FoundRepository, MirrorSurvey } from './survey.ts';

const setup: MirrorSetup = {
  source: { host: 'quay.example.com', organization: 'acme' },
  organization: 'copy',
  tags: ['*'],
  every: 600,
  robot: 'mirror',
};

const mirror: Mirror = {
  is_enabled: true,
  external_reference: 'quay.example.com/acme/api',
  sync_interval: 600,
  sync_start_date: '2026-11-24T07:00:00.315408Z',
  sync_status: 'SUCCESS',
  root_rule: { rule_kind: 'tag_glob_csv', rule_value: ['*'] },
  robot_username: 'copy+mirror',
};

const there: FoundRepository = { kind: 'there', state: 'MIRROR', isPublic: false, description: 'mine', mirror };

function surveyed(found: Found, changes: Partial<MirrorSurvey> = {}): MirrorSurvey {
  return {
    source: [{ namespace: 'acme', name: 'api', description: 'theirs', is_public: true }],
    destination: { name: 'copy', is_admin: true, is_member: true },
    found: new Map([['api', found]]),
    robot: { name: 'copy+mirror', exists: true, repositories: new Set(['api']), hasDefaultPermission: true },
    held: 1,
    gone: [],
    ...changes,
  };
}

const context = { abilities: { timeout: true, architectures: false }, now: '2026-11-24T08:00:00Z' };

function changesOf(found: Found, more: Partial<MirrorSetup> = {}, survey: Partial<MirrorSurvey> = {}) {
  const { repositories } = planMirrors({ ...setup, ...more }, surveyed(found, survey), context);
  return repositories[0]?.changes.map(({ action, object, reason }) => `${action} ${object}: ${reason}`);
}

describe('a repository', () => {
  test('that is as it should be gets no call, also after its first run', () => {
    expect(changesOf(there)).toEqual([]);
  });

  test('keeps visibility and description unless they are asked for', () => {
    expect(changesOf(there, { visibility: 'source', description: { from: 'source' } })).toEqual([
      'update repository copy/api: visibility: private → public',
      'update repository copy/api: description differs',
    ]);
    expect(changesOf(there, { visibility: 'private', description: 'mine' })).toEqual([]);
  });

  test('that is absent is made as asked, then its mirror', () => {
    const { repositories } = planMirrors({ ...setup, visibility: 'source' }, surveyed({ kind: 'absent' }), context);
    const [creation, configuration] = repositories[0]?.changes.flatMap(({ calls }) => calls) ?? [];
    expect(creation).toMatchObject({
      name: 'createRepository',
      body: {
        namespace: 'copy',
        repository: 'api',
        visibility: 'public',
        description: 'Mirrored from quay.example.com',
      },
    });
    expect(configuration).toMatchObject({
      name: 'createMirror',
      body: { sync_start_date: context.now, skopeo_timeout_interval: 300, robot_username: 'copy+mirror' },
    });
    expect(configuration?.body).not.toHaveProperty('architecture_filter');
  });

  test('in a state of its own, or that cannot be read, gets none', () => {
    expect(changesOf({ ...there, state: 'ORG_MIRROR' })).toEqual([]);
    expect(changesOf({ ...there, state: 'READ_ONLY' }, { tags: ['v*'] })).toEqual([]);
    const error = new TranshipError('E_QUAY_SCOPE', 'auth', 'no');
    const { repositories } = planMirrors(setup, surveyed({ kind: 'unreadable', error }), context);
    expect(repositories).toEqual([{ repository: 'copy/api', situation: 'unreadable', error, changes: [] }]);
  });

  test('written anew begins anew, whatever differs', () => {
    expect(changesOf(there, { renew: true })).toEqual([
      expect.stringContaining('start: 2026-11-24T07:00:00Z → 2026-11-24T08:00:00Z'),
    ]);
  });

  test('asked for what the server lacks is told of once, however many there are', () => {
    const found = new Map<string, Found>([
      ['api', { kind: 'absent' }],
      ['web', { kind: 'absent' }],
    ]);
    const plan = planMirrors({ ...setup, architectures: ['arm64'] }, surveyed(there, { found }), context);
    expect(plan.lacking).toHaveLength(1);
  });
});

describe('the robot', () => {
  test('is made only where it is known to be absent', () => {
    const robot = { name: 'copy+mirror', exists: undefined, hasDefaultPermission: undefined };
    expect(planMirrors(setup, surveyed(there, { robot }), context).robot).toEqual([]);
    const absent = { ...robot, exists: false, hasDefaultPermission: false };
    expect(planMirrors(setup, surveyed(there, { robot: absent }), context).robot.map(({ object }) => object)).toEqual([
      'robot copy+mirror',
      'default permission of copy for robot/mirror',
    ]);
    expect(planMirrors(setup, surveyed(there, { robot: absent, found: new Map() }), context).robot).toEqual([]);
  });
});

test('of mirrors without source each is told of, with how sure that is', () => {
  const gone = [
    { name: 'old', certain: true },
    { name: 'hidden', certain: false },
  ];
  expect(planMirrors(setup, surveyed(there, { gone }), context).gone).toMatchObject([
    { repository: 'copy/old', certain: true, removal: { action: 'delete' } },
    { repository: 'copy/hidden', certain: false },
  ]);
});

test.each([
  [1, 1],
  [9, 1],
  [20, 2],
  [305, 30],
])('of %d mirrors at most %d are removed at once', (mirrors, cap) => expect(removalCap(mirrors)).toBe(cap));
